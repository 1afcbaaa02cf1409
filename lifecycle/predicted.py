"""Predictions as an endpoint of a cloud gives them, told apart from the probabilities that may come with each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast


def apart(predictions: Sequence[object]) -> tuple[list[object], list[object] | None]:
    """The value of each row, and the probabilities where every row has them.

    A row is its value, or an object with ``prediction`` and, it may be, ``probabilities``.
    """
    objects = [
        cast("Mapping[str, Any]", one) for one in predictions if isinstance(one, Mapping) and "prediction" in one
    ]
    if not predictions or len(objects) < len(predictions):
        return list(predictions), None
    shares = [one["probabilities"] for one in objects] if all("probabilities" in one for one in objects) else None
    return [one["prediction"] for one in objects], shares
