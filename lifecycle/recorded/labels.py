"""Labels in records: a document for each time that some came, which nobody changes; two machines never lose one."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from pydantic import ValidationError

from ...core import clock, files
from ...core.errors import StoreCorruptedError
from ..contract.monitor_store import Key
from ..contract.monitoring import Label
from ..contract.records import Records
from .documents import adapter

_MOST = 5000


@dataclass(frozen=True, kw_only=True)
class KeptLabel(Label):
    """A label that was joined to its request; ``asked`` is when that was."""

    asked: str = ""


@dataclass(frozen=True, kw_only=True)
class RecordedLabels:
    """The labels of one endpoint; ``folder`` is this machine's, for documents that were read before."""

    records: Records
    endpoint: str
    folder: Path

    def read(self) -> dict[Key, KeptLabel]:
        """Every label, by request and row; the last one for a row counts. Raises StoreCorruptedError."""
        return {
            (label.request_id, label.row or 0): label for name in self._names() for label in self._document(name)
        }  # fmt: skip

    def add(self, labels: Sequence[Label], asked: Mapping[str, str], *, now: str) -> None:
        """Keep labels, ``asked`` by their requests' ids; those that a kill leaves out can come again."""
        kept = [KeptLabel(**vars(one), asked=asked[one.request_id]) for one in labels]
        before = max((_stamp_of(name) for name in self._names()), default="")
        stamp = max(_stamp(now), _stamp_after(before))
        token = secrets.token_hex(4)
        for number in range(0, len(kept), _MOST):
            text = _KIND.dump_json(tuple(kept[number : number + _MOST])).decode()
            self.records.write(f"{self._prefix}{stamp}-{token}-{number // _MOST:06d}.json", text, tag=None)

    @property
    def state(self) -> str:
        """How many documents there are."""
        return str(len(self._names()))

    def _names(self) -> Sequence[str]:
        return self.records.names(self._prefix)

    def _document(self, name: str) -> tuple[KeptLabel, ...]:
        path = self.folder / name
        text = path.read_text(encoding="utf-8") if path.exists() else None
        if text is None:
            record = self.records.read(name)
            if record is None:
                return ()
            text = record.text
            files.private_folder(self.folder)
            files.write_text(path, text)
        try:
            return _KIND.validate_json(text)
        except ValidationError as error:
            path.unlink(missing_ok=True)
            raise StoreCorruptedError(
                f"the record {name} is damaged: it does not hold labels",
                where=name,
                hint="Put an older version of it back: the storage keeps those for a while.",
            ) from error

    @property
    def _prefix(self) -> str:
        return f"monitoring/{self.endpoint}/labels/"


_KIND = adapter(tuple[KeptLabel, ...])


def _stamp(when: str) -> str:
    """A time as a part of a name; the names sort as the times do."""
    return when.replace(":", "")


def _stamp_of(name: str) -> str:
    return name.rpartition("/")[2][: len("2026-01-01T000000.000Z")]


def _stamp_after(stamp: str) -> str:
    """The next moment after another document's: what comes later is later by its name, whatever the clock says."""
    if not stamp:
        return ""
    moment = clock.from_text(f"{stamp[:13]}:{stamp[13:15]}:{stamp[15:]}")
    return _stamp(clock.to_text(moment + timedelta(milliseconds=1)))
