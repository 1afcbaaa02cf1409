"""Challenger against champion on the same rows: how much better, and how sure that is, by paired bootstrap."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ....core.errors import DataError, GroundplanError, UsageError
from ...contract.evidence import Comparison
from ...contract.rubric import HIGHER_IS_BETTER
from ..loading import load
from . import metrics
from .predictions import Array, HeldOut, Predictions, held_out, predict
from .requests import CompareRequest

_CELLS_AT_ONCE = 2_000_000
_LEAST_USABLE = 0.5


def compare(request: CompareRequest) -> Comparison:
    """Compare two models. Raises as ``measure``, and UsageError for a metric that is not measured on rows."""
    models = [
        load(one.path, digest=one.digest, trusted_types=one.trusted_types)
        for one in (request.challenger, request.champion)
    ]
    rows = held_out(request.data, models)
    challenger = predict(models[0], rows)
    try:
        champion = predict(models[1], rows)
    except GroundplanError as error:
        raise DataError(
            f"the champion, version {request.champion_version}, cannot be compared: {error.message}",
            hint="Set evaluation.champion.enabled: false for this environment until the champion is replaced.",
        ) from error
    name = request.metric or _default(rows, challenger, champion)
    values = [_value(name, predictions) for predictions in (challenger, champion)]
    sign = 1.0 if HIGHER_IS_BETTER[name] else -1.0
    differences = sign * bootstrap(name, challenger, champion, resamples=request.resamples, seed=request.seed)
    return Comparison(
        champion_version=request.champion_version,
        champion_digest=request.champion.digest,
        metric=name,
        challenger=values[0],
        champion=values[1],
        difference=sign * (values[0] - values[1]),
        lower=_lower(differences, request.confidence),
        confidence=request.confidence,
        resamples=request.resamples,
    )


def bootstrap(name: str, challenger: Predictions, champion: Predictions, *, resamples: int, seed: int) -> Array:
    """The metric's differences, challenger minus champion, on rows drawn with replacement, the same rows for both.

    NaN where a draw has no value, such as one that holds a single class.
    """
    parts = [
        _of_draws(name, challenger, rows) - _of_draws(name, champion, rows)
        for rows in _draws(len(challenger.truth), resamples, seed)
    ]
    return np.concatenate(parts)


def _default(rows: HeldOut, challenger: Predictions, champion: Predictions) -> str:
    if rows.task == "regression":
        return "rmse"
    both = challenger.probabilities is not None and champion.probabilities is not None
    return "roc_auc" if both else "accuracy"


def _value(name: str, predictions: Predictions) -> float:
    measured, reason = metrics.value(name, predictions)
    if measured is None:
        raise UsageError(
            f"the models cannot be compared by {name}: {reason}",
            hint="Name another metric in evaluation.champion.metric.",
        )
    return measured


def _draws(count: int, resamples: int, seed: int) -> Iterator[Array]:
    generator = np.random.default_rng(seed)
    at_once = max(1, _CELLS_AT_ONCE // count)
    for start in range(0, resamples, at_once):
        yield generator.integers(0, count, size=(min(at_once, resamples - start), count))


def _of_draws(name: str, predictions: Predictions, rows: Array) -> Array:
    metric = metrics.METRICS[name]
    if metric.resample is not None:
        return metric.resample(predictions, rows)
    values = [metrics.value(name, predictions.take(one))[0] for one in rows]
    return np.array([np.nan if value is None else value for value in values])


def _lower(differences: Array, confidence: float) -> float:
    usable = differences[np.isfinite(differences)]
    if len(usable) < _LEAST_USABLE * len(differences):
        raise DataError(
            "the held-out rows are too few or too alike to compare two models on them",
            hint="Hold out more rows, or name another metric in evaluation.champion.metric.",
        )
    return float(np.quantile(usable, 1 - confidence))
