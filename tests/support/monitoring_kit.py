"""What the monitoring tests share: plans, baselines and windows made of numbers that are told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from groundplan.lifecycle import profiles
from groundplan.lifecycle.contract.monitoring import Baseline, FeatureProfile, MonitorPlan, Window
from groundplan.lifecycle.monitors.window import Column, WindowData

HOUR = Window(start="2026-03-01T10:00:00.000Z", end="2026-03-01T11:00:00.000Z")
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
