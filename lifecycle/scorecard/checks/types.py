"""Columns whose values are of more than one type, or kept as text though they are numbers or dates."""

from __future__ import annotations

from collections.abc import Mapping

from ...contract.data import Finding
from ..table import Column, Table
from ..textual import counted, looked_at, nearly_all, number_shares, percent, plain, short

_FEW = 0.05


def check(table: Table, strengths: Mapping[str, float | None]) -> Finding:
    """Warns of mixed types, and of numbers and dates that are kept as text."""
    problems = {column.name: problem for column in table.features if (problem := _problem(column))}
    return Finding(
        id="types",
        aspect="quality",
        status="warn" if problems else "pass",
        found=f"{counted(len(problems), 'column')} of mixed types, or of numbers or dates kept as text"
        if problems
        else "each column holds one type",
        value=len(problems),
        columns=problems,
        advice="Clean these columns in a step: a model takes text for categories, each value its own."
        if problems
        else "",
    )


def _problem(column: Column) -> str:
    if column.kind == "date":
        return "dates; turn them into numbers, such as days since an event"
    if column.kind != "text":
        return ""
    plains, numbers = number_shares(column.values, column.counts)
    if numbers == 1 or (nearly_all(numbers) and numbers > plains):
        return f"numbers kept as text, such as {_example(column)!r}"
    if plains >= _FEW:
        return f"mixed: {percent(plains)} numbers, and text such as {_example(column)!r}"
    return ""


def _example(column: Column) -> str:
    """The most frequent text that is no plain number, if there is one."""
    texts = [(-int(column.counts[at]), str(column.values[at])) for at in looked_at(column.values)]
    odd = [(count, text) for count, text in texts if not plain(text)]
    return short(min(odd or texts)[1])
