"""Numbers far outside the bulk of their column."""

from __future__ import annotations

from collections.abc import Mapping

from ...contract.data import Finding
from ..summary import quantile
from ..table import Column, Table
from ..textual import percent

RANGES = 3.0


def check(table: Table, strengths: Mapping[str, float | None]) -> Finding:
    """Fails when more than ``max_outliers`` of a column lies three interquartile ranges outside its quartiles.

    A column whose quartiles are the same has no range to measure by, and is not judged.
    """
    judged = {
        column.name: share
        for column in (*table.features, table.target)
        if column.kind == "number" and (share := _share(column)) is not None
    }
    limit = table.rules.max_outliers
    over = {name: f"{percent(share)} outliers" for name, share in judged.items() if share > limit}
    worst = max(judged.values(), default=0.0)
    return Finding(
        id="outliers",
        aspect="quality",
        status="fail" if over else "pass" if judged else "not-applicable",
        found="no column of numbers to judge" if not judged else f"at most {percent(worst)} of a column",
        threshold=f"at most {percent(limit)} beyond three interquartile ranges",
        value=worst if judged else None,
        limit=limit,
        columns=over,
        advice="Look at these values: errors of measurement belong out, heavy tails want a logarithm." if over else "",
    )


def _share(column: Column) -> float | None:
    values, counts = column.values[column.finite].astype(float), column.counts[column.finite]
    if not len(values):
        return None
    lower, upper = quantile(values, counts, 0.25), quantile(values, counts, 0.75)
    reach = RANGES * (upper - lower)
    if reach == 0:
        return None
    return float(counts[(values < lower - reach) | (values > upper + reach)].sum() / counts.sum())
