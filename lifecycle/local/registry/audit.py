"""The audit log on disk: one JSON object per line, each with the digest of the line before, so that a change shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ....core import digests, files
from ....core.errors import StoreCorruptedError
from ... import audit_chain
from ...audit_chain import Head
from ...contract.model import AuditEntry

_HINT = (
    "Put a backup of the file back; if there is none, keep the damaged file as evidence: groundplan destroy, then up."
)


@dataclass(frozen=True)
class AuditLog:
    """The log at ``path``. Its head, kept beside it, says how long it is: lines cut off at the end show too."""

    path: Path

    @property
    def head(self) -> Path:
        """Says which line is the last one: its sequence and its digest."""
        return self.path.with_suffix(".head.json")

    def entries(self) -> tuple[AuditEntry, ...]:
        """All entries, oldest first. Raises StoreCorruptedError that names the first line that is wrong."""
        head = self._head()
        return audit_chain.read(self._lines(), head, self._corrupted)

    def append(self, transaction: str, wanted: Sequence[AuditEntry]) -> tuple[AuditEntry, ...]:
        """Append what is not there yet of a transaction's entries; sequence and previous are filled in.

        Call it again after a kill: a torn last line is cut off, and nothing is written twice.
        """
        self._cut_torn_line()
        entries = list(self.entries())
        lines = self._lines()
        last = Head(sequence=len(lines), digest=digests.of_bytes(lines[-1]) if lines else "")
        for entry, line, head in audit_chain.following(entries, last, transaction, wanted):
            files.append_line(self.path, line)
            entries.append(entry)
            last = head
        files.write_json(self.head, asdict(last))
        return tuple(entry for entry in entries if entry.transaction == transaction)

    def _head(self) -> Head:
        try:
            head = files.read_json(self.head)
            return Head(sequence=int(head["sequence"]), digest=str(head["digest"]))
        except FileNotFoundError:
            return Head()
        except (KeyError, TypeError, ValueError) as error:
            raise StoreCorruptedError(f"{self.head} is damaged", where=str(self.head), hint=_HINT) from error

    def _lines(self) -> list[bytes]:
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return []
        except (IsADirectoryError, PermissionError) as error:
            raise self._corrupted(1, "it cannot be read") from error
        lines = content.split(b"\n")
        return lines if lines[-1] else lines[:-1]

    def _cut_torn_line(self) -> None:
        try:
            content = self.path.read_bytes()
        except (FileNotFoundError, IsADirectoryError, PermissionError):
            return
        whole = content[: content.rfind(b"\n") + 1]
        if whole != content:
            files.write_bytes(self.path, whole)

    def _corrupted(self, number: int, what: str) -> StoreCorruptedError:
        return StoreCorruptedError(
            f"the audit log is damaged at line {number}: {what}", where=f"{self.path}:{number}:1", hint=_HINT
        )
