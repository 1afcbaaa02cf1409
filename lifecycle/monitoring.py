"""Monitoring's decisions: which windows, what a window's facts mean, and when people are told."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ..core import clock
from .contract.monitoring import Area, Baseline, MonitorCheck, MonitorPlan, MonitorReport, Window
from .drift import holm
from .monitors.attribution import attribution
from .monitors.concept import concept
from .monitors.performance import performance
from .monitors.quality import quality
from .monitors.service import service
from .monitors.shift import shift
from .monitors.window import WindowData

_WEIGHT: tuple[Area, ...] = (
    "service", "performance", "concept", "fairness", "prediction", "attribution", "drift", "quality", "volume", "cost"
)  # fmt: skip


def windows(seconds: float, now: datetime, count: int) -> list[Window]:
    """The last ``count`` windows that have ended, oldest first; their borders are multiples of their length in UTC."""
    last = datetime.fromtimestamp(now.timestamp() // seconds * seconds, UTC)
    length = timedelta(seconds=seconds)
    return [
        Window(start=clock.to_text(last - (number + 1) * length), end=clock.to_text(last - number * length))
        for number in reversed(range(count))
    ]


def examine(plan: MonitorPlan, baseline: Baseline | None, data: WindowData, *, made: str) -> MonitorReport:
    """What a window's facts say, before hysteresis. Without a baseline only the service is judged, and that is said."""
    drifted = [] if baseline is None else [*shift(plan, baseline, data), *concept(plan, baseline, data),
                                              *attribution(plan, baseline, data)]  # fmt: skip
    checks = corrected([*quality(plan, baseline, data), *drifted], plan.alpha)
    notes = list(data.notes)
    if baseline is None:
        notes.append("there is no baseline of this version: inputs and predictions are not judged")
    elif baseline.version != data.version:
        notes.append(f"the baseline is of version {baseline.version}, not of {data.version}")
    if plan.log_sample == 0:
        notes.append("endpoints.NAME.log_sample is 0: no inputs are logged, so nothing is known of them")
    return MonitorReport(
        endpoint=plan.endpoint,
        environment=plan.environment,
        model=plan.model,
        version=data.version,
        window=data.window,
        rows=data.rows,
        labelled=data.labelled,
        requests=data.requests,
        checks=(*checks, *performance(plan, baseline, data), *service(plan, data)),
        made=made,
        notes=tuple(notes),
    )


def corrected(checks: Sequence[MonitorCheck], alpha: float) -> list[MonitorCheck]:
    """Checks with p-values corrected for their number; one that chance alone may explain is no alert.

    So the chance of any false alarm among them in a window is at most ``alpha``.
    """
    tests = [check for check in checks if check.p_value is not None]
    values = iter(holm([check.p_value for check in tests if check.p_value is not None]))
    return [check if check.p_value is None else _judged(check, next(values), alpha) for check in checks]


def settle(plan: MonitorPlan, report: MonitorReport, earlier: Sequence[MonitorReport]) -> MonitorReport:
    """The report with its alerts: what n of the last m windows found, and this one.

    ``earlier`` are reports of the same version's windows before, in any order; those that end later are left out, as
    after a clock that was set back. A window without data counts as one that found nothing; of a cloud's own monitor,
    which may run more seldom than windows end, only those count of which it said something.
    """
    needed, of = plan.hysteresis
    before = {one.window.start: one for one in earlier if one.window.end <= report.window.start}
    rows = {source: _row(plan, report, before, of - 1, source) for source in {one.source for one in report.checks}}
    source = {check.key: check.source for check in report.checks}
    alerts = sorted(key for key in report.found if 1 + sum(key in one.found for one in rows[source[key]]) >= needed)
    since = {key: _since(key, source[key], report, before) for key in alerts}
    return replace(report, alerts=tuple(alerts), since=since)


def alerting(report: MonitorReport) -> list[MonitorCheck]:
    """The checks that people are told of: by how much they matter, then by how far they are over their threshold."""
    told = [check for check in report.checks if check.key in report.alerts]
    return sorted(told, key=lambda check: (_WEIGHT.index(check.area), -_excess(check)))


def drifted(report: MonitorReport) -> tuple[str, ...]:
    """The features whose drift alerts, as groundplan measured it."""
    return tuple(check.subject for check in alerting(report) if check.area == "drift" and not check.source)


def _excess(check: MonitorCheck) -> float:
    value = abs(check.value or 0.0)
    if check.is_likeness and check.threshold:
        return check.threshold / value if value else math.inf
    return value / check.threshold if check.threshold else 1.0


def _row(
    plan: MonitorPlan, report: MonitorReport, before: Mapping[str, MonitorReport], count: int, source: str
) -> list[MonitorReport]:
    """The windows before that count for what this source says, as many as there are of the last ones."""
    if source:
        return [before[start] for start in sorted(before, reverse=True) if before[start].is_judged_by(source)][:count]
    start = clock.from_text(report.window.start)
    length = timedelta(seconds=plan.window_seconds)
    wanted = [clock.to_text(start - (number + 1) * length) for number in range(count)]
    return [before[one] for one in wanted if one in before]


def _since(key: str, source: str, report: MonitorReport, before: Mapping[str, MonitorReport]) -> str:
    """The first window of those that found it, going back until one was judged by the same source and did not."""
    since = report.window.start
    for start in sorted(before, reverse=True):
        if key in before[start].found:
            since = start
        elif before[start].is_judged_by(source):
            break
    return since


def _judged(check: MonitorCheck, p_value: float, alpha: float) -> MonitorCheck:
    verdict = "ok" if check.verdict == "alert" and p_value > alpha else check.verdict
    return replace(check, p_value=p_value, verdict=verdict)
