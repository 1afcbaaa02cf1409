"""The metrics: one entry each, with what it needs and how it is measured. docs/metrics.md defines them for people.

To add one: an entry here, its name in ``MetricName`` (stacks/config/evaluation.py), its direction in
``HIGHER_IS_BETTER`` (lifecycle/contract/rubric.py), a section in docs/metrics.md. A test holds the four together.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ....core import extras
from ...contract.rubric import Task
from ..loading import LoadedModel
from .predictions import Array, Predictions

# Their published types are too partial for a strict check.
_sklearn: Any = extras.load("sklearn.metrics")
_stats: Any = extras.load("scipy.stats")

_BINS = 10
_LATENCY_WARM_UP, _LATENCY_CALLS, _LATENCY_SECONDS = 10, 300, 2.0


class UnmeasurableError(Exception):
    """The metric has no value on these rows; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Metric:
    """How a metric is measured on rows.

    ``resample`` measures it on many draws at once: ``rows`` is draws by row numbers, the answer one value for each
    draw, NaN where there is none. Without it each draw is measured by itself.
    """

    task: Task
    measure: Callable[[Predictions], float]
    needs_probabilities: bool = False
    resample: Callable[[Predictions, Array], Array] | None = None


def value(name: str, predictions: Predictions) -> tuple[float | None, str]:
    """A metric's value on these rows; or None, and why it has none."""
    metric = METRICS.get(name)
    if metric is None:
        return None, "it is measured on the whole model, not on rows" if name in OF_THE_MODEL else "it is not known"
    reason = unfit(metric, predictions)
    if reason:
        return None, reason
    try:
        measured = float(metric.measure(predictions))
    except UnmeasurableError as error:
        return None, str(error)
    return (measured, "") if math.isfinite(measured) else (None, "it is not defined on these rows")


def unfit(metric: Metric, predictions: Predictions) -> str:
    """Why a metric cannot be measured on such predictions; empty when it can."""
    if metric.task != predictions.task:
        return f"it is for {metric.task}, and the task is {predictions.task}"
    if not len(predictions.truth):
        return "there are no rows"
    if metric.needs_probabilities and predictions.probabilities is None:
        return "the model gives no probabilities"
    return ""


def latency_p95_ms(model: LoadedModel, frame: Any) -> float:
    """The 95th percentile of the milliseconds that one prediction for one row takes.

    300 calls after a warm-up, in all not much more than two seconds; a slow model gets fewer calls.
    """
    rows = [frame.iloc[[number]] for number in range(min(len(frame), _LATENCY_CALLS))]
    began = time.perf_counter()
    for row in rows[:_LATENCY_WARM_UP]:
        model.predict(row)
        if time.perf_counter() - began > _LATENCY_SECONDS / 4:
            break
    taken: list[float] = []
    while len(taken) < _LATENCY_CALLS and time.perf_counter() - began < _LATENCY_SECONDS:
        started = time.perf_counter()
        model.predict(rows[len(taken) % len(rows)])
        taken.append(time.perf_counter() - started)
    return float(np.percentile(taken, 95) * 1000)


