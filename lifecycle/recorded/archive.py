"""Versions that were put away from a ledger, some hundred in a document under its digest, which so never changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError

from ...core import digests
from ...core.errors import StoreCorruptedError
from ..contract.records import Records
from . import together
from .documents import adapter, put
from .kept import KeptVersion

_KIND = adapter(tuple[KeptVersion, ...])


@dataclass(frozen=True, kw_only=True)
class Archive:
    """Below ``versions/``; what was read or written is kept as long as this object is."""

    records: Records
    _read: dict[str, tuple[KeptVersion, ...]] = field(default_factory=dict[str, tuple[KeptVersion, ...]])

    def put_away(self, model: str, versions: Sequence[KeptVersion]) -> str:
        """Keep them, and give the digest under which they are found."""
        text = _KIND.dump_json(tuple(versions), indent=1).decode()
        digest = digests.of_bytes(text.encode())
        put(self.records, _name(model, digest), text)
        self._read[_name(model, digest)] = tuple(versions)
        return digest

    def versions(self, model: str, kept: Sequence[str]) -> list[KeptVersion]:
        """All versions in the documents with these digests, in their order. Raises StoreCorruptedError."""
        found = together.each(lambda digest: self._versions(_name(model, digest), digest), kept)
        return [one for part in found for one in part]

    def _versions(self, name: str, digest: str) -> tuple[KeptVersion, ...]:
        if name not in self._read:
            self._read[name] = _parsed(self.records, name, digest)
        return self._read[name]


def _parsed(records: Records, name: str, digest: str) -> tuple[KeptVersion, ...]:
    record = records.read(name)
    try:
        if record is not None and digests.of_bytes(record.text.encode()) == digest:
            return _KIND.validate_json(record.text)
    except ValidationError:
        pass  # written by another release of groundplan
    raise StoreCorruptedError(
        f"the record {name} is {'gone' if record is None else 'damaged'}: versions were put away there",
        where=name,
        hint="Put an older version of it back: the storage keeps those for a while.",
    )


def _name(model: str, digest: str) -> str:
    return f"versions/{model}/{digest.removeprefix('sha256:')}.json"
