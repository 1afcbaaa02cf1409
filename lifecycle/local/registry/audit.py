"""The audit log on disk: one JSON object per line, each with the digest of the line before, so that a change shows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from ....core import digests, files
from ....core.errors import StoreCorruptedError
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
        entries: list[AuditEntry] = []
        digest = ""
        head_sequence, head_digest = self._head()
        for number, line in enumerate(self._lines(), start=1):
            entry = self._parsed(number, line)
            if entry.sequence != number or entry.previous != digest:
                raise self._corrupted(number, "it does not follow the line before; a line was changed or is missing")
            digest = digests.of_bytes(line)
            if number == head_sequence and digest != head_digest:
                raise self._corrupted(number, "it was changed")
            entries.append(entry)
        if len(entries) < head_sequence:
            raise self._corrupted(len(entries) + 1, f"it is missing; the log had {head_sequence} lines")
        return tuple(entries)

    def append(self, transaction: str, wanted: Sequence[AuditEntry]) -> tuple[AuditEntry, ...]:
        """Append what is not there yet of a transaction's entries; sequence and previous are filled in.

        Call it again after a kill: a torn last line is cut off, and nothing is written twice.
        """
        self._cut_torn_line()
        entries = list(self.entries())
        lines = self._lines()
        digest = digests.of_bytes(lines[-1]) if lines else ""
        done = sum(entry.transaction == transaction for entry in entries)
        for entry in wanted[done:]:
            entries.append(replace(entry, sequence=len(entries) + 1, previous=digest, transaction=transaction))
            line = json.dumps(asdict(entries[-1]), sort_keys=True)
            files.append_line(self.path, line)
            digest = digests.of_bytes(line.encode())
        files.write_json(self.head, {"sequence": len(entries), "digest": digest})
        return tuple(entry for entry in entries if entry.transaction == transaction)

    def _head(self) -> tuple[int, str]:
        try:
            head = files.read_json(self.head)
            return int(head["sequence"]), str(head["digest"])
        except FileNotFoundError:
            return 0, ""
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

    def _parsed(self, number: int, line: bytes) -> AuditEntry:
        try:
            return AuditEntry(**json.loads(line))
        except (TypeError, ValueError, RecursionError) as error:
            raise self._corrupted(number, "it is no audit entry") from error

    def _corrupted(self, number: int, what: str) -> StoreCorruptedError:
        return StoreCorruptedError(
            f"the audit log is damaged at line {number}: {what}", where=f"{self.path}:{number}:1", hint=_HINT
        )
