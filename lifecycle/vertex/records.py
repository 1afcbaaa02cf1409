"""Records as objects of the environment's bucket: what two operators write at once is told apart by generations."""

from __future__ import annotations

from collections.abc import Sequence

from .. import lost_answers
from ..contract.records import Record
from ..patience import Pace
from .bucket import Bucket

_FOLDER = "groundplan/"
_NOTHING = "0"
"""The generation of what is not there."""


class VertexRecords:
    """Documents below ``groundplan/`` in a bucket, as who is signed in; their tags are generations."""

    def __init__(self, bucket: str, *, pace: Pace | None = None) -> None:
        self._bucket = Bucket(bucket, pace)

    def read(self, name: str) -> Record | None:
        """The document as it is now; None where there is none."""
        found = self._bucket.read(f"{_FOLDER}{name}", self._bucket.patience(), doing=f"read the record {name}")
        return None if found is None else Record(text=found[0].decode("utf-8"), tag=found[1])

    def write(self, name: str, text: str, *, tag: str | None) -> Record:
        """Put a document in place where it still is as ``tag`` says; None: where there is none."""
        doing, patience = f"write the record {name}", self._bucket.patience()
        written = self._bucket.write(f"{_FOLDER}{name}", text.encode(), tag or _NOTHING, patience, doing=doing)
        return self._there_already(name, text) if written is None else Record(text=text, tag=written)

    def names(self, prefix: str) -> Sequence[str]:
        """The names of all documents below a prefix, sorted."""
        doing = f"list the records below {prefix}"
        found = self._bucket.names(f"{_FOLDER}{prefix}", self._bucket.patience(), doing=doing)
        return [one.removeprefix(_FOLDER) for one in found]

    def _there_already(self, name: str, text: str) -> Record:
        """What is there, where it is what was to be written: the answer to an earlier try was lost."""
        return lost_answers.own(self.read(name), text, name=name, where=f"{self._bucket.uri}/{_FOLDER}{name}")
