"""What the request log and the labels say of each version since a moment, for whoever decides about its traffic.

Copies count here: what a version that is only watched would have answered is judged like an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ... import monitoring
from ...contract.monitoring import Baseline, Label, MonitorPlan, Watched, Window
from ...monitors.window import WindowData
from . import baselines, windows
from .feedback import Key


def watched(
    log: Path, plan: MonitorPlan, window: Window, labels: Mapping[Key, Label], models: Mapping[int, Path]
) -> dict[int, Watched]:
    """By version; ``models`` are the folders of the versions whose predictions are held against their baselines."""
    kept = {version: baselines.kept(path, version) for version, path in models.items()}
    found = windows.read(
        log, plan, window, serving=sorted(models), baseline=kept.get, labels=labels, now=window.end,
        copies=True,
    )  # fmt: skip
    return {version: _watched(plan, kept.get(version), data) for version, data in found.items()}


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
