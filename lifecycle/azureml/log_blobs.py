"""The blobs of Azure ML's data collector: which there are of an hour, and their lines, a piece of a blob at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from . import collecting
from .blobs import Container

_PIECE = 4 * 1024 * 1024
_DOING = "read the request log"


class LogBlobs:
    """What the deployments of one endpoint logged; a deployment that was taken off has what it logged, too."""

    def __init__(self, container: Container, endpoint: str) -> None:
        self._container = container
        self._endpoint = endpoint
        self._days: dict[str, Sequence[tuple[str, int]]] = {}

    def deployments(self) -> Sequence[str]:
        """The names of those that logged something."""
        return self._below(f"{self._endpoint}/")

    def first_day(self, deployments: Sequence[str], collection: str) -> str:
        """The first day of which these have a folder, as ``2026-11-28``; "" without any. Years are looked at first."""
        folders = [f"{collecting.folder(self._endpoint, one, collection)}/" for one in deployments]
        parts: list[str] = []
        for _ in ("year", "month", "day"):
            below = [(name, f"{folder}{name}/") for folder in folders for name in self._below(folder) if name.isdigit()]
            if not below:
                return ""
            parts.append(min(name for name, _ in below))
            folders = [folder for name, folder in below if name == parts[-1]]
        return "-".join(parts)

    def _below(self, prefix: str) -> Sequence[str]:
        """The names of the folders below one."""

        def act() -> list[str]:
            found = self._container.client.walk_blobs(name_starts_with=prefix, delimiter="/")
            return [one.name.removeprefix(prefix).rstrip("/") for one in found if one.name.endswith("/")]

        return self._container.asked(act, doing=_DOING) or []

    def lines(self, deployment: str, collection: str, hour: datetime) -> Iterator[bytes]:
        """The lines in the folder of an hour."""
        day = f"{collecting.folder(self._endpoint, deployment, collection)}/{hour:%Y/%m/%d}/"
        for name, size in self._of_day(day):
            if name.startswith(f"{day}{hour:%H}/"):
                yield from self._lines(name, size)

    def _of_day(self, folder: str) -> Sequence[tuple[str, int]]:
        """The blobs of a day with their sizes; one list for all of its hours."""
        if folder not in self._days:

            def act() -> list[tuple[str, int]]:
                return [(one.name, one.size) for one in self._container.client.list_blobs(name_starts_with=folder)]

            self._days[folder] = self._container.asked(act, doing=_DOING) or []
        return self._days[folder]

    def _lines(self, name: str, size: int) -> Iterator[bytes]:
        """The lines that were there when the list was made; nothing of a blob that is gone meanwhile."""
        rest, position = b"", 0
        while position < size:
            piece = self._piece(name, position, min(_PIECE, size - position))
            if not piece:
                break
            position += len(piece)
            *whole, rest = (rest + piece).split(b"\n")
            yield from (line for line in whole if line.strip())
        if rest.strip():
            yield rest

    def _piece(self, name: str, position: int, length: int) -> bytes:
        def act() -> Any:
            return self._container.client.download_blob(name, offset=position, length=length).readall()

        return self._container.asked(act, doing=_DOING) or b""
