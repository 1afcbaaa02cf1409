"""What a column holds, in a few figures."""

from __future__ import annotations

from typing import Any

from ...core import extras
from ..contract.data import ColumnSummary, NumberSummary
from .table import Column
from .textual import short

BINS = 12
TOP = 5
LONGEST_VALUE = 80


def summarize(column: Column, strength: float | None) -> ColumnSummary:
    """The figures of one column."""
    return ColumnSummary(
        name=column.name,
        kind=column.kind,
        missing=column.missing,
        distinct=column.distinct,
        numbers=_numbers(column) if column.kind == "number" else None,
        top=() if column.kind == "number" else tuple(frequent(column, TOP)),
        strength=strength,
    )


def frequent(column: Column, limit: int) -> list[tuple[str, int]]:
    """The most frequent values with their rows; ties in the order of the values."""
    order = extras.load("numpy").argsort(-column.counts, kind="stable")[:limit]
    return [(short(str(column.values[at]), LONGEST_VALUE), int(column.counts[at])) for at in order]


def quantile(values: Any, counts: Any, share: float) -> float:
    """The smallest of the sorted values with at least this share of the rows at or below it."""
    below = counts.cumsum()
    return float(values[below.searchsorted(share * below[-1])])


def _numbers(column: Column) -> NumberSummary | None:
    numpy = extras.load("numpy")
    values, counts = column.values[column.finite].astype(numpy.float64), column.counts[column.finite]
    if not len(values):
        return None
    low, high = float(values[0]), float(values[-1])
    # Halved before they are subtracted or summed: numbers near the largest float must not overflow.
    width = high / 2 - low / 2
    share = (values / 2 - low / 2) / width if width else numpy.zeros(len(values))
    bins = numpy.minimum((share * BINS).astype(int), BINS - 1)
    return NumberSummary(
        minimum=low,
        lower_quartile=quantile(values, counts, 0.25),
        median=quantile(values, counts, 0.5),
        mean=float((values * (counts / counts.sum())).sum()),
        upper_quartile=quantile(values, counts, 0.75),
        maximum=high,
        histogram=tuple(int(count) for count in numpy.bincount(bins, weights=counts, minlength=BINS)),
    )
