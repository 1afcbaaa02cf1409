"""Rows that repeat an earlier row."""

from __future__ import annotations

from collections.abc import Mapping

from ...contract.data import Finding
from ..table import Table
from ..textual import counted, percent


def check(table: Table, strengths: Mapping[str, float | None]) -> Finding:
    """Fails when a larger share than ``max_duplicates`` of the rows is the same repeated from an earlier one."""
    distinct = int(table.row_groups.max(initial=-1)) + 1
    repeated = table.rows - distinct
    share = repeated / max(table.rows, 1)
    limit = table.rules.max_duplicates
    return Finding(
        id="duplicates",
        aspect="quality",
        status="fail" if share > limit else "pass",
        found=f"{counted(repeated, 'row')} repeated from an earlier one ({percent(share)})"
        if repeated
        else "no row repeats another",
        threshold=f"at most {percent(limit)} of the rows",
        value=share,
        limit=limit,
        advice="Remove the repeated rows: those on both sides of the split make a model look better than it is."
        if share > limit
        else "",
    )
