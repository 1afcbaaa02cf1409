"""What the monitoring tests share: plans, baselines and windows made of numbers that are told."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from groundplan.core import clock
from groundplan.core.layout import Layout
from groundplan.lifecycle import profiles
from groundplan.lifecycle.contract.monitoring import Baseline, FeatureProfile, Label, MonitorPlan, Window
from groundplan.lifecycle.local.monitoring.store import LocalMonitorStore
from groundplan.lifecycle.monitors.window import Column, WindowData

HOUR = Window(start="2026-03-01T10:00:00.000Z", end="2026-03-01T11:00:00.000Z")
BEGINNING = datetime(2026, 3, 1, tzinfo=UTC)
MADE = "2026-03-01T11:00:01.000Z"


def plan(**values: Any) -> MonitorPlan:
    """Hourly windows, and PSI of 0.2."""
    fields: dict[str, Any] = {
        "window_seconds": 3600.0, "min_rows": 100, "statistic": "psi", "threshold": 0.2, "alpha": 0.05,
        "hysteresis": (2, 3), "max_missing_increase": 0.1, "latency_p95_ms": 500.0, "error_rate": 0.01,
        "endpoint": "churn", "environment": "dev", "model": "churn",
    }  # fmt: skip
    return MonitorPlan(**{**fields, **values})


def numbers(values: Any) -> Column:
    """A column of numbers, of which NaN is missing."""
    array = np.asarray(values, dtype=float)
    present = array[np.isfinite(array)]
    return Column(rows=len(array), numbers=present, empty=len(array) - len(present))


def texts(values: Sequence[str]) -> Column:
    """A column of texts."""
    return Column(rows=len(values), categories=Counter(values))


def baseline(numeric: Mapping[str, Any], categories: Mapping[str, Sequence[str]] | None = None,
             **values: Any) -> Baseline:  # fmt: skip
    """What a model learned from."""
    features: list[FeatureProfile] = [profiles.numeric(name, given) for name, given in numeric.items()]
    for name, given in (categories or {}).items():
        features.append(profiles.categorical(name, Counter(given), len(given)))
    rows = max(feature.rows for feature in features)
    return Baseline(model="churn", version=1, digest="sha256:0", rows=rows, features=tuple(features), **values)


def window(columns: Mapping[str, Column], **values: Any) -> WindowData:
    """What was logged in the hour."""
    rows = max((column.rows for column in columns.values()), default=0)
    fields: dict[str, Any] = {"window": HOUR, "version": 1, "requests": rows, "rows": rows, "columns": columns}
    return WindowData(**{**fields, **values})


def log_line(when: str, row: Mapping[str, object], output: object, *, request_id: str = "r", **values: Any) -> str:
    """A line as the endpoint writes it for a request of one row."""
    entry = {
        "time": when, "request_id": request_id, "method": "POST", "route": "/predict", "status": 200, "ms": 2.0,
        "rows": 1, "model": "churn", "version": 1, "inputs": [row], "outputs": [output], **values,
    }  # fmt: skip
    return json.dumps(entry, separators=(",", ":")) + "\n"


def asked(
    *, hours: int, drifted_from: int, rows: int = 150, start: datetime = BEGINNING, version: int = 1
) -> tuple[list[str], list[Label]]:
    """Whole hours of a log, and what was true of it; from one of them on, ages are 30 higher and every answer is wrong.

    The model says yes to ages over 40, which is true until the drift.
    """
    random = np.random.default_rng(5)
    lines: list[str] = []
    labels: list[Label] = []
    for hour in range(hours):
        for number in range(rows):
            age = float(round(random.normal(40 + (30 if hour >= drifted_from else 0), 10), 3))
            said = "yes" if age > 40 else "no"
            truth = said if hour < drifted_from else "no"
            name = f"{hour}-{number}"
            when = clock.to_text(start + timedelta(hours=hour, minutes=number * 60 // rows))
            row: dict[str, object] = {"age": age, "plan": "basic" if number % 3 else "gold"}
            lines.append(log_line(when, row, said, request_id=name, version=version))
            labels.append(Label(request_id=name, value=truth, when=when))
    return lines, labels


def history(
    root: Path, *, hours: int, drifted_from: int, rows: int = 150, labelled: bool = True, start: datetime = BEGINNING
) -> LocalMonitorStore:
    """An endpoint's log of whole hours on the laptop, as ``asked`` makes them."""
    store = LocalMonitorStore(Layout(root))
    lines, labels = asked(hours=hours, drifted_from=drifted_from, rows=rows, start=start)
    path = store.request_log("churn", "dev")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(lines))
    if labelled:
        store.feedback("churn", "dev", labels, window_seconds=3600, now=clock.to_text(start + timedelta(hours=hours)))
    return store


def learned() -> Baseline:
    """What the model of ``history`` learned from."""
    ages = np.random.default_rng(6).normal(40, 10, size=3000)
    said = ["yes" if age > 40 else "no" for age in ages]
    prediction = profiles.categorical("prediction", Counter(said), len(said), least=1)
    plans = ["basic"] * 2000 + ["gold"] * 1000
    return baseline({"age": ages}, {"plan": plans}, prediction=prediction, metrics={"accuracy": 0.98})
