"""One document of a type: read with its tag, written only where it still is as it was read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from ...core.errors import LockedError, StoreCorruptedError
from ..contract.records import Records

T = TypeVar("T")
_TRIES = 20


@dataclass(frozen=True, kw_only=True)
class Read(Generic[T]):
    """A document as it was read; None where there is none, and then no tag either."""

    value: T | None
    tag: str | None


@dataclass(frozen=True, kw_only=True)
class Document(Generic[T]):
    """The document of this name; ``what`` it describes, for people."""

    records: Records
    name: str
    kind: TypeAdapter[T]
    what: str

    def read(self) -> Read[T]:
        """The document as it is now. Raises StoreCorruptedError."""
        record = self.records.read(self.name)
        if record is None:
            return Read(value=None, tag=None)
        try:
            return Read(value=self.kind.validate_json(record.text), tag=record.tag)
        except ValidationError as error:
            raise StoreCorruptedError(
                f"the record {self.name} is damaged: it does not describe {self.what}",
                where=self.name,
                hint="Put an older version of it back: the storage keeps those for a while.",
            ) from error

    def write(self, value: T, *, tag: str | None) -> str:
        """Put it in place and give its new tag. Raises LockedError when somebody else changed it meanwhile."""
        text = self.kind.dump_json(value, indent=1).decode()
        return self.records.write(self.name, text, tag=tag).tag

    def change(self, change: Callable[[T | None], T]) -> T:
        """Change it, whoever else does so too; what is the same is not written. Raises what ``change`` raises."""
        tries = 0
        while True:
            read = self.read()
            changed = change(read.value)
            if changed == read.value:
                return changed
            try:
                self.write(changed, tag=read.tag)
            except LockedError:
                tries += 1
                if tries == _TRIES:
                    raise
            else:
                return changed


def put(records: Records, name: str, text: str) -> None:
    """Put a text in place that follows from other records, whoever wrote it before."""
    for attempt in range(_TRIES):
        there = records.read(name)
        if there is not None and there.text == text:
            return
        try:
            records.write(name, text, tag=None if there is None else there.tag)
        except LockedError:
            if attempt == _TRIES - 1:
                raise
        else:
            return


def adapter(kind: Any) -> TypeAdapter[Any]:
    """The reader and writer of a type."""
    return TypeAdapter(kind)
