"""Records as blobs of the environment's storage account: what two operators write at once is told apart by ETags."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from ...core.extras import load
from .. import lost_answers
from ..contract.records import Record
from ..patience import Pace
from . import errors
from .blobs import Container
from .places import last

_FOLDER = "groundplan/"
_LIMIT_SECONDS = 120.0
_CONFLICTS = (409, 412)
_Answer = TypeVar("_Answer")


class AzureMLRecords:
    """Documents below ``folder`` in a container of a storage account, asked as who is signed in, without a key.

    ``account`` is the account's resource id, ``suffix`` the end of its address, which another cloud has otherwise.
    """

    def __init__(
        self,
        account: str,
        container: str = "artifacts",
        *,
        pace: Pace | None = None,
        suffix: str = "core.windows.net",
        folder: str = _FOLDER,
    ) -> None:
        self._folder = folder
        self._account = account
        self._container = container
        self._pace = pace or Pace()
        self._address = f"https://{last(account)}.blob.{suffix}"
        self._known: Container | None = None

    @classmethod
    def within(cls, container: Container, folder: str) -> AzureMLRecords:
        """Documents below a folder of a container that is known already."""
        made = cls("", folder=folder)
        made._known = container
        return made

    def read(self, name: str) -> Record | None:
        """The document as it is now; None where there is none."""

        def act() -> Record:
            answer = self._client().download_blob(f"{self._folder}{name}")
            return Record(text=answer.readall().decode("utf-8"), tag=answer.properties.etag)

        return self._asked(act, doing=f"read the record {name}")

    def write(self, name: str, text: str, *, tag: str | None) -> Record:
        """Put a document in place where it still is as ``tag`` says; None: where there is none."""
        settings = load("azure.storage.blob").ContentSettings(content_type="application/json; charset=utf-8")
        unchanged = load("azure.core").MatchConditions.IfNotModified
        condition = {"overwrite": False} if tag is None else {"overwrite": True, "etag": tag}
        condition |= {} if tag is None else {"match_condition": unchanged}

        def act() -> Record | None:
            try:
                blob = self._client().get_blob_client(f"{self._folder}{name}")
                answer = blob.upload_blob(text.encode("utf-8"), content_settings=settings, **condition)
            except load("azure.core.exceptions").HttpResponseError as error:
                if errors.status(error) not in _CONFLICTS:
                    raise
                return None
            return Record(text=text, tag=answer["etag"])

        return self._asked(act, doing=f"write the record {name}") or self._there_already(name, text)

    def names(self, prefix: str) -> Sequence[str]:
        """The names of all documents below a prefix, sorted."""

        def act() -> list[str]:
            found = self._client().list_blob_names(name_starts_with=f"{self._folder}{prefix}")
            return sorted(one.removeprefix(self._folder) for one in found)

        return self._asked(act, doing=f"list the records below {prefix}") or []

    def _there_already(self, name: str, text: str) -> Record:
        """What is there, where it is what was to be written: the answer to an earlier try was lost."""
        return lost_answers.own(self.read(name), text, name=name, where=f"{self._blobs().address}/{self._folder}{name}")

    def _asked(self, act: Callable[[], _Answer], *, doing: str) -> _Answer | None:
        return self._blobs().asked(act, doing=doing)

    def _client(self) -> Any:
        return self._blobs().client

    def _blobs(self) -> Container:
        if self._known is None:
            self._known = Container(
                self._address, self._container, account=self._account, pace=self._pace, seconds=_LIMIT_SECONDS
            )
        return self._known
