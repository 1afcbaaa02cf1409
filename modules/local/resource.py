"""What every capability of the laptop is: something with a state that can be made, and made whole again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

State = Literal["missing", "incomplete", "ready"]
Outcome = Literal["created", "repaired", "unchanged"]

OUTCOMES: dict[State, Outcome] = {"missing": "created", "incomplete": "repaired", "ready": "unchanged"}
"""What provisioning makes of each state."""


@dataclass(frozen=True, kw_only=True)
class Provisioned:
    """A capability after it was provisioned: what was done, where it is, how long it took."""

    capability: str
    outcome: Outcome
    path: Path
    description: str
    seconds: float = 0.0


class Resource(Protocol):
    """A capability of the laptop."""

    @property
    def capability(self) -> str:
        """One of the contract's CAPABILITIES."""
        ...

    @property
    def path(self) -> Path:
        """Where it is."""
        ...

    @property
    def description(self) -> str:
        """What it holds, for people."""
        ...

    def state(self) -> State:
        """How much of it is there; changes nothing. Raises StoreCorruptedError."""
        ...

    def provision(self) -> None:
        """Make what is missing; again is the same as once, and so is again after a kill."""
        ...
