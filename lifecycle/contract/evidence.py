"""Evidence: what was measured of a model, on which data, and what a gate made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .rubric import Task


@dataclass(frozen=True, kw_only=True)
class SliceValue:
    """A metric on the rows where ``column`` has ``value``; ``reason`` says why nothing was measured."""

    column: str
    value: str
    metric: str
    measured: float | None
    rows: int
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class FairnessValue:
    """A gap between the groups of ``column`` that have ``min_rows``; ``groups`` counts the rows of every group."""

    column: str
    metric: str
    measured: float | None
    groups: Mapping[str, int]
    min_rows: int = 1
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class DisturbanceValue:
    """A metric under a disturbance, and how much worse it is than without it; below 0 it is better."""

    kind: str
    amount: float
    metric: str
    measured: float | None
    drop: float | None
    seed: int = 42
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Challenger minus champion in the direction of better, with its bootstrap interval's lower end."""

    champion_version: str
    champion_digest: str
    metric: str
    challenger: float
    champion: float
    difference: float
    lower: float
    confidence: float
    resamples: int


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What one evaluation measured; thresholds are judged later, per environment, by gates.py.

    ``model_digest`` and ``data_digest`` say of what and on what; ``code_version`` is the git commit or the code's
    digest; ``made`` is RFC 3339 in UTC. ``notes`` says what could not be measured and why, as ``metric: reason``.
    """

    model: str
    task: Task
    model_digest: str
    data_digest: str
    rows: int
    metrics: Mapping[str, float]
    made: str
    code_version: str
    groundplan_version: str
    run_id: str = ""
    slices: tuple[SliceValue, ...] = ()
    fairness: tuple[FairnessValue, ...] = ()
    disturbances: tuple[DisturbanceValue, ...] = ()
    comparison: Comparison | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Check:
    """One threshold held against the evidence. ``passed`` is None where it was not judged, and ``reason`` says why."""

    name: str
    expected: str
    found: str
    passed: bool | None
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a gate says for one environment: it passes when no check failed and none that is required is missing."""

    environment: str
    checks: tuple[Check, ...] = field(default_factory=tuple[Check, ...])

    @property
    def passed(self) -> bool:
        """Whether no check failed."""
        return all(check.passed is not False for check in self.checks)

    @property
    def failures(self) -> tuple[Check, ...]:
        """The checks that failed."""
        return tuple(check for check in self.checks if check.passed is False)
