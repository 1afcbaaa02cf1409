"""A stack's state as the engine exports it, secrets encrypted: read, looked into, written into a file of its owner."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from ...core import clock
from ...core.errors import GroundplanError, StoreCorruptedError
from ...core.files import explained
from .operations import Driver
from .recovery_journal import Journal

_PLAIN_TEXT = '"plaintext"'


@dataclass
class Export:
    """A stack's state as the engine exports it, secrets encrypted."""

    content: dict[str, Any]
    journal: Journal
    stack: str
    deployment: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.deployment = cast("dict[str, Any]", self.content["deployment"])

    @property
    def resources(self) -> list[dict[str, Any]]:
        """All that the state holds, a list to change."""
        return cast("list[dict[str, Any]]", self.deployment.setdefault("resources", []))

    @property
    def pending(self) -> list[dict[str, Any]]:
        """The operations whose end nobody saw."""
        return cast("list[dict[str, Any]]", self.deployment.get("pending_operations") or [])

    def drop_half_replaced(self, urn: str) -> None:
        """What was deleted to be replaced is gone once its replacement stands in the state."""
        kept = [one for one in self.resources if one["urn"] != urn or not one.get("pendingReplacement")]
        self.deployment["resources"] = kept

    def provider(self, token: str) -> str:
        """The reference to the provider of a type; empty when the state has none."""
        kind = f"pulumi:providers:{token.partition(':')[0]}"
        return next((f"{one['urn']}::{one['id']}" for one in self.resources if one["type"] == kind), "")

    def write(self, purpose: str) -> Path:
        """The state in a file of its owner alone, as ``pulumi stack import`` takes it. Raises GroundplanError."""
        return write(self.journal.project.layout.engine / "rescue", f"{purpose}-{self.stack}", self.content)


def exported(driver: Driver, stack: str) -> Export:
    """The state of a stack. Raises what the engine says, and StoreCorruptedError."""
    return of_text(driver.engine(stack, "stack", "export"), driver, stack)


def of_text(text: str, driver: Driver, stack: str) -> Export:
    """The state in what the engine printed. Raises StoreCorruptedError for anything else."""
    try:
        return Export(content=json.loads(text), journal=Journal(project=driver.project), stack=stack)
    except (ValueError, KeyError, TypeError) as error:
        raise StoreCorruptedError(f"the engine exported no state of stack {stack}: {error}") from error


def write(folder: Path, name: str, content: object) -> Path:
    """A state in a new file of its owner alone. Raises GroundplanError before it writes a secret in plain text."""
    text = json.dumps(content, indent=2)
    if _PLAIN_TEXT in text:
        raise GroundplanError("the engine exported secrets in plain text; they are written to no file")
    stamp = clock.to_text(clock.now()).replace(":", "").replace(".", "")
    with explained(folder):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, path = tempfile.mkstemp(prefix=f"{name}-{stamp}-", suffix=".json", dir=folder)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
    return Path(path)
