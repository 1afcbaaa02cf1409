"""Labels that do not fit the task."""

from __future__ import annotations

from collections.abc import Mapping

from ...contract.data import Finding
from ..table import Table
from ..textual import counted, short

_MANY = 50
_MOSTLY_UNIQUE = 0.5


def check(table: Table, strengths: Mapping[str, float | None]) -> Finding:
    """Fails for a single class, for classes that hardly repeat, and for a number to predict that is no number."""
    problem, advice = _regression(table) if table.task == "regression" else _classification(table)
    return Finding(
        id="label-type",
        aspect="labels",
        status="fail" if problem else "pass",
        found=problem or _fine(table),
        threshold="numbers that vary" if table.task == "regression" else "two classes or more",
        value=table.target.distinct,
        columns={table.target.name: problem} if problem else {},
        advice=advice,
    )


def _fine(table: Table) -> str:
    if table.task == "regression":
        return counted(table.target.distinct, "different number")
    return counted(table.target.distinct, "class")


def _classification(table: Table) -> tuple[str, str]:
    target = table.target
    if not target.distinct:
        return "no label at all", "Check that the target names the right column."
    if target.distinct == 1:
        return f"only one class: {short(target.labels()[0])}", "Add rows of the other classes."
    if target.distinct > _MANY and target.distinct > _MOSTLY_UNIQUE * target.present:
        return (
            f"{counted(target.distinct, 'class')} in {counted(target.present, 'row')}",
            "Set task: regression to predict a number, or check that the target names the right column.",
        )
    return "", ""


def _regression(table: Table) -> tuple[str, str]:
    target = table.target
    if target.kind == "empty":
        return "no label at all", "Check that the target names the right column."
    if target.kind != "number":
        return (
            f"the target holds {target.kind}s, not numbers, such as {short(target.labels()[0])!r}",
            "Set task: classification to predict a class, or clean the target into numbers.",
        )
    if target.distinct == 1:
        return f"the target is always {short(target.labels()[0])}", "Check that the target names the right column."
    return "", ""
