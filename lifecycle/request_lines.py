"""Reads files in the form of the request log; lines that a full disk or a kill cut short are counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from pydantic_core import from_json

from ..core import clock
from .contract.monitoring import Window

_AHEAD = timedelta(minutes=5)
_HEAD = b'{"time":"'
_FIELDS = frozenset({"time", "route", "request_id", "status", "version"})


@dataclass(kw_only=True)
class Remarks:
    """What was met while reading. ``ahead`` are lines of a time that has not come yet, ``damaged`` hold no object."""

    damaged: int = 0
    ahead: int = 0
    oldest: str = ""


@dataclass(frozen=True)
class RequestLines:
    """The predictions of an endpoint's request log: those that callers got, and copies where they are asked for.

    ``files`` gives what the log is kept in, oldest first, whenever it is read.
    """

    files: Callable[[], Sequence[Path]]
    copies: bool = False
    remarks: Remarks = field(default_factory=Remarks)

    def within(self, window: Window | None, now: str) -> Iterator[dict[str, Any]]:
        """The lines of a window, or all that are not of the future."""
        latest = clock.to_text(clock.from_text(now) + _AHEAD)
        for content in self._lines():
            when = _time(content)
            if not self.remarks.oldest or "" < when < self.remarks.oldest:
                self.remarks.oldest = when
            if when > latest:
                self.remarks.ahead += 1
            elif window is None or window.start <= when < window.end or not when:
                line = _whole(content)
                if line is None:
                    self.remarks.damaged += 1
                elif line["route"] == "/predict" and (self.copies or not line.get("mirrored")):
                    yield line

    def notes(self) -> tuple[str, ...]:
        """The remarks in words."""
        said: list[str] = []
        if self.remarks.damaged:
            said.append(f"{self.remarks.damaged} lines of the request log are damaged and were left out")
        if self.remarks.ahead:
            said.append(f"{self.remarks.ahead} requests carry a time that has not come yet: a clock was changed")
        return tuple(said)

    def _lines(self) -> Iterator[bytes]:
        for file in self.files():
            with file.open("rb", buffering=1 << 20) as stream:
                yield from stream


def rotated(path: Path, *, copies: bool = False) -> RequestLines:
    """The log at this path with the old files beside it."""
    return RequestLines(lambda: _files(path), copies=copies)


def _files(path: Path) -> list[Path]:
    old = [one for one in path.parent.glob(f"{path.name}.*") if one.suffix[1:].isdigit()]
    ordered = sorted(old, key=lambda one: -int(one.suffix[1:]))
    return [*ordered, *([path] if path.exists() else [])]


def _time(content: bytes) -> str:
    """The time of a line, which it begins with: most lines are of other windows and need not be read whole."""
    found = content[len(_HEAD) : len(_HEAD) + len("2026-01-01T00:00:00.000Z")]
    return found.decode("ascii", "replace") if content.startswith(_HEAD) and found.endswith(b"Z") else ""


def _whole(content: bytes) -> dict[str, Any] | None:
    try:
        value: object = from_json(content, cache_strings="keys")
    except ValueError:
        return None
    if not isinstance(value, dict) or not value.keys() >= _FIELDS:
        return None
    return cast("dict[str, Any]", value)
