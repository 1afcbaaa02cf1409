"""Columns of categories that are too many, or mostly too rare, to learn from."""

from __future__ import annotations

from collections.abc import Mapping

from ...contract.data import Finding
from ..table import Column, Table
from ..textual import counted, percent

MAX_CATEGORIES = 100
RARE_ROWS = 5
MAX_RARE_SHARE = 0.2


def check(table: Table, strengths: Mapping[str, float | None]) -> Finding:
    """Warns of text columns with over 100 categories, or with a fifth of the rows in categories of under five rows."""
    texts = [column for column in table.features if column.kind == "text"]
    if not texts:
        return Finding(id="diversity", aspect="diversity", status="not-applicable", found="no column holds categories")
    problems = {column.name: problem for column in texts if (problem := _problem(column))}
    return Finding(
        id="diversity",
        aspect="diversity",
        status="warn" if problems else "pass",
        found=f"{len(problems)} of {counted(len(texts), 'column')} of categories spread thin"
        if problems
        else f"{counted(len(texts), 'column')} of categories, none spread thin",
        threshold=f"at most {MAX_CATEGORIES} categories, {percent(MAX_RARE_SHARE)} of the rows in rare ones",
        value=len(problems),
        columns=problems,
        advice="Put rare categories together, or describe them by something that repeats." if problems else "",
    )


def _problem(column: Column) -> str:
    rare = int(column.counts[column.counts < RARE_ROWS].sum()) / column.present
    parts = [
        f"{column.distinct:,} categories" if column.distinct > MAX_CATEGORIES else "",
        f"{percent(rare)} of the rows in categories of fewer than {RARE_ROWS}" if rare > MAX_RARE_SHARE else "",
    ]
    return ", ".join(part for part in parts if part)
