"""One evaluation: all metrics that fit the task, and the slices, gaps and disturbances that were asked for."""

from __future__ import annotations

from ....core.errors import GroundplanError
from ..loading import load
from .disturbances import measure_disturbance
from .groups import measure_fairness, measure_slices
from .metrics import METRICS, latency_p95_ms, size_mb, value
from .predictions import Predictions, held_out, predict
from .profiling import attributed, profile_of
from .requests import Measurement, MeasureRequest


def measure(request: MeasureRequest) -> Measurement:
    """Measure a model. Raises DataError, GateFailedError, StoreCorruptedError, PolicyError."""
    model = load(request.model.path, digest=request.model.digest, trusted_types=request.model.trusted_types)
    rows = held_out(request.data, [model])
    predictions = predict(model, rows)
    metrics, notes = _metrics(predictions)
    try:
        metrics["latency_p95_ms"] = latency_p95_ms(model, model.inputs(rows.frame))
    except GroundplanError:
        raise
    except Exception as error:  # noqa: BLE001 a model's own code, which may answer many rows and fail on one
        notes.append(f"latency_p95_ms: the model fails on a single row: {type(error).__name__}")
    metrics["size_mb"] = size_mb(request.model.path)
    demands = request.demands
    profile = None
    try:
        profile = profile_of(model, rows, predictions, request.training)
        profile = attributed(profile, model, rows) if request.attribution else profile
    except (GroundplanError, ValueError) as error:
        notes.append(f"baseline: the training data cannot be profiled for monitoring: {error}")
    return Measurement(
        rows=len(rows.truth),
        metrics=metrics,
        slices=tuple(found for demand in demands.slices for found in measure_slices(demand, rows, predictions)),
        fairness=tuple(measure_fairness(demand, rows, predictions) for demand in demands.fairness),
        disturbances=tuple(measure_disturbance(demand, model, rows, predictions) for demand in demands.disturbances),
        notes=(*notes, *model.warnings),
        profile=profile,
    )


def _metrics(predictions: Predictions) -> tuple[dict[str, float], list[str]]:
    metrics: dict[str, float] = {}
    notes: list[str] = []
    for name, metric in METRICS.items():
        if metric.task != predictions.task:
            continue
        measured, reason = value(name, predictions)
        if measured is None:
            notes.append(f"{name}: {reason}")
        else:
            metrics[name] = measured
    return metrics, notes
