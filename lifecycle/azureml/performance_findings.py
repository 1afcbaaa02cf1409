"""The file in which Azure ML's model performance signal left its figures, as groundplan's checks; only what is known.

The form is that of the component model_monitor_metric_outputter (Azure/azureml-assets, assets/model_monitoring).
"""

from __future__ import annotations

import math
from typing import Literal

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from ..contract.managed_monitors import ManagedWatch
from ..contract.monitoring import LIKENESSES, CheckVerdict, MonitorCheck
from .monitor_findings import SOURCE
from .performance import SIGNAL, thresholds

_Name = Literal["Accuracy", "Precision", "Recall", "MeanAbsoluteError", "RootMeanSquaredError"]


class _Form(BaseModel):
    """Nothing else than what is known, and each of its own type."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", strict=True, frozen=True)


class _Names(_Form):
    value: Literal["value"]
    threshold: Literal["threshold"]


class _Series(_Form):
    run_id: str | None
    metric_names: _Names


class _Figure(_Form):
    """The component writes a threshold as text."""

    value: float | None = None
    threshold: str | None = None
    timeseries: _Series


class _Signal(_Form):
    signal_name: Literal["model-performance"]
    signal_type: Literal["ModelPerformance"]
    version: Literal["1.0.0"]
    metrics: dict[_Name, _Figure]


def checks(signal: str, text: bytes, watch: ManagedWatch, *, rows: int) -> list[MonitorCheck]:
    """The checks of the signal's file over so many labelled rows. Raises ValueError for another form."""
    found = _Signal.model_validate_json(text)
    if found.signal_name != signal:
        raise ValueError(f"the file of {signal} is one of {SIGNAL}")
    # Not the file's own threshold: the published pipeline gives precision that of accuracy.
    held, few = thresholds(watch), rows < watch.plan.min_rows
    return [_check(name, one.value, held.get(name), rows, few=few) for name, one in sorted(found.metrics.items())]


def _check(name: str, value: float | None, threshold: float | None, rows: int, *, few: bool) -> MonitorCheck:
    value = value if value is not None and math.isfinite(value) else None
    return MonitorCheck(
        area="performance",
        subject="model",
        statistic=name,
        value=value,
        threshold=threshold,
        verdict="not enough data" if few else _verdict(name, value, threshold),
        rows=rows,
        detail="on the answers whose labels came in the days before the run",
        source=SOURCE,
    )


def _verdict(name: str, value: float | None, threshold: float | None) -> CheckVerdict:
    if value is None or threshold is None:
        return "not judged"
    return "alert" if (value < threshold if name in LIKENESSES else value > threshold) else "ok"
