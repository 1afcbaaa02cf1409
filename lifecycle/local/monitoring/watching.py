"""What the request log and the labels say of each version since a moment, for whoever decides about its traffic.

Copies count here: what a version that is only watched would have answered is judged like an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ... import monitoring
from ...contract.monitor_store import Key, LoggedRequests
from ...contract.monitoring import Baseline, Label, MonitorPlan, Watched, Window
from ...monitors.window import WindowData
from . import windows


def watched(
    requests: LoggedRequests,
    plan: MonitorPlan,
    window: Window,
    labels: Mapping[Key, Label],
    baselines: Mapping[int, Baseline | None],
) -> dict[int, Watched]:
    """By version; ``baselines`` has an entry for each version whose predictions are held against its baseline."""
    plan = replace(plan, attribution=None)
    found = windows.read(
        requests, plan, window, serving=sorted(baselines), baseline=baselines.get, labels=labels, now=window.end
    )
    return {version: _watched(plan, baselines.get(version), data) for version, data in found.items()}


def _watched(plan: MonitorPlan, baseline: Baseline | None, data: WindowData) -> Watched:
    measured = data.performance
    return Watched(
        labelled=0 if measured is None else measured.rows,
        metrics={} if measured is None else measured.metrics,
        standard_errors={} if measured is None else measured.errors,
        drifted=() if baseline is None else _drifted(plan, baseline, data),
    )


def _drifted(plan: MonitorPlan, baseline: Baseline, data: WindowData) -> tuple[str, ...]:
    checks = monitoring.examine(plan, baseline, data, made=data.window.end).checks
    return tuple(check.subject for check in checks if check.area == "prediction" and check.verdict == "alert")
