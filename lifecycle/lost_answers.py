"""What a write that was refused comes to: its own earlier try whose answer was lost, or somebody else's change."""

from __future__ import annotations

from ..core.errors import LockedError
from .contract.records import Record


def own(found: Record | None, text: str, *, name: str, where: str) -> Record:
    """What is there, where it is what was to be written: the answer to an earlier try was lost. Raises LockedError."""
    if found is None or found.text != text:
        raise LockedError(
            f"somebody else {'took away' if found is None else 'changed'} the record {name} meanwhile",
            where=where,
            hint="Nothing of theirs was overwritten: look at what they did, then run it again.",
        )
    return found
