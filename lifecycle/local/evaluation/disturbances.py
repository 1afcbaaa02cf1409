"""How much worse a metric becomes when the model's inputs are noisy or missing."""

from __future__ import annotations

from typing import Any

import numpy as np

from ....core import extras
from ....core.errors import GateFailedError
from ...contract.evidence import DisturbanceValue
from ...contract.rubric import HIGHER_IS_BETTER
from ..loading import LoadedModel
from . import metrics
from .predictions import HeldOut, Predictions, predict
from .requests import DisturbanceDemand

_types: Any = extras.load("pandas").api.types


def measure_disturbance(
    demand: DisturbanceDemand, model: LoadedModel, rows: HeldOut, predictions: Predictions
) -> DisturbanceValue:
    """The metric under the disturbance; a model that cannot take such inputs has no value, and the reason says so."""
    before, reason = metrics.value(demand.metric, predictions)
    if before is None:
        return _value(demand, reason=reason)
    inputs = model.inputs(rows.frame)
    disturbed = _noisy(inputs, demand) if demand.kind == "noise" else _gappy(inputs, demand)
    if disturbed is None:
        return _value(demand, reason="the model takes no numeric columns")
    try:
        after, reason = metrics.value(demand.metric, predict(model, rows, disturbed))
    except GateFailedError as error:
        return _value(demand, reason=error.message)
    if after is None:
        return _value(demand, reason=reason)
    worse = before - after if HIGHER_IS_BETTER[demand.metric] else after - before
    return _value(demand, measured=after, drop=worse)


def _value(
    demand: DisturbanceDemand, *, measured: float | None = None, drop: float | None = None, reason: str = ""
) -> DisturbanceValue:
    return DisturbanceValue(
        kind=demand.kind,
        amount=demand.amount,
        metric=demand.metric,
        measured=measured,
        drop=drop,
        seed=demand.seed,
        reason=reason,
    )


def _noisy(inputs: Any, demand: DisturbanceDemand) -> Any:
    numeric = [name for name in inputs.columns if _is_numeric(inputs[name])]
    if not numeric:
        return None
    generator: Any = np.random.default_rng(demand.seed)  # its overloads are lost on values of no type
    values = inputs[numeric].astype(float)
    spread = values.std(ddof=0).fillna(0).to_numpy() * demand.amount
    noise = generator.normal(size=values.shape)
    noisy = values + noise * spread
    return inputs.assign(**{name: noisy[name] for name in numeric})


def _gappy(inputs: Any, demand: DisturbanceDemand) -> Any:
    generator = np.random.default_rng(demand.seed)
    return inputs.mask(generator.random(inputs.shape) < demand.amount)


def _is_numeric(column: Any) -> bool:
    return bool(_types.is_numeric_dtype(column.dtype)) and not _types.is_bool_dtype(column.dtype)
