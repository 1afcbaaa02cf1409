"""Retraining: what asks for a new version, what forbids one now, and what was decided, also when it was no."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from .monitoring import MonitorReport

Trigger = Literal["schedule", "drift", "performance", "volume", "manual"]
Decision = Literal["retrain", "no", "not now"]
"""``not now``: a trigger fired, and a cool-down, a budget or something under way stands against it."""

Outcome = Literal["", "won", "lost", "failed"]
"""What became of the challenger; "" until it is known."""


@dataclass(frozen=True, kw_only=True)
class RetrainingPlan:
    """What the config says. ``schedule`` are five cron fields in UTC, "" for none; ``new_rows`` 0 asks for none.

    ``late_seconds`` is how late the platform's own schedule may start a run at most; None where it has none.
    ``window_seconds`` is the stretch of time whose rows are learned from, None for all; ``time_column`` says of a row
    of the data when it came.
    """

    schedule: str = ""
    late_seconds: float | None = None
    on_drift: bool = False
    on_performance: bool = False
    new_rows: int = 0
    cool_down_seconds: float = 86400.0
    window_seconds: float | None = None
    time_column: str = ""
    max_runs_per_month: int | None = None


@dataclass(frozen=True, kw_only=True)
class LabelledRow:
    """A row that an endpoint was asked about, and what it should have answered; ``when`` it was asked, RFC 3339."""

    when: str
    row: Mapping[str, object]
    label: object


@dataclass(frozen=True, kw_only=True)
class RetrainingDecision:
    """One look at the triggers. ``reasons`` says for each trigger why it fired or not, ``fired`` which did.

    ``trigger`` is the one that counts; ``obstacle`` says what stands against it. ``id`` is shared by the decision and
    its outcome, which come one after the other; ``version`` is the challenger's once it is registered.
    """

    id: str = ""
    when: str
    who: str = ""
    model: str
    environment: str
    decision: Decision
    trigger: Trigger | None
    reasons: Mapping[str, str]
    fired: tuple[Trigger, ...] = ()
    obstacle: str = ""
    run_id: str = ""
    version: int | None = None
    outcome: Outcome = ""
    details: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, kw_only=True)
class Situation:
    """What is known of a model when its triggers are looked at.

    ``environment`` is the furthest that has a version, ``version`` that version, ``trained`` when the newest version
    was made. ``decisions`` are those before, oldest first; ``reports`` of the monitors likewise. ``labelled`` counts
    the labelled rows since ``trained``, None where none are collected. ``under_way`` says what goes on with the model
    already; ``asked`` is a person's reason for wanting a new version now, None when nobody asks.
    """

    model: str
    environment: str
    version: int | None
    trained: datetime | None
    decisions: Sequence[RetrainingDecision] = ()
    reports: Sequence[MonitorReport] = ()
    labelled: int | None = None
    under_way: str = ""
    asked: str | None = None
