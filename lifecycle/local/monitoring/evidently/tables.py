"""What Evidently compares, as columns: the training data as the baseline keeps it, and a window as it was logged."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, cast

from ....contract.monitoring import Baseline, FeatureProfile
from ....profiles import SAMPLE
from ...evaluation.requests import text_of

MOST_ROWS = 100_000
"""So many rows of a window are given to Evidently; of more, as many are drawn."""

PREDICTION = "prediction"
_OTHERS = "all others"
_SEED = 42

Column = list[Any]


@dataclass(frozen=True, kw_only=True)
class Tables:
    """Columns of equal length on each side; None is missing. ``rows`` are in the window, of ``of`` that were logged.

    ``described`` are the columns of which Evidently also tells what they hold, ``left_out`` those that one side lacks.
    """

    numbers: tuple[str, ...]
    categories: tuple[str, ...]
    described: tuple[str, ...]
    reference: Mapping[str, Column]
    current: Mapping[str, Column]
    left_out: tuple[str, ...]
    rows: int
    of: int


def tables(baseline: Baseline, lines: Iterable[Mapping[str, Any]]) -> Tables:
    """The columns of a baseline against those of the requests whose inputs were logged.

    Nobody's row is in the reference: each column is what the baseline keeps of it, by itself. A value that it does not
    keep, since it was rare or never seen, is one of "all others" on both sides.
    """
    redacted: set[str] = set()
    drawn, of = _drawn(_rows(lines, redacted))
    known = {profile.name: profile for profile in baseline.features}
    features = tuple(known)
    if baseline.prediction is not None and PREDICTION not in known:
        known[PREDICTION] = baseline.prediction
    size = min(baseline.rows, SAMPLE)
    reference = {name: _kept(profile, size) for name, profile in known.items()}
    current = {name: [_value(profile, row.get(name)) for row in drawn] for name, profile in known.items()}
    there = [name for name in known if name not in redacted and _holds(reference[name]) and _holds(current[name])]
    return Tables(
        numbers=tuple(name for name in there if known[name].kind == "numeric"),
        categories=tuple(name for name in there if known[name].kind == "categorical"),
        described=tuple(name for name in there if name in features),
        reference={name: [*reference[name], *[None] * (size - len(reference[name]))] for name in there},
        current={name: current[name] for name in there},
        left_out=tuple(name for name in known if name not in there),
        rows=len(drawn),
        of=of,
    )


def _rows(lines: Iterable[Mapping[str, Any]], redacted: set[str]) -> Iterable[Mapping[str, Any]]:
    for line in lines:
        if "inputs" in line:
            redacted.update(line.get("redacted", ()))
            for row, output in zip(line["inputs"], line["outputs"], strict=True):
                yield {PREDICTION: output, **row}


def _drawn(rows: Iterable[Mapping[str, Any]]) -> tuple[list[Mapping[str, Any]], int]:
    """At most ``MOST_ROWS`` rows, each as likely as every other, and how many there were."""
    random = Random(_SEED)  # noqa: S311 drawn, not hidden
    kept: list[Mapping[str, Any]] = []
    number = 0
    for number, row in enumerate(rows, start=1):
        if len(kept) < MOST_ROWS:
            kept.append(row)
        elif (place := random.randrange(number)) < MOST_ROWS:
            kept[place] = row
    return kept, number


def _kept(profile: FeatureProfile, size: int) -> Column:
    """As many values of a column as ``size`` rows of the training data had; of numbers no more than are kept."""
    wanted = round(size * (1 - profile.missing))
    if profile.kind == "numeric":
        count = min(wanted, len(profile.sample))
        return [profile.sample[number * len(profile.sample) // count] for number in range(count)]
    names, shares = [*profile.categories, _OTHERS], [*profile.categories.values(), profile.other]
    ends = [round(sum(shares[: number + 1]) * wanted) for number in range(len(shares))]
    return [name for name, start, end in zip(names, [0, *ends], ends, strict=False) for _ in range(end - start)]


def _value(profile: FeatureProfile, value: object) -> object:
    """A value as the profile has it; None where it is missing or of another type."""
    if profile.kind == "numeric":
        return value if type(value) in (int, float) and math.isfinite(cast("float", value)) else None
    if value is None or not isinstance(value, str | bool | int | float):
        return None
    text = text_of(value)
    return text if text in profile.categories else _OTHERS


def _holds(column: Sequence[object]) -> bool:
    return any(value is not None for value in column)
