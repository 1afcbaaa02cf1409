"""Measures a version on the requests whose labels have come, as an evaluation does on held-out rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ....core import extras
from ....core.errors import DataError
from ...contract.evidence import FairnessValue, SliceValue
from ...contract.monitoring import MonitorPlan, Performance
from ..evaluation import groups, metrics
from ..evaluation.predictions import HeldOut, Predictions, truths
from ..evaluation.requests import FairnessDemand, SliceDemand, text_of

_RESAMPLES = 200
_SEED = 42
_ROUNDED = 1e-3
"""By so much probabilities may be beside one in all, as after rounding."""


@dataclass(kw_only=True)
class Labelled:
    """Labelled rows as they are read; ``inputs`` holds the columns of slices and fairness only."""

    truth: list[object] = field(default_factory=list[object])
    predicted: list[object] = field(default_factory=list[object])
    probabilities: list[Mapping[str, float] | None] = field(default_factory=list[Mapping[str, float] | None])
    inputs: list[Mapping[str, object]] = field(default_factory=list[Mapping[str, object]])

    def __len__(self) -> int:
        return len(self.truth)


def measure(plan: MonitorPlan, rows: Labelled) -> Performance:
    """Every metric of the task, by slice where the config names columns, and the gaps between groups."""
    predictions, notes = _predictions(plan, rows)
    if not len(predictions.truth):
        return Performance(rows=0, notes=tuple(notes))
    found: dict[str, float] = {}
    errors: dict[str, float] = {}
    for name, metric in metrics.METRICS.items():
        if metric.task != plan.task:
            continue
        value, reason = metrics.value(name, predictions)
        if value is None:
            notes.append(f"{name}: {reason}")
            continue
        found[name] = value
        error = standard_error(metric, predictions)
        if error is not None:
            errors[name] = error
    frame: Any = extras.load("pandas").DataFrame(rows.inputs)
    held = HeldOut(task=plan.task, frame=frame, truth=predictions.truth, classes=predictions.classes,
                   positive=predictions.positive)  # fmt: skip
    return Performance(
        rows=len(predictions.truth), metrics=found, errors=errors, notes=tuple(notes),
        truths={} if plan.task == "regression" else truths(predictions),
        residuals=tuple((predictions.truth - predictions.predicted).tolist()) if plan.task == "regression" else (),
        slices=tuple(_slices(plan, held, predictions)), fairness=tuple(_fairness(plan, held, predictions)),
    )  # fmt: skip


def standard_error(metric: metrics.Metric, predictions: Predictions) -> float | None:
    """The standard error of a metric by bootstrap over rows; None where most draws have no value."""
    generator = np.random.default_rng(_SEED)
    size = len(predictions.truth)
    draws = generator.integers(0, size, size=(_RESAMPLES, size)) if size * _RESAMPLES <= 20_000_000 else None
    if draws is None or metric.resample is None:
        return None
    values = np.asarray(metric.resample(predictions, draws), dtype=float)
    values = values[np.isfinite(values)]
    return float(values.std(ddof=1)) if len(values) > _RESAMPLES / 2 else None


def _predictions(plan: MonitorPlan, rows: Labelled) -> tuple[Predictions, list[str]]:
    """With what had to be left out, in words."""
    if plan.task == "regression":
        return _numbers(rows)
    texts = [text_of(value) for value in rows.truth]
    predicted = [text_of(value) for value in rows.predicted]
    shares = [one for one in rows.probabilities if one is not None]
    classes = _classes({*texts, *predicted, *(name for one in shares[:1] for name in one)})
    numbers = {name: number for number, name in enumerate(classes)}
    notes: list[str] = []
    table = None
    if shares and len(shares) == len(texts):
        table = np.array([[one.get(name, 0.0) for name in classes] for one in shares])
        sums = table.sum(axis=1, keepdims=True)
        whole = bool(np.all(np.abs(sums - 1.0) < _ROUNDED))
        table = table / sums if whole else None
        notes += [] if whole else ["probabilities: they do not sum to one and were left out"]
    positive = None if plan.positive_class is None else numbers.get(text_of(plan.positive_class))
    if plan.positive_class is None and len(classes) <= 2:
        positive = len(classes) - 1
    return Predictions(
        task="classification", truth=np.array([numbers[name] for name in texts], dtype=int),
        predicted=np.array([numbers[name] for name in predicted], dtype=int), classes=classes, positive=positive,
        probabilities=table,
    ), notes  # fmt: skip


def _numbers(rows: Labelled) -> tuple[Predictions, list[str]]:
    pairs = [(_number(true), _number(said)) for true, said in zip(rows.truth, rows.predicted, strict=True)]
    kept = [(true, said) for true, said in pairs if true is not None and said is not None]
    rows.inputs = [one for one, (true, said) in zip(rows.inputs, pairs, strict=True) if None not in (true, said)]
    table = np.array(kept, dtype=float).reshape(-1, 2)
    dropped = len(pairs) - len(kept)
    notes = [f"labels: {dropped} are no numbers and were left out"] if dropped else []
    return Predictions(task="regression", truth=table[:, 0], predicted=table[:, 1]), notes


def _number(value: object) -> float | None:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return number if np.isfinite(number) else None


def _classes(names: set[str]) -> tuple[str, ...]:
    """Sorted as numbers where all are, as the evaluation sorts classes that are numbers."""
    try:
        return tuple(sorted(names, key=float))
    except ValueError:
        return tuple(sorted(names))


def _slices(plan: MonitorPlan, held: HeldOut, predictions: Predictions) -> Sequence[SliceValue]:
    found: list[SliceValue] = []
    for column in plan.slices:
        for metric in plan.metrics:
            demand = SliceDemand(column=column, metric=metric, all_values=True, values=())
            try:
                found += groups.measure_slices(demand, held, predictions)
            except DataError as error:
                found.append(SliceValue(column=column, value="(all)", metric=metric, measured=None, rows=0,
                                        reason=error.message))  # fmt: skip
    return found


def _fairness(plan: MonitorPlan, held: HeldOut, predictions: Predictions) -> Sequence[FairnessValue]:
    found: list[FairnessValue] = []
    for rule in plan.fairness:
        demand = FairnessDemand(column=rule.column, metric=rule.metric, min_rows=rule.min_rows)
        try:
            found.append(groups.measure_fairness(demand, held, predictions))
        except DataError as error:
            found.append(FairnessValue(column=rule.column, metric=rule.metric, measured=None, groups={},
                                       reason=error.message))  # fmt: skip
    return found
