"""Decides from a column's values what a model can do with it: a number, a category, or nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["numeric", "categorical", "ignored"]

MISSING = frozenset({
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA",
    "NULL", "NaN", "None", "n/a", "nan", "null",
})  # fmt: skip
"""What pandas reads as a missing value."""

_DATE = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ].*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}( .*)?")
_IDENTIFIER_NAME = re.compile(r"(.*[\W_])?(id|ids|uuid|guid|key|index|nr|number)|[a-z]+I[dD]|ID", re.IGNORECASE)
_ENOUGH_TO_JUDGE = 20
_FEW_CATEGORIES = 50
_CATEGORY_SHARE = 0.2


@dataclass(frozen=True, kw_only=True)
class Column:
    """A feature column; ``reason`` says why an ignored one is ignored."""

    name: str
    kind: Kind
    reason: str = ""


def judge(name: str, values: Sequence[str]) -> Column:
    """What kind of column these values make."""
    present = [value for value in values if value not in MISSING]
    distinct = set(present)
    if len(distinct) < 2:
        return Column(name=name, kind="ignored", reason="always the same value" if distinct else "no values")
    if are_numbers(distinct):
        unique = len(distinct) == len(present) >= _ENOUGH_TO_JUDGE
        if unique and are_integers(distinct) and (_IDENTIFIER_NAME.fullmatch(name) or _consecutive(distinct)):
            return Column(name=name, kind="ignored", reason="an identifier")
        return Column(name=name, kind="numeric")
    if all(_DATE.fullmatch(value) for value in distinct):
        return Column(name=name, kind="ignored", reason="a date; make features of it in src/prepare.py")
    if len(distinct) > max(_FEW_CATEGORIES, _CATEGORY_SHARE * len(present)) or (
        len(distinct) == len(present) >= _ENOUGH_TO_JUDGE
    ):
        return Column(name=name, kind="ignored", reason="free text or an identifier: nearly every row has its own")
    return Column(name=name, kind="categorical")


def are_numbers(values: set[str]) -> bool:
    """Whether every value is a number."""
    return all(map(_is_number, values))


def are_integers(values: set[str]) -> bool:
    """Whether every value is a whole number, written as one."""
    return all(re.fullmatch(r"\s*[+-]?[0-9]+\s*", value) for value in values)


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return "_" not in value


def _consecutive(values: set[str]) -> bool:
    numbers = [int(value) for value in values if len(value) < _ENOUGH_TO_JUDGE]
    return len(numbers) == len(values) and max(numbers) - min(numbers) == len(values) - 1
