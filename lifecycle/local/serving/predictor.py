"""Rows in, predictions out: a data frame as the model was trained on, and plain values back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd  # pyright: ignore[reportMissingTypeStubs]

from ..loading import Column, LoadedModel
from .schema import RequestError, Row

_DTYPES: dict[str, str] = {
    "double": "float64",
    "float": "float32",
    "long": "int64",
    "integer": "int32",
    "boolean": "bool",
}


@dataclass(frozen=True, kw_only=True)
class Predictions:
    """One value per row and, for a classifier that knows them, the probability of each class."""

    values: list[Any]
    probabilities: list[dict[str, float]] | None


class Predictor:
    """A loaded model that takes rows."""

    def __init__(self, model: LoadedModel) -> None:
        """Keeps the model; nothing is computed yet."""
        self.columns: tuple[Column, ...] = model.columns
        self._estimator = model.estimator
        self._classes = [str(name) for name in model.classes]
        self._has_probabilities = model.has_probabilities
        self._names = pd.Index([column.name for column in self.columns])
        self._all_double = all(column.type == "double" for column in self.columns)

    def predict(self, rows: Sequence[Row]) -> Predictions:
        """Predict these rows. Raises RequestError (422) for values that the model cannot work with."""
        frame = self.frame(rows)
        try:
            values: list[Any] = self._estimator.predict(frame).tolist()
            table = self._estimator.predict_proba(frame).tolist() if self._has_probabilities else None
        except (ValueError, OverflowError) as error:
            raise RequestError(422, "model-refused", f"the model cannot take these rows: {error}") from error
        _demand_finite(values if table is None else [*values, *(share for row in table for share in row)])
        shares = None if table is None else [dict(zip(self._classes, row, strict=True)) for row in table]
        return Predictions(values=values, probabilities=shares)

    def frame(self, rows: Sequence[Row]) -> Any:
        """Rows as the model was trained on them. Raises KeyError for a column of a type that no endpoint takes."""
        if self._all_double:  # one block instead of one array per column: several times faster for a single row
            names = cast("list[str]", self._names.tolist())
            block = np.array([[row.get(name) for name in names] for row in rows], dtype="float64")
            return pd.DataFrame(block, columns=self._names)
        return pd.DataFrame(
            {column.name: _array(column, [row.get(column.name) for row in rows]) for column in self.columns}
        )


def _array(column: Column, values: list[object]) -> Any:
    if column.type == "string":
        return np.array([np.nan if value is None else value for value in values], dtype=object)
    dtype = _DTYPES[column.type]
    if None in values:  # pandas keeps whole numbers with gaps as floats, and truth values with gaps as objects
        return np.array([np.nan if value is None else value for value in values], dtype=_with_gaps(dtype))
    return np.array(values, dtype=dtype)


def _with_gaps(dtype: str) -> Any:
    return {"bool": object, "float32": "float32"}.get(dtype, "float64")


def _demand_finite(values: Sequence[object]) -> None:
    if any(isinstance(value, float) and not math.isfinite(value) for value in values):
        raise RequestError(
            422, "no-prediction", "the model gives no finite number for these rows; values may be too large for it"
        )
