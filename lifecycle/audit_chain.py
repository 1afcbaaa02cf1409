"""The chain of the audit log: each line names the digest of the line before, so that a change or a gap shows."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace

from ..core import digests
from ..core.errors import StoreCorruptedError
from .contract.model import AuditEntry

Corrupted = Callable[[int, str], StoreCorruptedError]
"""The error of a line, by its number, and what is wrong with it."""


@dataclass(frozen=True, kw_only=True)
class Head:
    """Which line is the last one, by its number and its digest: lines that were cut off at the end show too."""

    sequence: int = 0
    digest: str = ""


def read(lines: Sequence[bytes], head: Head, corrupted: Corrupted) -> tuple[AuditEntry, ...]:
    """All entries, oldest first. Raises the error of the first line that is wrong."""
    entries: list[AuditEntry] = []
    digest = ""
    for number, line in enumerate(lines, start=1):
        entry = _parsed(line, number, corrupted)
        if entry.sequence != number or entry.previous != digest:
            raise corrupted(number, "it does not follow the line before; a line was changed or is missing")
        digest = digests.of_bytes(line)
        if number == head.sequence and digest != head.digest:
            raise corrupted(number, "it was changed")
        entries.append(entry)
    if len(entries) < head.sequence:
        raise corrupted(len(entries) + 1, f"it is missing; the log had {head.sequence} lines")
    return tuple(entries)


def following(
    entries: Sequence[AuditEntry], last: Head, transaction: str, wanted: Sequence[AuditEntry]
) -> list[tuple[AuditEntry, str, Head]]:
    """What is not there yet of a transaction's entries: each with its line, and the head once it is written.

    ``last`` is the line that is the last one now.
    """
    done = sum(entry.transaction == transaction for entry in entries)
    out: list[tuple[AuditEntry, str, Head]] = []
    for entry in wanted[done:]:
        numbered = replace(entry, sequence=last.sequence + 1, previous=last.digest, transaction=transaction)
        line = json.dumps(asdict(numbered), sort_keys=True)
        last = Head(sequence=numbered.sequence, digest=digests.of_bytes(line.encode()))
        out.append((numbered, line, last))
    return out


def _parsed(line: bytes, number: int, corrupted: Corrupted) -> AuditEntry:
    try:
        return AuditEntry(**json.loads(line))
    except (TypeError, ValueError, RecursionError) as error:
        raise corrupted(number, "it is no audit entry") from error
