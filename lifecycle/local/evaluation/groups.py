"""Metrics on the values of a column, and gaps between its groups as Fairlearn defines them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from ....core import extras
from ....core.errors import DataError
from ....core.suggestions import did_you_mean
from ...contract.evidence import FairnessValue, SliceValue
from . import metrics
from .predictions import Array, HeldOut, Predictions
from .requests import FairnessDemand, SliceDemand, text_of

_fairlearn: Any = extras.load("fairlearn.metrics")

_MOST_VALUES = 200
_MISSING = "(missing)"

Gap = Callable[[Array, Array, Array], float]
"""A gap from true values, predictions and the group of each row."""


def measure_slices(demand: SliceDemand, rows: HeldOut, predictions: Predictions) -> list[SliceValue]:
    """The metric for each value of the column. Raises DataError for a column that is not there or has too many."""
    groups = _groups(rows, demand.column, key="slices")
    names = sorted({*demand.values, *(groups.tolist() if demand.all_values else ())})
    if len(names) > _MOST_VALUES:
        raise DataError(
            f"the column {demand.column!r} has {len(names)} values in the held-out data; at most {_MOST_VALUES}"
            " make slices",
            hint="Name some with evaluation.slices.values, or add a column that groups them.",
        )
    return [_slice(demand, name, predictions.take(groups == name)) for name in names]


def measure_fairness(demand: FairnessDemand, rows: HeldOut, predictions: Predictions) -> FairnessValue:
    """The gap between the groups that have enough rows; the others are only counted."""
    groups = _groups(rows, demand.column, key="fairness")
    counts = Counter[str](groups.tolist())
    judged = sorted(name for name, count in counts.items() if count >= demand.min_rows)
    keep = np.isin(groups, judged)
    measured, reason = _gap(demand, predictions.take(keep), groups[keep], judged)
    if measured is not None and not math.isfinite(measured):
        measured, reason = None, "it is not defined on these groups: all their rates are 0"
    return FairnessValue(
        column=demand.column,
        metric=demand.metric,
        measured=measured,
        groups=dict(sorted(counts.items())),
        min_rows=demand.min_rows,
        reason=reason,
    )


def _slice(demand: SliceDemand, name: str, predictions: Predictions) -> SliceValue:
    measured, reason = metrics.value(demand.metric, predictions)
    return SliceValue(
        column=demand.column,
        value=name,
        metric=demand.metric,
        measured=measured,
        rows=len(predictions.truth),
        reason=reason,
    )


def _groups(rows: HeldOut, column: str, *, key: str) -> Array:
    if column not in rows.frame.columns:
        raise DataError(
            f"evaluation.{key} names the column {column!r}, which the held-out data does not have",
            hint=did_you_mean(column, map(str, rows.frame.columns)),
        )
    values = rows.frame[column]
    names = [
        _MISSING if missing else text_of(value)
        for value, missing in zip(values.tolist(), values.isna().tolist(), strict=True)
    ]
    return np.array(names, dtype=object)


def _gap(
    demand: FairnessDemand, predictions: Predictions, groups: Array, judged: list[str]
) -> tuple[float | None, str]:
    if len(judged) < 2:
        return None, f"fewer than two groups have {demand.min_rows} rows"
    if demand.metric == "mean_prediction_difference":
        if predictions.task != "regression":
            return None, "it is for regression, and the task is classification"
        return float(_mean_prediction_difference(predictions.truth, predictions.predicted, groups)), ""
    if predictions.task != "classification":
        return None, "it is for classification, and the task is regression"
    if predictions.positive is None:
        return None, "there are more than two classes and none is set as positive_class"
    truth = predictions.truth == predictions.positive
    one_sided = _one_sided(demand.metric, truth, groups, judged)
    if one_sided:
        return None, one_sided
    return float(_GAPS[demand.metric](truth, predictions.predicted == predictions.positive, groups)), ""


def _one_sided(metric: str, truth: Array, groups: Array, judged: list[str]) -> str:
    """Why error rates of a group have no value: it has no row of a class that they are taken over."""
    needed = {True} if metric.startswith("equal_opportunity") else {True, False}
    if metric.startswith("demographic_parity"):
        return ""
    for name in judged:
        if not needed <= set(truth[groups == name].tolist()):
            return f"the group {name!r} has rows of one class only"
    return ""


def _mean_prediction_difference(truth: Array, predicted: Array, groups: Array) -> float:
    frame = _fairlearn.MetricFrame(
        metrics=_fairlearn.mean_prediction, y_true=truth, y_pred=predicted, sensitive_features=groups
    )
    return frame.difference()


def _by_fairlearn(name: str) -> Gap:
    function = getattr(_fairlearn, name)
    return lambda truth, predicted, groups: function(truth, predicted, sensitive_features=groups)


_GAPS: dict[str, Gap] = {
    name: _by_fairlearn(name)
    for name in (
        "demographic_parity_difference",
        "demographic_parity_ratio",
        "equalized_odds_difference",
        "equalized_odds_ratio",
        "equal_opportunity_difference",
    )
}
