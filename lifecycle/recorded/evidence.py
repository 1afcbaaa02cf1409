"""Evidence in records, each under its digest and so the same for ever; this machine keeps what it has read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...core import digests, files
from ...core.errors import StoreCorruptedError
from .. import evidence_file
from ..contract.evidence import Evidence, Verdict
from ..contract.records import Records
from .documents import put


@dataclass(frozen=True, kw_only=True)
class RecordedEvidence:
    """Below ``evidence/``; ``folder`` holds the copies of this machine."""

    records: Records
    folder: Path

    def keep(self, evidence: Evidence | None, verdict: Verdict | None) -> str:
        """Keep both, and give the digest under which they are found."""
        text, digest = evidence_file.written(evidence, verdict)
        put(self.records, _name(digest), text)
        return digest

    def read(self, digest: str) -> tuple[Evidence | None, Verdict | None]:
        """What was kept under this digest; nothing when it is gone or was changed, which ``demand`` then tells."""
        copy = self.folder / _name(digest)
        if copy.is_file():
            found = evidence_file.read(copy.read_bytes(), digest)
            if found != (None, None):
                return found
        record = self.records.read(_name(digest))
        if record is None:
            return None, None
        found = evidence_file.read(record.text.encode(), digest)
        if found != (None, None):
            files.write_text(copy, record.text)
        return found

    def demand(self, digest: str, *, what: str, hint: str) -> None:
        """Raises StoreCorruptedError when the record is gone or not what was kept; no copy counts."""
        record = self.records.read(_name(digest))
        if record is None:
            raise StoreCorruptedError(f"{what} is gone; expected {digest}", where=_name(digest), hint=hint)
        found = digests.of_bytes(record.text.encode())
        if found != digest:
            raise StoreCorruptedError(
                f"{what} was changed: expected {digest}, found {found}", where=_name(digest), hint=hint
            )


def _name(digest: str) -> str:
    return f"evidence/{digest.removeprefix('sha256:')}.json"
