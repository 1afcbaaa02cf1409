"""What a job of Vertex AI's model monitoring found, as checks of groundplan's report.

The form of its figures is that of ModelMonitoringStats in the description of v1beta1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ...core import clock
from ..contract.managed_monitors import ManagedFindings
from ..contract.monitoring import Area, MonitorCheck, Window

SOURCE: Final = "vertex"

_AREAS: Final[Mapping[str, Area]] = {
    "raw-feature-drift": "drift",
    "prediction-output-drift": "prediction",
    "feature-attribution": "attribution",
}
_WITH_FIGURES: Final = ("JOB_STATE_SUCCEEDED", "JOB_STATE_PARTIALLY_SUCCEEDED")
_ENDED: Final = (*_WITH_FIGURES, "JOB_STATE_FAILED", "JOB_STATE_CANCELLED", "JOB_STATE_EXPIRED")


def newest(jobs: Sequence[Any], window: Window) -> Any:
    """The newest job that ended within a window; None where none did. What ended changes no more."""
    start, end = clock.from_text(window.start), clock.from_text(window.end)
    ended = [
        one for one in jobs if one.state.name in _ENDED and "update_time" in one and start <= one.update_time < end
    ]  # fmt: skip
    return max(ended, key=lambda one: (one.update_time, one.name), default=None)


def has_figures(job: Any) -> bool:
    """Whether a job that ended measured anything."""
    return job.state.name in _WITH_FIGURES


def notes(job: Any, jobs: Sequence[Any], window: Window) -> tuple[str, ...]:
    """Why there are no figures: the job failed, or none ended and one that began is still at work."""
    if job is not None:
        said = " ".join(job.job_execution_detail.error.message.split()) or job.state.name
        return (f"Vertex AI's monitoring {_called(job)} failed: {said}",)
    end = clock.from_text(window.end)
    working = [one for one in jobs if one.state.name not in _ENDED and one.create_time < end]
    return tuple(f"Vertex AI's monitoring {_called(one)} has not ended" for one in working)


def of_job(job: Any, stats: Sequence[Any], alerts: Sequence[Any]) -> ManagedFindings:
    """What a job measured, and what of it alerts."""
    said = [
        f"Vertex AI's monitoring {_called(job)} could not look at {objective}: {' '.join(status.message.split())}"
        for objective, status in sorted(job.job_execution_detail.objective_status.items())
        if status.code
    ]
    alerting = {(one.objective_type, one.stats_name): one.anomaly.tabular_anomaly.summary for one in alerts}
    checks: list[MonitorCheck] = []
    for table in (one.tabular_stats for one in stats):
        check = _check(job, table, alerting)
        if check is None:
            said.append(f"Vertex AI's monitoring {_called(job)} says of {table.stats_name} what groundplan cannot read")
        else:
            checks.append(check)
    return ManagedFindings(
        checks=tuple(sorted(checks, key=lambda one: one.key)),
        notes=(*said, *_unmeasured(job, alerting, {(one.tabular_stats.objective_type, one.tabular_stats.stats_name)
                                                   for one in stats})),
    )  # fmt: skip


def _check(job: Any, table: Any, alerting: Mapping[tuple[str, str], str]) -> MonitorCheck | None:
    """A column's figure; None where it is not in the form that is described."""
    area, points = _AREAS.get(table.objective_type), list(table.data_points)
    value = None if area is None or len(points) != 1 else _value(area, points[0])
    if area is None or value is None or not points[0].algorithm:
        return None
    point, alert = points[0], alerting.get((table.objective_type, table.stats_name))
    is_alert = point.has_anomaly or alert is not None
    return MonitorCheck(
        area=area,
        subject=table.stats_name,
        statistic=point.algorithm,
        value=value,
        threshold=point.threshold_value or None,
        verdict="alert" if is_alert else "ok" if point.threshold_value else "not judged",
        detail=f"{_called(job)}{f': {alert}' if alert else ''}",
        source=SOURCE,
    )


def _value(area: Area, point: Any) -> float | None:
    """A distance of distributions, or the score of an attribution."""
    stats = point.current_stats
    if area == "attribution":
        value = stats.double_value if "double_value" in stats else math.nan
    else:
        value = stats.distribution_value.distribution_deviation if "distribution_value" in stats else math.nan
    return value if math.isfinite(value) else None


def _unmeasured(job: Any, alerting: Mapping[tuple[str, str], str], measured: set[tuple[str, str]]) -> tuple[str, ...]:
    """Alerts to what has no figure."""
    return tuple(
        f"Vertex AI's monitoring {_called(job)} alerts to {name} ({objective}) without a figure: {summary}"
        for (objective, name), summary in sorted(alerting.items())
        if (objective, name) not in measured
    )


def _called(job: Any) -> str:
    when = job.schedule_time if "schedule_time" in job else job.create_time
    return f"job {job.name.rpartition('/')[2]} of {clock.to_text(when)}"
