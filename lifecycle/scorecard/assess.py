"""From a DataFrame to a scorecard: every check in the folder, then a summary of each column."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from typing import Any

from ..contract.data import Aspect, Finding, Scorecard, ScorecardRules
from ..contract.rubric import Task
from . import checks
from .strength import MAX_CLASSES, strengths
from .summary import frequent, summarize
from .table import Table, table
from .textual import SAMPLED_VALUES

ASPECTS: tuple[Aspect, ...] = ("volume", "quality", "labels", "diversity")
MAX_LISTED_CLASSES = 100

Check = Callable[[Table, Mapping[str, float | None]], Finding]


def catalogue() -> dict[str, Check]:
    """Every check by its id, which is its file's name. Raises TypeError for a file of a wrong shape."""
    found: dict[str, Check] = {}
    for module in pkgutil.iter_modules(checks.__path__):
        check: Check | None = getattr(importlib.import_module(f"{checks.__name__}.{module.name}"), "check", None)
        if check is None:
            raise TypeError(f"{checks.__name__}.{module.name}: a check's file has a function check(table, strengths)")
        found[module.name.replace("_", "-")] = check
    return found


def assess(frame: Any, *, source: str, target: str, task: Task, rules: ScorecardRules, digest: str = "") -> Scorecard:
    """Judge a DataFrame that has the column ``target``. The order of its rows does not matter."""
    data = table(frame, target=target, task=task, rules=rules)
    measured = strengths(data)
    findings = [check(data, measured) for check in catalogue().values()]
    findings.sort(key=lambda finding: (ASPECTS.index(finding.aspect), finding.id))
    columns = (data.target, *data.features)
    return Scorecard(
        source=source,
        digest=digest,
        rows=data.rows,
        target=target,
        task=task,
        findings=tuple(findings),
        columns=tuple(summarize(column, measured.get(column.name)) for column in columns),
        classes=_classes(data) if task == "classification" else {},
        notes=tuple(_notes(data, list(frame.columns))),
    )


def guess_task(frame: Any, target: str) -> Task:
    """Regression for a column of numbers with more than twenty different ones, else classification."""
    series = frame[target]
    return "regression" if series.dtype.kind in "iuf" and series.nunique() > MAX_CLASSES else "classification"


def _classes(data: Table) -> dict[str, int]:
    return dict(frequent(data.target, MAX_LISTED_CLASSES))


def _notes(data: Table, names: list[str]) -> list[str]:
    notes: list[str] = []
    sampled = [column.name for column in data.features if column.kind != "number" and column.distinct > SAMPLED_VALUES]
    if sampled:
        notes.append(
            f"types and dates were judged by {SAMPLED_VALUES:,} of the distinct values of: {', '.join(sampled)}"
        )
    if data.task == "classification" and data.target.distinct > MAX_CLASSES:
        notes.append(f"leakage was judged by the {MAX_CLASSES} most frequent of {data.target.distinct:,} classes")
    ignored = [name for name in data.rules.ignore if name in names and name != data.target.name]
    if ignored:
        notes.append(f"left out as the config says: {', '.join(ignored)}")
    unknown = [name for name in data.rules.ignore if name not in names]
    if unknown:
        notes.append(f"data.scorecard.ignore names columns that the data does not have: {', '.join(unknown)}")
    return notes
