"""Drift of inputs and of predictions: each feature's window against its profile."""

from __future__ import annotations

from ..contract.monitoring import Area, Baseline, CheckVerdict, FeatureProfile, MonitorCheck, MonitorPlan
from ..drift import compare, expected
from ..profiles import counted, labels
from .window import Array, Column, WindowData


def shift(plan: MonitorPlan, baseline: Baseline, data: WindowData) -> list[MonitorCheck]:
    """A check of each feature and of the predictions; p-values are not corrected yet."""
    checks = [
        _compared(plan, profile, data.columns[profile.name], "drift")
        for profile in baseline.features
        if profile.name in data.columns and not data.columns[profile.name].redacted
    ]
    if baseline.prediction is None:
        nothing = "the baseline has no predictions"
        checks.append(_unjudged(plan, "prediction", "predictions", "not judged", 0, nothing))
    else:
        checks.append(_compared(plan, baseline.prediction, data.prediction or Column(rows=0), "prediction"))
    return checks


def _compared(plan: MonitorPlan, profile: FeatureProfile, column: Column, area: Area) -> MonitorCheck:
    subject = profile.name if area == "drift" else "predictions"
    counts = counted(profile, column.numbers, column.categories)
    rows = int(counts.sum())
    if rows < plan.min_rows:
        detail = f"{rows} values; {plan.min_rows} are needed"
        return _unjudged(plan, area, subject, "not enough data", rows, detail)
    if profile.rows < plan.min_rows:
        detail = f"the training data has {profile.rows} values; {plan.min_rows} are needed"
        return _unjudged(plan, area, subject, "not enough data", rows, detail)
    if profile.kind == "categorical" and not profile.categories:
        nothing = "hardly a value occurs twice in the training data: there is no distribution to compare"
        return _unjudged(plan, area, subject, "not judged", rows, nothing)
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
        detail=_told(profile, before / before.sum(), counts / rows),
        labels=labels(profile),
        before=tuple((before / before.sum()).tolist()),
        after=tuple((counts / rows).tolist()),
    )


def _told(profile: FeatureProfile, was: Array, now: Array) -> str:
    """The bin or category that changed most, in words."""
    place = max(range(len(was)), key=lambda index: abs(now[index] - was[index]))
    return f"{labels(profile)[place]}: {now[place]:.1%} now, {was[place]:.1%} in the training data"


def _unjudged(
    plan: MonitorPlan, area: Area, subject: str, verdict: CheckVerdict, rows: int, detail: str
) -> MonitorCheck:
    return MonitorCheck(
        area=area, subject=subject, statistic=plan.statistic, value=None, threshold=plan.threshold,
        verdict=verdict, rows=rows, detail=detail,
    )  # fmt: skip
