"""Columns that number or name the rows instead of describing them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ...contract.data import Finding
from ..table import Column, Table
from ..textual import counted, percent

MIN_ROWS = 20
_UNIQUE = 0.95
_MOSTLY_UNIQUE = 0.9
_NAME = re.compile(r"(^|[_\s.-])(id|uuid|guid|index|key|row)$", re.IGNORECASE)


def check(table: Table, strengths: Mapping[str, float | None]) -> Finding:
    """Warns of texts that hardly repeat, of whole numbers that count the rows, of names such as ``customer_id``."""
    found = {column.name: problem for column in table.features if (problem := _problem(column))}
    return Finding(
        id="identifiers",
        aspect="quality",
        status="warn" if found else "pass" if table.rows >= MIN_ROWS else "not-applicable",
        found=f"{counted(len(found), 'column')} that may only name the rows"
        if found
        else "no column looks like an identifier"
        if table.rows >= MIN_ROWS
        else f"fewer than {MIN_ROWS} rows to judge by",
        value=len(found),
        columns=found,
        advice="Leave them out of the features: a model memorises them and fails on new ones." if found else "",
    )


def _problem(column: Column) -> str:
    if column.present < MIN_ROWS:
        return ""
    share = column.distinct / column.present
    if column.kind == "text" and share > _UNIQUE:
        return f"{percent(share)} of its texts are unique"
    if column.kind != "number" or share < _MOSTLY_UNIQUE or column.values.dtype.kind not in "iu":
        return ""
    span = int(column.values[-1]) - int(column.values[0]) + 1
    if span == column.distinct:
        return f"counts the rows from {int(column.values[0])} to {int(column.values[-1])}"
    return "hardly a value repeats, and its name is an identifier's" if _NAME.search(column.name) else ""
