"""How alike two rankings are, and how likely chance alone is; docs/monitoring.md says why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..core import extras

Array = Any
"""A numpy array."""

_DRAWS = 20_000
"""Enough that the least chance that can be told survives Holm's correction for a thousand tests."""

_CELLS_AT_ONCE = 500_000
_SEED = 42
_ROUNDING = 1e-12


def ndcg(before: Array, after: Array) -> float:
    """The normalized discounted cumulative gain of ranking by ``after`` what is worth ``before``: 1 for the same order.

    Järvelin and Kekäläinen, ACM Trans. Inf. Syst. 20 (2002) 422-446, as ``sklearn.metrics.ndcg_score`` has it.
    """
    return float(extras.load("sklearn.metrics").ndcg_score([before], [after]))


def chance(before: Array, after: Array, covariance: Array, *, rows_before: int, rows_after: int) -> float:
    """The p-value of an NDCG as low as this or lower, where both are means of so many rows of one population.

    Both are drawn from the normal distributions that such means have around what they have in common; ``covariance``
    is that of a single row, of which ``after`` is the mean.
    """
    common = (rows_before * before + rows_after * after) / (rows_before + rows_after)
    found = ndcg(before, after) + _ROUNDING
    as_low = sum(int((gains(worth, ranked) <= found).sum())
                 for worth, ranked in _draws(common, covariance, rows_before, rows_after))  # fmt: skip
    return (1 + as_low) / (1 + _DRAWS)


def _draws(common: Array, covariance: Array, rows_before: int, rows_after: int) -> Iterator[tuple[Array, Array]]:
    sizes, directions = np.linalg.eigh(covariance)
    spread = directions * np.sqrt(np.maximum(sizes, 0))
    generator = np.random.default_rng(_SEED)
    at_once = max(1, _CELLS_AT_ONCE // len(common))
    for start in range(0, _DRAWS, at_once):
        shape = (2, min(at_once, _DRAWS - start), len(common))
        worth, ranked = generator.normal(size=shape) @ spread.T
        yield np.maximum(common + worth / np.sqrt(rows_before), 0), common + ranked / np.sqrt(rows_after)


def gains(worth: Array, ranked: Array) -> Array:
    """The NDCG of each row; one that is worth nothing at all counts as the best."""
    count: int = worth.shape[1]
    discount = 1 / np.log2(np.arange(2, count + 2))
    gained = np.take_along_axis(worth, (-ranked).argsort(axis=1), axis=1) @ discount
    best: Array = np.sort(worth, axis=1)[:, ::-1] @ discount
    return np.divide(gained, best, out=np.ones(len(worth)), where=best > 0)
