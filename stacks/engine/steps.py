"""What the engine does or would do to each resource, and the outcome of one of its operations as a whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from ...core import digests
from ...core.errors import GroundplanError
from ...modules.contract.context import AfterUp

Operation = Literal["preview", "up", "refresh", "destroy", "drift"]
Change = Literal["create", "update", "replace", "delete", "import", "read", "same"]
Status = Literal["planned", "running", "done", "failed", "not started"]

CHANGES: tuple[Change, ...] = ("create", "import", "update", "replace", "delete", "read", "same")
UNDONE: tuple[Status, ...] = ("failed", "not started")


@dataclass(frozen=True, kw_only=True)
class Step:
    """One resource. ``inputs`` hold no secret; ``changed`` and ``replaced_by`` are paths of properties.

    ``id`` is what the cloud calls it, once that is known; ``error`` says why it failed; ``degraded`` that it exists and
    did not become ready.
    """

    change: Change
    urn: str
    type: str
    id: str = ""
    inputs: Mapping[str, object] = field(default_factory=dict[str, object])
    changed: tuple[str, ...] = ()
    replaced_by: tuple[str, ...] = ()
    protect: bool = False
    status: Status = "planned"
    seconds: float = 0.0
    error: str = ""
    degraded: bool = False

    @property
    def name(self) -> str:
        """The resource's logical name."""
        return name_of(self.urn)

    @property
    def is_bookkeeping(self) -> bool:
        """Whether it is the engine's own, which no cloud has."""
        return is_bookkeeping(self.type)

    @property
    def digest(self) -> str:
        """The digest of what is known of its inputs, and of which of them change."""
        return digests.of_value([dict(self.inputs), sorted(self.changed), sorted(self.replaced_by)])


@dataclass(frozen=True, kw_only=True)
class Violation:
    """What a policy of a pack said. ``urn`` is the resource, the stack's where it is about none alone."""

    pack: str
    policy: str
    urn: str
    mandatory: bool
    message: str


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of an operation. ``outputs`` are the stack's, secrets masked; ``error`` says why it did not succeed.

    ``after`` are the steps that no resource can express, ``violations`` what policy packs said.
    """

    operation: Operation
    stack: str
    steps: tuple[Step, ...] = ()
    outputs: Mapping[str, object] = field(default_factory=dict[str, object])
    seconds: float = 0.0
    messages: tuple[str, ...] = ()
    after: tuple[AfterUp, ...] = ()
    violations: tuple[Violation, ...] = ()
    error: GroundplanError | None = None

    @property
    def changes(self) -> tuple[Step, ...]:
        """The steps that change something."""
        return tuple(step for step in self.steps if step.change not in ("same", "read"))

    @property
    def counts(self) -> dict[str, int]:
        """How many resources each change was made or planned for, then how many failed and how many never began.

        Only what a cloud has is counted.
        """
        made = [step for step in self.steps if not step.is_bookkeeping]
        ended = [step.status if step.status in UNDONE else step.change for step in made]
        return {word: ended.count(word) for word in (*CHANGES, *UNDONE) if word in ended}


Observer = Callable[[Step], None]
"""Told of every step when it begins and when it ends."""


def name_of(urn: str) -> str:
    """The logical name in a URN."""
    return urn.rpartition("::")[2]


def is_bookkeeping(type: str) -> bool:
    """Whether a type is the engine's own: the stack, a provider, a component, none of which a cloud has."""
    return type.startswith(("pulumi:", "groundplan:"))
