"""Retraining: what asks for a new version, what forbids one now, and what was decided, also when it was no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Trigger = Literal["schedule", "drift", "performance", "volume", "manual"]
Decision = Literal["retrain", "no", "not now"]
"""``not now``: a trigger fired, and a cool-down, a budget or a run under way stands against it."""

Outcome = Literal["", "won", "lost", "failed"]
"""What became of the challenger; "" until it is known."""


@dataclass(frozen=True, kw_only=True)
class RetrainingPlan:
    """What the config says. ``schedule`` are five cron fields in UTC, "" for none; ``new_rows`` 0 asks for none."""

    schedule: str = ""
    on_drift: bool = False
    on_performance: bool = False
    new_rows: int = 0
    cool_down_seconds: float = 86400.0
    window_seconds: float | None = None
    max_runs_per_month: int | None = None


@dataclass(frozen=True, kw_only=True)
class RetrainingDecision:
    """One look at the triggers. ``reasons`` says for each trigger why it fired or not."""

    when: str
    model: str
    environment: str
    decision: Decision
    trigger: Trigger | None
    reasons: Mapping[str, str]
    run_id: str = ""
    version: int | None = None
    outcome: Outcome = ""
    details: Mapping[str, object] = field(default_factory=dict[str, object])
