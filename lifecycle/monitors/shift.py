"""Drift of inputs and of predictions: each feature's window against its profile."""

from __future__ import annotations

from ..contract.monitoring import Area, Baseline, CheckVerdict, FeatureProfile, MonitorCheck, MonitorPlan
from ..drift import compare, expected
from ..profiles import counted, labels
from .window import Array, Column, WindowData


def shift(plan: MonitorPlan, baseline: Baseline, data: WindowData) -> list[MonitorCheck]:
    """A check of each feature and of the predictions; p-values are not corrected yet."""
    checks = [
        compared(plan, profile, data.columns[profile.name], "drift", profile.name)
        for profile in baseline.features
        if profile.name in data.columns and not data.columns[profile.name].redacted
    ]
    if baseline.prediction is None:
        nothing = "the baseline has no predictions"
        checks.append(unjudged(plan, "prediction", "predictions", "not judged", 0, nothing))
    else:
        answers = data.prediction or Column(rows=0)
        checks.append(compared(plan, baseline.prediction, answers, "prediction", "predictions"))
    return checks


def compared(
    plan: MonitorPlan, profile: FeatureProfile, column: Column, area: Area, subject: str, source: str = "training data"
) -> MonitorCheck:
    """A column's window against its profile, which was made of ``source``; its p-value is not corrected yet."""
    counts = counted(profile, column.numbers, column.categories)
    rows = int(counts.sum())
    if rows < plan.min_rows:
        detail = f"{rows} values; {plan.min_rows} are needed"
        return unjudged(plan, area, subject, "not enough data", rows, detail)
    if profile.rows < plan.min_rows:
        detail = f"the {source} has {profile.rows} values; {plan.min_rows} are needed"
        return unjudged(plan, area, subject, "not enough data", rows, detail)
    if profile.kind == "categorical" and not profile.categories:
        nothing = f"hardly a value occurs twice in the {source}: there is no distribution to compare"
        return unjudged(plan, area, subject, "not judged", rows, nothing)
    found = compare(profile, counts, column.numbers, plan.statistic)
    before = expected(profile)
    return MonitorCheck(
        area=area,
        subject=subject,
        statistic=found.statistic,
        value=found.value,
        threshold=plan.threshold,
        verdict="alert" if found.value >= plan.threshold else "ok",
        p_value=found.p_value,
        rows=rows,
        detail=_told(profile, before / before.sum(), counts / rows, source),
        labels=labels(profile),
        before=tuple((before / before.sum()).tolist()),
        after=tuple((counts / rows).tolist()),
    )


def _told(profile: FeatureProfile, was: Array, now: Array, source: str) -> str:
    """The bin or category that changed most, in words."""
    place = max(range(len(was)), key=lambda index: abs(now[index] - was[index]))
    return f"{labels(profile)[place]}: {now[place]:.1%} now, {was[place]:.1%} in the {source}"


def unjudged(
    plan: MonitorPlan, area: Area, subject: str, verdict: CheckVerdict, rows: int, detail: str
) -> MonitorCheck:
    """The check that could not be made, and why."""
    return MonitorCheck(
        area=area, subject=subject, statistic=plan.statistic, value=None, threshold=plan.threshold,
        verdict=verdict, rows=rows, detail=detail,
    )  # fmt: skip
