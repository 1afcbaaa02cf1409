"""How much each column matters to a model: how far its answers change when the column's values change places."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from ....core import clock
from ....core.errors import DataError, GroundplanError
from ...contract.monitoring import Attribution
from ...contract.rubric import Task
from ...monitors.attribution import ROWS
from ..loading import LoadedModel, load
from ..serving.predictor import Predictor
from .predictions import Array
from .requests import AttributionRequest

_REPEATS = 5
_SEED = 42
_MOST_SECONDS = 300.0

Ask = Callable[[Any], Array]
"""A model's answers to the rows of a DataFrame."""


def attribute(request: AttributionRequest) -> Attribution:
    """Answer a request. Raises as ``measure``, and DataError for rows that the model cannot take.

    Rows that lack a value which the model needs are left out, so that ``rows`` of the answer may be fewer.
    """
    model = load(request.model.path, digest=request.model.digest, trusted_types=request.model.trusted_types)
    needed = [column.name for column in model.columns if column.required]
    usable = [row for row in request.rows if all(row.get(name) is not None for name in needed)]
    try:
        frame = Predictor(model).frame(usable)
    except (KeyError, ValueError, TypeError, OverflowError) as error:
        raise DataError(f"the logged rows do not fit the model's columns: {_first_line(error)}") from error
    return attribution(model, frame, request.task)


def attribution(model: LoadedModel, inputs: Any, task: Task) -> Attribution:
    """Each column's attribution on ``inputs``, the columns that the model takes, or on a sample of them.

    Raises DataError when the model fails on rows whose values changed places, or would take too long.
    """
    if len(inputs) < 2:
        return Attribution(rows=len(inputs))
    inputs = inputs.sample(min(len(inputs), ROWS), random_state=_SEED).reset_index(drop=True)

    def ask(frame: Any) -> Array:
        return _answers(model, frame, task)

    answers = ask(inputs)
    begun = time.monotonic()
    first = _parts(ask, inputs, answers, inputs.columns[0])
    _demand_time((time.monotonic() - begun) * len(inputs.columns))
    parts = np.array([first, *(_parts(ask, inputs, answers, name) for name in inputs.columns[1:])])
    return Attribution(
        rows=len(inputs),
        values=dict(zip(inputs.columns.tolist(), np.maximum(parts.mean(axis=1), 0).tolist(), strict=True)),
        covariance=tuple(map(tuple, np.atleast_2d(np.cov(parts)).tolist())),
    )


def _parts(ask: Ask, inputs: Any, answers: Array, name: str) -> Array:
    """Each row's part in a column's attribution, which is their mean.

    A row takes part twice: where it gets another row's value, and where its own value goes. Told from the first alone,
    chance would look smaller than it is: the mean is a statistic of pairs (Hoeffding 1948), this its projection.
    """
    rows = len(inputs)
    generator = np.random.default_rng([_SEED, *name.encode()])
    given = np.array([generator.permutation(rows) for _ in range(_REPEATS)])
    changed = inputs.iloc[np.tile(np.arange(rows), _REPEATS)].reset_index(drop=True)
    changed[name] = inputs[name].iloc[given.ravel()].reset_index(drop=True)
    getting = _distance(np.tile(answers.T, _REPEATS).T, ask(changed)).reshape(_REPEATS, rows)
    giving = np.take_along_axis(getting, given.argsort(axis=1), axis=1)
    return getting.mean(axis=0) + giving.mean(axis=0) - getting.mean()


def _answers(model: LoadedModel, frame: Any, task: Task) -> Array:
    """Probabilities, rows by classes; or for each row the number, or the class, that the model says."""
    try:
        if model.has_probabilities:
            found = np.asarray(model.predict_proba(frame), dtype=float)
        else:
            found = np.asarray(model.predict(frame)).reshape(-1)
            found = found.astype(float if task == "regression" else str)
    except GroundplanError:
        raise
    except Exception as error:  # a model's own code raises whatever it likes
        raise DataError(f"the model fails on these rows: {type(error).__name__}: {_first_line(error)}") from error
    if len(found) != len(frame) or (found.dtype.kind == "f" and not np.isfinite(found).all()):
        raise DataError("the model does not give a finite answer to each of these rows")
    return found


def _distance(before: Array, after: Array) -> Array:
    """How far apart the answers to each row are: total variation of probabilities, a difference, or 0 and 1."""
    if before.ndim == 2:
        return np.abs(before - after).sum(axis=1) / 2
    return np.abs(before - after) if before.dtype.kind == "f" else (before != after).astype(float)


def _demand_time(seconds: float) -> None:
    if seconds > _MOST_SECONDS:
        raise DataError(
            f"to ask the model so often would take about {clock.duration(seconds)}, of which at most"
            f" {clock.duration(_MOST_SECONDS)} are allowed",
            hint="Set monitoring.attribution.enabled: false, or take a faster model.",
        )


def _first_line(error: Exception) -> str:
    return (str(error).strip() or "no message").splitlines()[0]
