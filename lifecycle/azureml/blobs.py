"""A container of blobs, asked as who is signed in, without a key; what passes is asked again as the service says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from ...core import digests
from ...core.extras import load
from ..patience import Pace, Patience
from . import errors
from .client import credential

_AT_ONCE = 4
_Answer = TypeVar("_Answer")


class Container:
    """A container, by the address of its account; ``account`` is the id of the resource that says whom to ask."""

    def __init__(self, address: str, name: str, *, account: str, pace: Pace, seconds: float) -> None:
        self.address = f"{address}/{name}"
        self._account = account
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
            raise errors.of_blobs(error, doing=doing, account=self._account) from error
        except core.AzureError as error:
            raise errors.of_blobs(error, doing=doing, account=self._account) from error

    def upload(self, source: Path, path: str, *, doing: str) -> None:
        """Put a folder's files below a path; what an upload that was killed left there is written over."""
        for name in digests.names_below(source):

            def act(name: str = name) -> None:
                with (source / name).open("rb") as content:
                    self.client.upload_blob(f"{path}/{name}", content, overwrite=True, max_concurrency=_AT_ONCE)

            self.asked(act, doing=doing)
