"""Rows without a label."""

from __future__ import annotations

from collections.abc import Mapping

from ...contract.data import Finding
from ..table import Table
from ..textual import counted, percent


def check(table: Table, strengths: Mapping[str, float | None]) -> Finding:
    """Fails when any row has no label."""
    missing = table.target.missing
    share = missing / max(table.rows, 1)
    return Finding(
        id="label-missing",
        aspect="labels",
        status="fail" if missing else "pass",
        found=f"{counted(missing, 'row')} without a label ({percent(share)})" if missing else "every row has a label",
        threshold="none",
        value=missing,
        limit=0,
        columns={table.target.name: f"{missing:,} missing"} if missing else {},
        advice="Label these rows or remove them; nothing can be learned from them." if missing else "",
    )
