"""Held-out rows with their true values, and what a model says of them, in the one form that all metrics read.

Classes are numbered from 0 in sorted order and compared as text, because a CSV file knows no types.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ....core import digests
from ....core.errors import DataError, GateFailedError, GroundplanError, StoreCorruptedError
from ....core.suggestions import did_you_mean
from ...contract.rubric import Task
from ..data.tables import read_frame
from ..loading import LoadedModel
from .requests import HeldOutData, text_of

Array = Any
"""A numpy array; numpy's own types say too little to be worth their length here."""


@dataclass(frozen=True, kw_only=True, eq=False)
class HeldOut:
    """The held-out rows. ``truth`` has a class number or a number for each; ``positive`` is None for three classes."""

    task: Task
    frame: Any
    truth: Array
    classes: tuple[str, ...] = ()
    positive: int | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Predictions:
    """What a model says of rows; ``probabilities`` is rows by classes, or None for a model that has none."""

    task: Task
    truth: Array
    predicted: Array
    classes: tuple[str, ...] = ()
    positive: int | None = None
    probabilities: Array | None = None

    def take(self, rows: Array) -> Predictions:
        """These rows only: numbers of rows, or a truth value for each."""
        probabilities = None if self.probabilities is None else self.probabilities[rows]
        return dataclasses.replace(
            self, truth=self.truth[rows], predicted=self.predicted[rows], probabilities=probabilities
        )


def truths(predictions: Predictions) -> dict[str, dict[str, int]]:
    """How often each class was true, by the class that the model said."""
    names = predictions.classes
    found: dict[str, dict[str, int]] = {}
    said_numbers: list[int] = predictions.predicted.tolist()
    true_numbers: list[int] = predictions.truth.tolist()
    for (said, true), count in Counter(zip(said_numbers, true_numbers, strict=True)).items():
        found.setdefault(names[said], {})[names[true]] = count
    return found


def held_out(data: HeldOutData, models: Iterable[LoadedModel]) -> HeldOut:
    """Read the held-out data. Raises DataError, and StoreCorruptedError when it was changed since the run."""
    if data.digest and data.path.is_file() and (found := digests.of_file(data.path)) != data.digest:
        raise StoreCorruptedError(
            f"the held-out data in {data.path} was changed: its digest is {found}, expected {data.digest}",
            where=str(data.path),
            hint="Run the pipeline again to make it anew.",
        )
    frame = read_frame(data.path)
    target = _target(data, frame)
    if data.task == "regression":
        return HeldOut(task="regression", frame=frame, truth=_numbers(data, target))
    values = [*(name for model in models for name in model.classes), *target.unique().tolist()]
    classes = _classes(values)
    numbers = {name: number for number, name in enumerate(classes)}
    truth = np.array([numbers[text_of(value)] for value in target.tolist()], dtype=int)
    return HeldOut(task="classification", frame=frame, truth=truth, classes=classes, positive=_positive(data, classes))


def predict(model: LoadedModel, rows: HeldOut, frame: Any = None) -> Predictions:
    """What a model says of the held-out rows, or of ``frame``, which is they in another state.

    Raises GateFailedError when the model fails or gives values that are no predictions.
    """
    frame = rows.frame if frame is None else frame
    try:
        predicted = np.asarray(model.predict(frame))
        probabilities = np.asarray(model.predict_proba(frame), dtype=float) if model.has_probabilities else None
    except GroundplanError:
        raise
    except Exception as error:  # a model's own code raises whatever it likes
        first = (str(error).strip() or "no message").splitlines()[0]
        raise GateFailedError(f"the model fails on its held-out data: {type(error).__name__}: {first}") from error
    if predicted.size != len(rows.truth):
        raise GateFailedError(f"the model gives {predicted.size} predictions for {len(rows.truth)} rows")
    predicted = predicted.reshape(-1)
    return Predictions(
        task=rows.task,
        truth=rows.truth,
        predicted=_finite(predicted) if rows.task == "regression" else _numbered(predicted, rows.classes),
        classes=rows.classes,
        positive=rows.positive,
        probabilities=None
        if probabilities is None or rows.task == "regression"
        else _spread(probabilities, model, rows),
    )


def _target(data: HeldOutData, frame: Any) -> Any:
    if data.target not in frame.columns:
        raise DataError(
            f"the held-out data has no target column {data.target!r}",
            where=str(data.path),
            hint=did_you_mean(data.target, map(str, frame.columns)),
        )
    target = frame[data.target]
    missing = int(target.isna().sum())
    if missing:
        raise DataError(
            f"the target {data.target!r} is missing in {missing} of {len(target)} held-out rows",
            where=str(data.path),
            hint="Leave rows without a target out when the data is prepared.",
        )
    return target


def _numbers(data: HeldOutData, target: Any) -> Array:
    try:
        numbers = np.asarray(target, dtype=float)
    except ValueError as error:
        raise DataError(
            f"the target {data.target!r} holds values that are no numbers, and the task is regression",
            where=str(data.path),
            hint="Set data.task: classification, or name another target.",
        ) from error
    if not np.isfinite(numbers).all():
        raise DataError(f"the target {data.target!r} holds infinite values", where=str(data.path))
    return numbers


def _classes(values: Iterable[Any]) -> tuple[str, ...]:
    by_text = {text_of(value): value for value in values}
    try:
        return tuple(sorted(by_text, key=lambda name: by_text[name]))
    except TypeError:
        return tuple(sorted(by_text))


def _positive(data: HeldOutData, classes: tuple[str, ...]) -> int | None:
    if data.positive_class is None:
        return len(classes) - 1 if len(classes) <= 2 else None
    name = text_of(data.positive_class)
    if name not in classes:
        raise DataError(
            f"the positive class {name!r} is none of the classes: {', '.join(classes)}",
            hint="Correct positive_class of the model in groundplan.yaml.",
        )
    return classes.index(name)


def _finite(values: Array) -> Array:
    try:
        numbers = values.astype(float)
    except (TypeError, ValueError) as error:
        raise GateFailedError("the model predicts values that are no numbers, and the task is regression") from error
    _require_finite(numbers, "predictions")
    return numbers


def _require_finite(values: Array, what: str) -> None:
    rows = int((~np.isfinite(values.reshape(len(values), -1)).all(axis=1)).sum())
    if rows:
        raise GateFailedError(f"the model gives {what} that are NaN or infinite for {rows} of {len(values)} rows")


def _numbered(values: Array, classes: tuple[str, ...]) -> Array:
    numbers = {name: number for number, name in enumerate(classes)}
    names = [text_of(value) for value in values.tolist()]
    unknown = sorted(set(names) - set(numbers))
    if unknown:
        listed = ", ".join(repr(name) for name in unknown[:3])
        raise GateFailedError(f"the model predicts {listed}, which is none of the classes: {', '.join(classes[:10])}")
    return np.array([numbers[name] for name in names], dtype=int)


def _spread(probabilities: Array, model: LoadedModel, rows: HeldOut) -> Array:
    """The probabilities with a column for each class of the data; what the model does not know has 0."""
    if probabilities.shape != (len(rows.truth), len(model.classes)):
        raise GateFailedError(
            f"the model gives probabilities of shape {probabilities.shape} for {len(rows.truth)} rows and"
            f" {len(model.classes)} classes"
        )
    _require_finite(probabilities, "probabilities")
    spread = np.zeros((len(rows.truth), len(rows.classes)))
    spread[:, [rows.classes.index(text_of(name)) for name in model.classes]] = probabilities
    return spread
