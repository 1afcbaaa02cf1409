"""A container of blobs, asked as who is signed in, without a key; what passes is asked again as the service says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from ...core import digests
from ...core.errors import StoreCorruptedError
from ...core.extras import load
from ..patience import Pace, Patience
from . import errors
from .client import credential

_AT_ONCE = 4
_Answer = TypeVar("_Answer")


class Container:
    """A container, by the address of its account; ``account`` is the id of the resource that says whom to ask.

    ``role`` is who may do there what is done.
    """

    def __init__(
        self, address: str, name: str, *, account: str, pace: Pace, seconds: float, role: str = errors.BLOB_WRITER
    ) -> None:
        self.address = f"{address}/{name}"
        self._account = account
        self._role = role
        self._pace = pace
        self._seconds = seconds
        blob = load("azure.storage.blob")
        # The SDK's own tries wait longer and longer whatever the service asks for; ours do as it asks.
        self.client: Any = blob.ContainerClient(
            address, name, credential=credential(), retry_policy=blob.LinearRetry(retry_total=0)
        )

    def asked(self, act: Callable[[], _Answer], *, doing: str) -> _Answer | None:
        """What a call gives; None where there is no such blob."""
        core = load("azure.core.exceptions")
        patience = Patience(seconds=self._seconds, pace=self._pace)
        try:
            return patience.call(act, errors.blob_again, doing=doing)
        except core.ResourceNotFoundError as error:
            if getattr(error, "error_code", "") == "BlobNotFound":
                return None
            raise errors.of_blobs(error, doing=doing, account=self._account, role=self._role) from error
        except core.AzureError as error:
            raise errors.of_blobs(error, doing=doing, account=self._account, role=self._role) from error

    def upload(self, source: Path, path: str, *, doing: str) -> None:
        """Put a folder's files below a path; what an upload that was killed left there is written over."""
        for name in digests.names_below(source):
            self.put(source / name, f"{path}/{name}", doing=doing)

    def put(self, source: Path, path: str, *, doing: str, metadata: Mapping[str, str] | None = None) -> None:
        """Put one file at a path, in the place of what is there."""

        def act() -> None:
            with source.open("rb") as content:
                self.client.upload_blob(path, content, overwrite=True, metadata=metadata, max_concurrency=_AT_ONCE)

        self.asked(act, doing=doing)

    def metadata(self, prefix: str, *, doing: str) -> Mapping[str, Mapping[str, str]]:
        """What is noted at each blob whose name begins so."""

        def act() -> dict[str, Mapping[str, str]]:
            found = self.client.list_blobs(name_starts_with=prefix, include=["metadata"])
            return {one.name: one.metadata or {} for one in found}

        return self.asked(act, doing=doing) or {}

    def download(self, path: str, into: Path, *, doing: str) -> bool:
        """Make ``into`` the blob of this name, or a folder of the blobs below it; whether there was anything."""
        path = path.rstrip("/")
        names = [one for one in self.metadata(path, doing=doing) if one == path or one.startswith(f"{path}/")]
        for name in names:
            to = into if name == path else into / name[len(path) + 1 :]
            if ".." in to.relative_to(into).parts:
                raise StoreCorruptedError(f"the blob {name} leads out of its folder", where=self.address)
            to.parent.mkdir(parents=True, exist_ok=True)
            self._fetch(name, to, doing=doing)
        return bool(names)

    def _fetch(self, name: str, to: Path, *, doing: str) -> None:
        def act() -> None:
            with to.open("wb") as stream:
                self.client.download_blob(name, max_concurrency=_AT_ONCE).readinto(stream)

        self.asked(act, doing=doing)
