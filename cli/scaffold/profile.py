"""What a template needs to know of a data set: its features, its target, what answers without sense would reach."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ...core.errors import DataError
from ...core.suggestions import did_you_mean
from .columns import MISSING, Column, are_integers, are_numbers, judge
from .table import Table, other_value, read_table

Task = Literal["classification", "regression"]
Label = str | int | bool

_MANY_NUMBERS = 20
_MANY_INTEGERS = 100
_POSITIVE = frozenset({"1", "1.0", "true", "yes", "y", "positive", "pos", "t"})


@dataclass(frozen=True, kw_only=True)
class Profile:
    """A data set as the templates see it."""

    file: Path
    target: str
    columns: tuple[Column, ...]
    classes: dict[str, int]
    positive_class: Label | None
    log_loss_of_shares: float
    mean_absolute_deviation: float


def profile(path: Path, target: str, task: Task) -> Profile:
    """Look at a CSV file and its target column. Raises DataError when a model could not learn from it."""
    table = read_table(path)
    if target not in table.columns:
        raise DataError(
            f"{path.name} has no column {target!r}", where=f"{path}:1:1", hint=did_you_mean(target, table.columns)
        )
    columns = tuple(judge(name, table.values(name)) for name in table.columns if name != target)
    if all(column.kind == "ignored" for column in columns):
        why = "; ".join(f"{column.name}: {column.reason}" for column in columns[:5])
        raise DataError(f"{path.name} has no column to learn from" + (f" ({why})" if why else ""), where=f"{path}:1:1")
    values = _target_values(table, target)
    classes = dict(Counter(values)) if task == "classification" else {}
    _check_classes(table, target, values) if task == "classification" else _check_numbers(table, target)
    return Profile(
        file=path,
        target=target,
        columns=columns,
        classes=classes,
        positive_class=_positive(classes),
        log_loss_of_shares=-sum(count / len(values) * math.log(count / len(values)) for count in classes.values()),
        mean_absolute_deviation=0.0 if classes else _mean_absolute_deviation([float(value) for value in values]),
    )


def _target_values(table: Table, target: str) -> list[str]:
    index = table.columns.index(target)
    for line, row in table.rows:
        if row[index] in MISSING:
            raise DataError(
                f"a row has no value in the target column {target!r}",
                where=f"{table.path}:{line}:1" if line else str(table.path),
                hint="A model cannot learn from rows without a target: fill them in, or remove them.",
            )
    return table.values(target)


def _check_classes(table: Table, target: str, values: Sequence[str]) -> None:
    distinct = set(values)
    if len(distinct) == 1:
        only = values[0]
        if table.whole or other_value(table.path, table.columns.index(target), only) is None:
            raise DataError(
                f"the target column {target!r} has one class, {only!r}; a classifier needs at least two",
                where=f"{table.path}:1:1",
                hint="Choose another --target, or add rows of the other class.",
            )
        raise DataError(
            f"nearly all rows have the class {only!r} in the target column {target!r}",
            where=f"{table.path}:1:1",
            hint="Give data with more rows of the other classes.",
        )
    if are_numbers(distinct):
        if len(distinct) > (_MANY_INTEGERS if are_integers(distinct) else _MANY_NUMBERS):
            raise DataError(
                f"the target column {target!r} holds numbers ({len(distinct)} different ones), not classes",
                where=f"{table.path}:1:1",
                hint="Use --template tabular-regression.",
            )
    elif len(distinct) > max(_MANY_NUMBERS, len(values) // 2):
        raise DataError(
            f"the target column {target!r} has another value in nearly every row; it holds no classes",
            where=f"{table.path}:1:1",
            hint="Choose another --target.",
        )


def _check_numbers(table: Table, target: str) -> None:
    index = table.columns.index(target)
    for line, row in table.rows:
        if not are_numbers({row[index]}) or not math.isfinite(float(row[index])):
            raise DataError(
                f"the target column {target!r} holds {row[index]!r}, which is not a number",
                where=f"{table.path}:{line}:1" if line else str(table.path),
                hint="For classes use --template tabular-classification.",
            )
    if len({float(row[index]) for _, row in table.rows}) == 1:
        raise DataError(
            f"the target column {target!r} has the same number in every row", where=f"{table.path}:1:1",
            hint="Choose another --target.",
        )  # fmt: skip


def _positive(classes: dict[str, int]) -> Label | None:
    """Of two classes the one that says yes, else the rarer one; in the type that pandas reads it as."""
    if len(classes) != 2:
        return None
    saying_yes = [name for name in classes if name.strip().lower() in _POSITIVE]
    chosen = saying_yes[0] if len(saying_yes) == 1 else min(classes, key=lambda name: (classes[name], name))
    if are_numbers(set(classes)):
        return int(float(chosen)) if all(float(name).is_integer() for name in classes) else None
    return chosen.lower() == "true" if {name.lower() for name in classes} == {"true", "false"} else chosen


def _mean_absolute_deviation(numbers: Sequence[float]) -> float:
    middle = statistics.median(numbers)
    return statistics.fmean(abs(number - middle) for number in numbers)
