"""Columns that hold infinite numbers."""

from __future__ import annotations

from collections.abc import Mapping

from ...contract.data import Finding
from ..table import Column, Table
from ..textual import counted


def check(table: Table, strengths: Mapping[str, float | None]) -> Finding:
    """Fails when there are any: scikit-learn refuses them."""
    counts = {column.name: _infinite(column) for column in (*table.features, table.target)}
    found = {name: counted(count, "infinite value") for name, count in counts.items() if count}
    return Finding(
        id="infinite",
        aspect="quality",
        status="fail" if found else "pass",
        found=f"{counted(sum(counts.values()), 'infinite value')} in {counted(len(found), 'column')}"
        if found
        else "no number is infinite",
        threshold="none",
        value=sum(counts.values()),
        limit=0,
        columns=found,
        advice="Find the division by zero that made them, or write them as missing." if found else "",
    )


def _infinite(column: Column) -> int:
    return int(column.counts[~column.finite].sum()) if column.kind == "number" else 0