def size_mb(folder: Path) -> float:
    """The size of a model's folder in megabytes of 10⁶ bytes."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


def _accuracy(predictions: Predictions) -> float:
    return _sklearn.accuracy_score(predictions.truth, predictions.predicted)


def _averaged(score: Callable[..., float]) -> Callable[[Predictions], float]:
    def measure(predictions: Predictions) -> float:
        truth, predicted, positive = predictions.truth, predictions.predicted, predictions.positive
        if positive is not None:
            return score(truth == positive, predicted == positive, zero_division=0)
        return score(truth, predicted, average="macro", zero_division=0)

    return measure


def _roc_auc(predictions: Predictions) -> float:
    if len(np.unique(predictions.truth)) < 2:
        raise UnmeasurableError("the rows have one class only")
    assert predictions.probabilities is not None  # noqa: S101 value() asks first
    classes, shares = _areas(predictions, predictions.truth)
    areas = [
        _sklearn.roc_auc_score(predictions.truth == number, predictions.probabilities[:, number]) for number in classes
    ]
    return float(np.average(areas, weights=shares))


def _areas(predictions: Predictions, truth: Array) -> tuple[list[int], list[int]]:
    """The classes whose areas make the metric, and their weights: the positive one, or each against the rest."""
    if predictions.positive is not None:
        if not (truth == predictions.positive).any():
            raise UnmeasurableError("no row has the positive class")
        return [predictions.positive], [1]
    present, counts = np.unique(truth, return_counts=True)
    return present.tolist(), counts.tolist()


def _roc_auc_of_draws(predictions: Predictions, rows: Array) -> Array:
    assert predictions.probabilities is not None  # noqa: S101 value() asks first
    classes, _ = _areas(predictions, predictions.truth)
    truth, draws = predictions.truth[rows], rows.shape[1]
    total, weight = np.zeros(len(rows)), np.zeros(len(rows))
    for number in classes:
        # The area is the rank-sum statistic of Mann and Whitney; ties share their rank.
        ranks = _stats.rankdata(predictions.probabilities[:, number][rows], axis=1)
        ours = truth == number
        count = ours.sum(axis=1)
        rest = draws - count
        with np.errstate(divide="ignore", invalid="ignore"):
            area = (np.where(ours, ranks, 0).sum(axis=1) - count * (count + 1) / 2) / (count * rest)
        share = np.ones(len(rows)) if predictions.positive is not None else count
        total += np.where(share > 0, np.where(count * rest > 0, area, np.nan) * share, 0)
        weight += share
    return total / weight


def _log_loss(predictions: Predictions) -> float:
    numbers = range(len(predictions.classes))
    return _sklearn.log_loss(predictions.truth, predictions.probabilities, labels=list(numbers))


def _log_losses(predictions: Predictions) -> Array:
    assert predictions.probabilities is not None  # noqa: S101 value() asks first
    of_truth = predictions.probabilities[np.arange(len(predictions.truth)), predictions.truth]
    tiny = np.finfo(float).eps
    return -np.log(np.clip(of_truth, tiny, 1 - tiny))


def _brier(predictions: Predictions) -> float:
    assert predictions.probabilities is not None  # noqa: S101 value() asks first
    if predictions.positive is not None:
        number = predictions.positive
        return _sklearn.brier_score_loss(predictions.truth == number, predictions.probabilities[:, number])
    labels = list(range(len(predictions.classes)))
    return _sklearn.brier_score_loss(predictions.truth, predictions.probabilities, labels=labels)


def _briers(predictions: Predictions) -> Array:
    assert predictions.probabilities is not None  # noqa: S101 value() asks first
    truth = np.eye(len(predictions.classes))[predictions.truth]
    squares = (predictions.probabilities - truth) ** 2
    return squares.sum(axis=1) if predictions.positive is None else squares[:, predictions.positive]


def _calibration_error(predictions: Predictions) -> float:
    assert predictions.probabilities is not None  # noqa: S101 value() asks first
    confidence = predictions.probabilities.max(axis=1)
    right = predictions.probabilities.argmax(axis=1) == predictions.truth
    bins = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    gaps = np.bincount(bins, weights=right - confidence, minlength=_BINS)
    return float(np.abs(gaps).sum() / len(right))


def _mae(predictions: Predictions) -> float:
    return _sklearn.mean_absolute_error(predictions.truth, predictions.predicted)


def _rmse(predictions: Predictions) -> float:
    return _sklearn.root_mean_squared_error(predictions.truth, predictions.predicted)


def _rmse_of_draws(predictions: Predictions, rows: Array) -> Array:
    return np.sqrt(((predictions.truth - predictions.predicted) ** 2)[rows].mean(axis=1))


def _r2(predictions: Predictions) -> float:
    if len(predictions.truth) < 2 or np.ptp(predictions.truth) == 0:
        raise UnmeasurableError("the true values are all the same")
    return _sklearn.r2_score(predictions.truth, predictions.predicted)


def _mean_of(per_row: Callable[[Predictions], Array]) -> Callable[[Predictions, Array], Array]:
    return lambda predictions, rows: per_row(predictions)[rows].mean(axis=1)


METRICS: dict[str, Metric] = {
    "accuracy": Metric(
        task="classification", measure=_accuracy, resample=_mean_of(lambda given: given.truth == given.predicted)
    ),
    "precision": Metric(task="classification", measure=_averaged(_sklearn.precision_score)),
    "recall": Metric(task="classification", measure=_averaged(_sklearn.recall_score)),
    "f1": Metric(task="classification", measure=_averaged(_sklearn.f1_score)),
    "roc_auc": Metric(task="classification", measure=_roc_auc, needs_probabilities=True, resample=_roc_auc_of_draws),
    "log_loss": Metric(
        task="classification", measure=_log_loss, needs_probabilities=True, resample=_mean_of(_log_losses)
    ),
    "brier": Metric(task="classification", measure=_brier, needs_probabilities=True, resample=_mean_of(_briers)),
    "calibration_error": Metric(task="classification", measure=_calibration_error, needs_probabilities=True),
    "mae": Metric(
        task="regression", measure=_mae, resample=_mean_of(lambda given: np.abs(given.truth - given.predicted))
    ),
    "rmse": Metric(task="regression", measure=_rmse, resample=_rmse_of_draws),
    "r2": Metric(task="regression", measure=_r2),
}
"""What is measured on rows, by name."""

OF_THE_MODEL = ("latency_p95_ms", "size_mb")
"""What is measured of the model as a whole."""
