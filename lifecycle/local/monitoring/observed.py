"""What labels and monitors say of the versions of an endpoint, added to what its router counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ....core import clock
from ....core.layout import Layout
from ...contract.deployment import Deployment
from ...contract.monitoring import Label, MonitorPlan, Performance, Window
from ...contract.traffic import Observation
from .feedback import Key
from .store import LocalMonitorStore


def with_feedback(layout: Layout, deployment: Deployment, since: str, seen: Sequence[Observation]) -> list[Observation]:
    """The observations with metrics on requests since then whose labels came, and with predictions that drifted."""
    store = LocalMonitorStore(layout)
    place = deployment.settings.name, deployment.settings.environment
    labels = store.labels(*place)
    measured = _measured(store, deployment, since, labels) if labels else {}
    drifted: dict[int, set[str]] = {}
    for report in store.reports(*place):
        if report.window.end > since:
            alerts = [alert.split("/")[1] for alert in report.alerts if alert.startswith("prediction/")]
            drifted[report.version] = {*alerts}
    return [_joined(one, measured.get(one.version), drifted.get(one.version, set())) for one in seen]


def _joined(seen: Observation, measured: Performance | None, drifted: set[str]) -> Observation:
    found = replace(seen, drifted=tuple(sorted(drifted)))
    if measured is None:
        return found
    return replace(found, metrics=measured.metrics, standard_errors=measured.errors, labelled=measured.rows)


def _measured(store: LocalMonitorStore, deployment: Deployment, since: str,
              labels: Mapping[Key, Label]) -> dict[int, Performance]:  # fmt: skip
    from . import windows

    served, settings = deployment.served, deployment.settings
    plan = MonitorPlan(
        window_seconds=1, min_rows=1, statistic="psi", threshold=1, alpha=0.05, hysteresis=(1, 1),
        max_missing_increase=1, latency_p95_ms=1, error_rate=1, task=served.task,
        positive_class=settings.positive_class,
    )  # fmt: skip
    now = clock.to_text(clock.now())
    found = windows.read(
        store.request_log(settings.name, settings.environment), plan, Window(start=since, end=now), serving=[],
        baseline=lambda version: None, labels=labels, now=now,
    )  # fmt: skip
    return {version: data.performance for version, data in found.items() if data.performance is not None}
