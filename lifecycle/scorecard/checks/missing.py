"""Columns in which too many values are missing."""

from __future__ import annotations

from collections.abc import Mapping

from ...contract.data import Finding
from ..table import Table
from ..textual import counted, percent


def check(table: Table, strengths: Mapping[str, float | None]) -> Finding:
    """Fails when a column misses a larger share than ``max_missing``; the target has a check of its own."""
    shares = {column.name: column.missing / max(table.rows, 1) for column in table.features}
    limit = table.rules.max_missing
    worst = max(shares.values(), default=0.0)
    over = sorted((name for name, share in shares.items() if share > limit), key=lambda name: -shares[name])
    holed = sum(share > 0 for share in shares.values())
    return Finding(
        id="missing",
        aspect="quality",
        status="fail" if over else "pass",
        found=f"values are missing from {counted(holed, 'column')}, at most {percent(worst)}"
        if holed
        else "no value is missing",
        threshold=f"at most {percent(limit)} of a column",
        value=worst,
        limit=limit,
        columns={name: f"{percent(shares[name])} missing" for name in over},
        advice="Fill these columns at their source, or leave them out of the data." if over else "",
    )
