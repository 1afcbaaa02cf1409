"""What texts look like: plain numbers, numbers in dress (``1,234.50 €``), dates."""

from __future__ import annotations

import re
from typing import Any

from ...core import extras

SAMPLED_VALUES = 20_000
"""Of a column with more distinct texts than this, so many are looked at, evenly spread over their sorted order."""

_PLAIN = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*")
_DRESSED = re.compile(r"\s*[-+]?\s*[$€£¥]?\s*[-+]?(\d{1,3}([ ,.'\u00a0\u202f]\d{3})+|\d+)([.,]\d+)?\s*[%$€£¥]?\s*")
_DATE = re.compile(
    r"\s*(\d{4}-\d{1,2}-\d{1,2}|\d{4}/\d{1,2}/\d{1,2}|\d{1,2}\.\d{1,2}\.\d{2,4}|\d{1,2}/\d{1,2}/\d{2,4})"
    r"([T ]\d{1,2}:\d{2}.{0,20})?\s*"
)
_NEARLY_ALL = 0.95


def looked_at(values: Any) -> Any:
    """The positions of the values to look at."""
    numpy = extras.load("numpy")
    if len(values) <= SAMPLED_VALUES:
        return numpy.arange(len(values))
    return numpy.linspace(0, len(values) - 1, SAMPLED_VALUES).astype(int)


def plain(text: str) -> bool:
    """Whether the text is a number as a program writes it."""
    return _PLAIN.fullmatch(text[:100]) is not None


def dressed(text: str) -> bool:
    """Whether the text is a number with separators, a currency or a percent sign."""
    return _DRESSED.fullmatch(text[:100]) is not None


def is_dates(values: Any) -> bool:
    """Whether nearly all of these distinct texts are dates or times."""
    positions = looked_at(values)
    if not len(positions) or not any(_DATE.fullmatch(str(values[position])[:100]) for position in positions[:50]):
        return False
    matches = sum(_DATE.fullmatch(str(values[position])[:100]) is not None for position in positions)
    return matches >= _NEARLY_ALL * len(positions)


def number_shares(values: Any, counts: Any) -> tuple[float, float]:
    """The share of rows that hold plain numbers, and of those that hold numbers in any dress."""
    positions = looked_at(values)
    total = int(counts[positions].sum())
    texts = [(str(values[position]), int(counts[position])) for position in positions]
    plains = sum(count for text, count in texts if plain(text))
    numbers = sum(count for text, count in texts if plain(text) or dressed(text))
    return (plains / total, numbers / total) if total else (0.0, 0.0)


def nearly_all(share: float) -> bool:
    """Whether a share is close enough to everything to speak for the column."""
    return share >= _NEARLY_ALL


def short(text: str, limit: int = 40) -> str:
    """The text for a report: cut where it is longer than ``limit`` characters."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def percent(share: float) -> str:
    """A share for people: ``12.5 %``; never 0 % for something that is there, nor 100 % for less than all."""
    rounded = f"{share:.1%}".removesuffix("%")
    if share > 0 and rounded == "0.0":
        return "under 0.1 %"
    if share < 1 and rounded == "100.0":
        return "over 99.9 %"
    return f"{rounded.removesuffix('.0')} %"


def counted(number: int, noun: str) -> str:
    """A count with its noun: ``1 column``, ``1,200 columns``, ``2 classes``."""
    plural = f"{noun}es" if noun.endswith("s") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else plural}"
