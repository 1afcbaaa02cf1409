"""Performance and fairness where labels have come: metrics against the evidence that the version was judged by."""

from __future__ import annotations

from ..contract.evidence import FairnessValue, SliceValue
from ..contract.monitoring import Baseline, CheckVerdict, MonitorCheck, MonitorPlan, Performance
from ..contract.rubric import HIGHER_IS_BETTER, Bounds
from .window import WindowData

_SURE = 1.959964
"""Standard errors to either side of a 95 % interval."""


def performance(plan: MonitorPlan, baseline: Baseline | None, data: WindowData) -> list[MonitorCheck]:
    """A check of each metric, slice and fairness rule; without labels those of the plan, as not judged."""
    measured = data.performance or Performance(rows=0)
    if measured.rows < plan.min_rows:
        detail = f"{measured.rows} labelled rows; {plan.min_rows} are needed"
        return [_metric(name, None, allowed, "not enough data", measured.rows, detail)
                for name, allowed in plan.metrics.items()]  # fmt: skip
    names = [*plan.metrics, *(name for name in measured.metrics if name not in plan.metrics)]
    checks = [_of_metric(plan, baseline, measured, name) for name in names]
    checks += [_of_slice(plan, baseline, one) for one in measured.slices]
    return [*checks, *(_of_fairness(plan, one) for one in measured.fairness)]


def _of_metric(plan: MonitorPlan, baseline: Baseline | None, measured: Performance, name: str) -> MonitorCheck:
    allowed, value = plan.metrics.get(name), measured.metrics.get(name)
    if value is None:
        why = next((note for note in measured.notes if note.startswith(f"{name}:")), f"{name}: not measured")
        return _metric(name, None, allowed, "not judged", measured.rows, why)
    error = measured.errors.get(name)
    interval = None if error is None else (value - _SURE * error, value + _SURE * error)
    reference = None if baseline is None else baseline.metrics.get(name)
    if reference is None:
        return _metric(name, value, allowed, "not judged", measured.rows, "the evidence has no value of it", interval)
    worse = _worse(name, value, reference)
    detail = f"{value:.4g} on labelled requests, {reference:.4g} in the evidence"
    if allowed is None:
        return _metric(name, value, None, "not judged", measured.rows, f"{detail}; no limit is set", interval)
    verdict: CheckVerdict = "alert" if worse > allowed else "ok"
    return _metric(name, value, allowed, verdict, measured.rows, f"{detail}: worse by {worse:.4g}", interval)


def _of_slice(plan: MonitorPlan, baseline: Baseline | None, found: SliceValue) -> MonitorCheck:
    subject = f"{found.column}={found.value}"
    allowed = plan.metrics.get(found.metric)
    known = () if baseline is None else baseline.slices
    reference = next(
        (one.measured for one in known
         if (one.column, one.value, one.metric) == (found.column, found.value, found.metric)),
        None if baseline is None else baseline.metrics.get(found.metric),
    )  # fmt: skip
    verdict: CheckVerdict = "not judged"
    detail = found.reason or f"{found.rows} labelled rows"
    if found.rows < plan.min_rows:
        verdict, detail = "not enough data", f"{found.rows} labelled rows; {plan.min_rows} are needed"
    elif found.measured is not None and reference is not None and allowed is not None:
        worse = _worse(found.metric, found.measured, reference)
        verdict = "alert" if worse > allowed else "ok"
        detail = f"{found.measured:.4g} on {found.rows} labelled rows, {reference:.4g} in the evidence"
    return MonitorCheck(area="performance", subject=subject, statistic=found.metric, value=found.measured,
                        threshold=allowed, verdict=verdict, rows=found.rows, detail=detail)  # fmt: skip


def _of_fairness(plan: MonitorPlan, found: FairnessValue) -> MonitorCheck:
    rule = next((one for one in plan.fairness if (one.column, one.metric) == (found.column, found.metric)), None)
    bounds = Bounds() if rule is None else rule.bounds
    groups = ", ".join(f"{name}: {count}" for name, count in found.groups.items())
    verdict: CheckVerdict = "not judged"
    if found.measured is not None and rule is not None:
        low = bounds.min is not None and found.measured < bounds.min
        high = bounds.max is not None and found.measured > bounds.max
        verdict = "alert" if low or high else "ok"
    return MonitorCheck(
        area="fairness", subject=found.column, statistic=found.metric, value=found.measured,
        threshold=bounds.max if bounds.max is not None else bounds.min, verdict=verdict,
        rows=sum(found.groups.values()), detail=f"{found.reason or 'rows by group'} ({groups})",
    )  # fmt: skip


def _worse(metric: str, value: float, reference: float) -> float:
    return reference - value if HIGHER_IS_BETTER.get(metric, True) else value - reference


def _metric(name: str, value: float | None, allowed: float | None, verdict: CheckVerdict, rows: int, detail: str,
            interval: tuple[float, float] | None = None) -> MonitorCheck:  # fmt: skip
    return MonitorCheck(area="performance", subject="model", statistic=name, value=value, threshold=allowed,
                        verdict=verdict, rows=rows, detail=detail, interval=interval)  # fmt: skip
