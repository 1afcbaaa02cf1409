"""Whether there are enough rows."""

from __future__ import annotations

from collections.abc import Mapping

from ...contract.data import Finding
from ..table import Table
from ..textual import counted

ROWS_PER_COLUMN = 10


def check(table: Table, strengths: Mapping[str, float | None]) -> Finding:
    """Fails below ``min_rows``; warns below ten rows per column."""
    limit = table.rules.min_rows
    wanted = ROWS_PER_COLUMN * len(table.features)
    status = "fail" if table.rows < limit else "warn" if table.rows < wanted else "pass"
    return Finding(
        id="volume",
        aspect="volume",
        status=status,
        found=f"{counted(table.rows, 'row')}, {counted(len(table.features), 'column')} beside the target",
        threshold=f"at least {limit:,} rows",
        value=table.rows,
        limit=limit,
        advice={
            "pass": "",
            "warn": f"Collect more rows or leave columns out: {ROWS_PER_COLUMN} rows per column are {wanted:,}.",
            "fail": "Collect more rows; a model that learned from these could not be judged either.",
        }[status],
    )
