"""The registry's journal: what a change is about to do, written before it is done, so that a kill loses nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ....core import files
from ....core.errors import StoreCorruptedError
from ...contract.model import AuditEntry


@dataclass(frozen=True, kw_only=True)
class Intent:
    """One change of the registry: its steps in order, each of which may be done twice, and its lines of the audit log.

    ``does`` says it for people: ``promote churn v3 to staging``.
    """

    transaction: str
    does: str
    steps: tuple[Mapping[str, Any], ...]
    entries: tuple[AuditEntry, ...]


@dataclass(frozen=True)
class Journal:
    """The one intent under way, in the file at ``path``; no file, no intent."""

    path: Path

    def read(self) -> Intent | None:
        """What a killed command left to do. Raises StoreCorruptedError."""
        try:
            content = files.read_json(self.path)
            return Intent(
                transaction=content["transaction"],
                does=content["does"],
                steps=tuple(content["steps"]),
                entries=tuple(AuditEntry(**entry) for entry in content["entries"]),
            )
        except FileNotFoundError:
            return None
        except (KeyError, TypeError, StoreCorruptedError) as error:
            raise StoreCorruptedError(
                "the registry's journal is damaged, so the change that was under way cannot be finished",
                where=str(self.path),
                hint="Put a backup of it back, or delete it and look at groundplan models list before going on.",
            ) from error

    def write(self, intent: Intent) -> None:
        """Keep the intent; from here on the change happens, whoever finishes it."""
        files.write_json(self.path, asdict(intent))

    def clear(self) -> None:
        """Forget the intent: all of it is done."""
        with files.explained(self.path):
            self.path.unlink(missing_ok=True)
