"""Concept drift: whether what is true where the model says something is still what it was in the evidence.

The share of each answer may change by the inputs alone; what is true given the answer changes when the relation between
inputs and truth does.
"""

from __future__ import annotations

from ..contract.monitoring import Baseline, MonitorCheck, MonitorPlan, Performance
from .shift import Array, compared, unjudged
from .window import Column, WindowData


def concept(plan: MonitorPlan, baseline: Baseline, data: WindowData) -> list[MonitorCheck]:
    """A check for each class that the model says, or of the residuals; p-values are not corrected yet."""
    measured = data.performance or Performance(rows=0)
    if not baseline.outcomes:
        nothing = "the baseline does not say what was true of the held-out rows"
        return [unjudged(plan, "concept", "truth", "not judged", measured.rows, nothing)]
    if not measured.rows:
        return [
            unjudged(plan, "concept", "truth", "not enough data", 0, f"0 labelled rows; {plan.min_rows} are needed")
        ]
    if plan.task == "regression":
        residuals: Array = measured.residuals
        column = Column(rows=measured.rows, numbers=residuals)
        return [compared(plan, baseline.outcomes[0], column, "concept", "residuals", "evidence")]
    return [
        compared(
            plan, profile, Column(rows=measured.rows, categories=measured.truths.get(profile.name, {})),
            "concept", f"truth where it said {profile.name}", "evidence",
        )
        for profile in baseline.outcomes
    ]  # fmt: skip
