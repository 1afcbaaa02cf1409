"""A bucket of Cloud Storage: its objects with their generations, asked again as long as that helps."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from ...core.extras import load
from ..patience import Pace, Patience
from . import errors
from .client import CALL_SECONDS, address_of, signed_in

LIMIT_SECONDS = 120.0
"""How long one document may take; a folder has its own limit."""

_TELEMETRY = "DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA"
"""Without it the SDK asks in the background for the bucket itself, which who may use its objects need not see."""
_Answer = TypeVar("_Answer")


def place_of(uri: str) -> tuple[str, str]:
    """The bucket of an address ``gs://BUCKET/NAME``, and the name in it."""
    bucket, _, name = uri.removeprefix("gs://").partition("/")
    return bucket, name


class Bucket:
    """One bucket, as who is signed in. Every call raises AuthenticationError, ResourceFailedError, TimeoutReachedError.

    The SDK's own tries are switched off: they wait as they like, ours as the service asks, and see lost answers.
    """

    def __init__(self, name: str, pace: Pace | None = None) -> None:
        self.name = name
        self._pace = pace or Pace()
        self._known: Any = None

    @property
    def uri(self) -> str:
        """Its address."""
        return f"gs://{self.name}"

    def patience(self, seconds: float = LIMIT_SECONDS) -> Patience:
        """A piece of work that may take so long from now on."""
        return Patience(seconds=seconds, pace=self._pace)

    def read(self, name: str, patience: Patience, *, doing: str) -> tuple[bytes, str] | None:
        """An object and its generation; None where there is none."""

        def act() -> tuple[bytes, str]:
            blob = self._bucket().blob(name)
            content = blob.download_as_bytes(timeout=CALL_SECONDS, retry=None)
            return content, str(blob.generation)

        return self._found(act, patience, doing)

    def write(self, name: str, content: bytes, generation: str, patience: Patience, *, doing: str) -> str | None:
        """Put an object there where its generation is this one, "0" for none, and give the new one; None where not."""

        def act() -> str | None:
            blob = self._bucket().blob(name)
            blob.upload_from_string(
                content, content_type="application/json", if_generation_match=int(generation), timeout=CALL_SECONDS,
                retry=None, checksum="crc32c",
            )  # fmt: skip
            return str(blob.generation)

        return self._unless_changed(act, patience, doing)

    def upload(self, name: str, path: Path, patience: Patience, *, doing: str) -> None:
        """Put a file there, unless it is there already; large ones go in pieces."""

        def act() -> None:
            blob = self._bucket().blob(name)
            blob.upload_from_filename(
                str(path), if_generation_match=0, timeout=CALL_SECONDS, retry=None, checksum="crc32c"
            )

        self._unless_changed(act, patience, doing)

    def download(self, name: str, path: Path, patience: Patience, *, doing: str) -> bool:
        """Write an object to a file; whether there is one."""

        def act() -> bool:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._bucket().blob(name).download_to_filename(str(path), timeout=CALL_SECONDS, retry=None)
            return True

        return self._found(act, patience, doing) is not None

    def described(self, prefix: str, patience: Patience, *, doing: str) -> Sequence[tuple[str, Mapping[str, str]]]:
        """Names and metadata of all objects that begin so, in the order in which they were written."""

        def act() -> list[tuple[str, Mapping[str, str]]]:
            fields = "items(name,timeCreated,metadata),nextPageToken"
            found = self._client().list_blobs(self.name, prefix=prefix, fields=fields, timeout=CALL_SECONDS, retry=None)
            return [(one.name, one.metadata or {}) for one in sorted(found, key=lambda one: one.time_created)]

        return self._ask(act, patience, doing=doing)

    def names(self, prefix: str, patience: Patience, *, doing: str) -> Sequence[str]:
        """The names of all objects that begin so, sorted, from as many pages as there are."""

        def act() -> list[str]:
            fields = "items(name),nextPageToken"
            found = self._client().list_blobs(self.name, prefix=prefix, fields=fields, timeout=CALL_SECONDS, retry=None)
            return sorted(one.name for one in found)

        return self._ask(act, patience, doing)

    def _unless_changed(self, act: Callable[[], _Answer], patience: Patience, doing: str) -> _Answer | None:
        changed = load("google.api_core.exceptions").PreconditionFailed

        def tried() -> _Answer | None:
            try:
                return act()
            except changed:
                return None

        return self._ask(tried, patience, doing)

    def _found(self, act: Callable[[], _Answer], patience: Patience, doing: str) -> _Answer | None:
        missing = load("google.api_core.exceptions").NotFound

        def tried() -> _Answer | None:
            try:
                return act()
            except missing as error:
                if "no such object" in str(error).lower():
                    return None
                raise

        return self._ask(tried, patience, doing)

    def _ask(self, act: Callable[[], _Answer], patience: Patience, doing: str) -> _Answer:
        api, auth = load("google.api_core.exceptions"), load("google.auth.exceptions")
        network = load("requests.exceptions").RequestException
        corrupted = load("google.cloud.storage.exceptions").DataCorruption
        try:
            return patience.call(act, errors.again, doing=doing)
        except (api.GoogleAPICallError, auth.GoogleAuthError, network, corrupted) as error:
            raise errors.translated(error, doing=doing, resource=self.uri) from error

    def _bucket(self) -> Any:
        return self._client().bucket(self.name)

    def _client(self) -> Any:
        if self._known is None:
            os.environ.setdefault(_TELEMETRY, "true")
            address = address_of("storage", "storage.googleapis.com").partition("/storage/")[0]
            self._known = load("google.cloud.storage").Client(
                project=None, credentials=signed_in(), client_options={"api_endpoint": address}
            )
        return self._known
