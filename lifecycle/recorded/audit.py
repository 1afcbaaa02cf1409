"""The audit log in records: hash-chained as on the laptop, and appended to by everybody at once."""

from __future__ import annotations

from collections.abc import Sequence

from ...core import digests
from ...core.errors import LockedError, StoreCorruptedError
from .. import audit_chain
from ..audit_chain import Head
from ..contract.model import AuditEntry
from ..contract.records import Records
from .documents import Document, Read, adapter
from .lines import Lines

_FOLDER = "audit"
_HINT = "Put an older version of that record back: the storage keeps those for a while. Keep the damaged one as well."


class RecordedAudit:
    """The log of one project. Its head, kept beside it, says how long it is: lines cut off at the end show too."""

    def __init__(self, records: Records) -> None:
        """Nothing is read yet."""
        self._lines = Lines(records, _FOLDER)
        self._head = Document[Head](
            records=records, name=f"{_FOLDER}/head.json", kind=adapter(Head), what="the end of the audit log"
        )
        self._seen: Read[Head] | None = None

    def entries(self) -> tuple[AuditEntry, ...]:
        """All entries, oldest first. Raises StoreCorruptedError that names the first line that is wrong."""
        self._seen = self._head.read()
        head = self._seen.value or Head()  # before the lines: those that come meanwhile are no damage
        return audit_chain.read(self._lines.read(), head, self._corrupted)

    def append(self, transaction: str, wanted: Sequence[AuditEntry]) -> tuple[AuditEntry, ...]:
        """Append what is not there yet of a transaction's entries; sequence and previous are filled in.

        Call it again after a kill: nothing is written twice.
        """
        written: tuple[AuditEntry, ...] = ()
        last = Head()

        def following(lines: Sequence[bytes]) -> list[str]:
            nonlocal written, last
            entries = audit_chain.read(lines, head, self._corrupted)
            last = Head(sequence=len(lines), digest=digests.of_bytes(lines[-1]) if lines else "")
            new = audit_chain.following(entries, last, transaction, wanted)
            there = [entry for entry in entries if entry.transaction == transaction]
            written = (*there, *(entry for entry, _, _ in new))
            last = new[-1][2] if new else last
            return [line for _, line, _ in new]

        there = self._seen or self._head.read()
        head = there.value or Head()
        self._lines.append(following, fewest=head.sequence)
        self._move_head(last, there)
        return written

    def _move_head(self, last: Head, there: Read[Head]) -> None:
        """Forward only: whoever wrote a later line has moved it further."""
        while there.value is None or there.value.sequence < last.sequence:
            try:
                there = Read(value=last, tag=self._head.write(last, tag=there.tag))
            except LockedError:
                there = self._head.read()
        self._seen = there

    def _corrupted(self, number: int, what: str) -> StoreCorruptedError:
        return StoreCorruptedError(
            f"the audit log is damaged at line {number}: {what}", where=self._lines.place(number), hint=_HINT
        )
