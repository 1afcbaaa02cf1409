"""A rollout: how a new version of a model takes over an endpoint, step by step, and what turns it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from .deployment import EndpointSettings
from .monitoring import MonitorPlan
from .rubric import Bounds, Task

Strategy = Literal["direct", "canary", "blue-green", "ab", "shadow"]
"""``direct`` replaces at once; ``canary`` in steps; ``blue-green`` at once, the one before standing by; ``ab`` holds a
share until a sequential test has decided; ``shadow`` answers nobody until it was watched beside the one that
answers."""

Tier = Literal["offline", "shadow", "online"]
"""The tiers of evaluation, which every new version passes in this order."""

PhaseKind = Literal["shadow", "online"]

RolloutStatus = Literal["running", "paused", "completed", "rolled-back", "aborted"]
"""The last three are final."""

TransitionKind = Literal["started", "advanced", "held", "paused", "resumed", "completed", "rolled-back", "aborted"]


@dataclass(frozen=True, kw_only=True)
class Phase:
    """A stretch of a rollout. ``traffic`` is the new version's share in percent: 0 in a shadow phase.

    It lasts at least ``bake_seconds`` and until ``min_requests`` were answered by (or mirrored to) the new version.
    """

    kind: PhaseKind
    traffic: int
    bake_seconds: float
    min_requests: int = 0


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """What turns a rollout back by itself. None asks nothing.

    ``error_rate`` is the largest share of failed requests, ``latency_p95_ms`` the largest 95th percentile, ``metrics``
    bounds on metrics measured on feedback, ``drift`` whether drifted predictions do, ``disagreement`` the largest share
    of mirrored requests that the new version answers otherwise (shadow phases), ``crashes`` the most restarts of its
    process.
    """

    error_rate: float | None = 0.05
    latency_p95_ms: float | None = None
    metrics: Mapping[str, Bounds] = field(default_factory=dict[str, Bounds])
    drift: bool = False
    disagreement: float | None = None
    crashes: int = 0
    min_requests: int = 50


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """An A/B test on ``metric``: a group-sequential test that looks at most ``looks`` times, with O'Brien-Fleming
    bounds.

    It stops for a winner, for a loser, or at its last look. ``min_effect`` is in the metric's own unit.
    """

    metric: str
    alpha: float = 0.05
    looks: int = 5
    min_effect: float = 0.0
    min_samples: int = 200
    guardrails: Mapping[str, Bounds] = field(default_factory=dict[str, Bounds])


@dataclass(frozen=True, kw_only=True)
class RolloutPlan:
    """What the config says of an endpoint's rollouts. ``sticky`` is the field of a row whose value keeps a caller with
    a version, "" for none. ``monitor`` says how labels and logged predictions are read, where they have a say.
    ``approval`` needs a person's yes before the first online phase. ``mirror_share`` is the part of the requests, in
    percent, of which a version in a shadow phase gets a copy; 0 where none can be had.
    """

    endpoint: str
    environment: str
    strategy: Strategy
    phases: tuple[Phase, ...]
    conditions: Conditions = Conditions()
    experiment: Experiment | None = None
    sticky: str = ""
    monitor: MonitorPlan | None = None
    approval: tuple[str, ...] | None = None
    mirror_share: int = 100


@dataclass(frozen=True, kw_only=True)
class Transition:
    """One step of a rollout's history. ``traffic`` is by version; ``evidence`` what was measured when it was
    decided."""

    when: str
    who: str
    kind: TransitionKind
    phase: int
    traffic: Mapping[str, int]
    reason: str
    evidence: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, kw_only=True)
class Look:
    """One look of a group-sequential test.

    ``difference`` is by how much the challenger is better, in the metric's own unit. ``z`` is held against ``bound``:
    the winner's at or above it, ``z_worse`` at or below its negative the loser's. ``fraction`` is the part of the
    planned samples that was there, ``information`` the inverse of the difference's variance up to a constant.
    """

    when: str
    samples: int
    champion_samples: int
    fraction: float
    information: float
    difference: float
    z: float
    z_worse: float
    bound: float


@dataclass(frozen=True, kw_only=True)
class Rollout:
    """The persisted state: killed at any point, the next command reads it and goes on or turns back.

    ``phase`` indexes ``plan.phases``. ``champion`` is None when nothing answered before. ``applying`` is set while the
    traffic that this state asks for is being put in place, so that a kill in between is known. ``audited`` counts the
    transitions that are in the audit log. ``looks`` are those of the A/B test; ``approved_by`` is whose yes there is.
    ``settings`` are the endpoint's, for every version that has to be started.
    """

    id: str
    plan: RolloutPlan
    settings: EndpointSettings
    model: str
    task: Task
    challenger: int
    champion: int | None
    status: RolloutStatus
    phase: int
    phase_began: str
    started: str
    started_by: str
    applying: bool = False
    history: tuple[Transition, ...] = ()
    audited: int = 0
    looks: tuple[Look, ...] = ()
    approved_by: str = ""

    @property
    def is_final(self) -> bool:
        """Whether nothing follows any more."""
        return self.status in ("completed", "rolled-back", "aborted")
