"""Columns that hold a single value, or none at all."""

from __future__ import annotations

from collections.abc import Mapping

from ...contract.data import Finding
from ..table import Column, Table
from ..textual import counted, short


def check(table: Table, strengths: Mapping[str, float | None]) -> Finding:
    """Warns of constant columns; fails when ``allow_constant`` is false."""
    constant = {column.name: _value(column) for column in table.features if column.distinct <= 1 and table.rows > 1}
    status = "pass" if not constant else "warn" if table.rules.allow_constant else "fail"
    return Finding(
        id="constant",
        aspect="quality",
        status=status,
        found=f"{counted(len(constant), 'column')} with a single value or none" if constant else "every column varies",
        threshold="" if table.rules.allow_constant else "none",
        value=len(constant),
        columns=constant,
        advice="Leave these columns out; nothing can be learned from them." if constant else "",
    )


def _value(column: Column) -> str:
    if column.kind == "empty":
        return "no value at all"
    holes = " or missing" if column.missing else ""
    return f"always {short(column.labels()[0])}{holes}"
