"""Rows of the request log as columns, counted and typed by what the baseline has; read a batch at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any, cast

import numpy as np

from ...contract.monitoring import FeatureProfile
from ...monitors.window import Column
from ..evaluation.requests import text_of

_BATCH = 1_000
"""Rows that become columns at once: as many as stay in a processor's cache."""

_ABSENT = object()
_NUMBERS = frozenset({int, float})
_SINGLE = frozenset({str, bool, int, float})


class Columns:
    """Takes rows and gives columns. Rows are kept no longer than a batch."""

    def __init__(self, profiles: Iterable[FeatureProfile]) -> None:
        """Knows the columns of these profiles."""
        self._known = {profile.name: _Reader(profile) for profile in profiles}
        self._plain = [name for name, reader in self._known.items() if reader.plain]
        self._pending: list[Mapping[str, object]] = []
        self._unknown: set[str] = set()
        self._redacted: set[str] = set()
        self.rows = 0

    def add(self, rows: Sequence[Mapping[str, object]], redacted: Iterable[str] = ()) -> None:
        """Take the rows of a request."""
        self._pending.extend(rows)
        self._redacted.update(redacted)
        if len(self._pending) >= _BATCH:
            self._flush()

    def columns(self) -> dict[str, Column]:
        """What all rows hold."""
        self._flush()
        return {name: reader.column(redacted=name in self._redacted) for name, reader in self._known.items()}

    @property
    def unknown(self) -> tuple[str, ...]:
        """Columns that are in the rows and in no profile."""
        self._flush()
        return tuple(sorted(self._unknown))

    def _flush(self) -> None:
        rows, self._pending = self._pending, []
        if not rows:
            return
        self.rows += len(rows)
        self._unknown.update(set[str]().union(*rows) - self._known.keys())
        table = _table(rows, self._plain)
        for name, reader in self._known.items():
            if name in table:
                reader.add_numbers(table[name])
            else:
                reader.add([row.get(name, _ABSENT) for row in rows])
        self._plain = [name for name in self._plain if self._known[name].plain]


def _table(rows: Sequence[Mapping[str, object]], names: Sequence[str]) -> dict[str, Any]:
    """These columns as arrays, made row by row; none of them where any row lacks a number in one."""
    if len(names) < 2:
        return {}
    try:
        picked = list(map(itemgetter(*names), rows))
    except KeyError:
        return {}
    if not set(map(type, chain.from_iterable(picked))) <= _NUMBERS:
        return {}
    return dict(zip(names, np.array(picked, dtype=float).T.copy(), strict=True))


class _Reader:
    """One column; ``plain`` while every value was a number."""

    def __init__(self, profile: FeatureProfile) -> None:
        self._numeric = self.plain = profile.kind == "numeric"
        self._arrays: list[Any] = []
        self._counts = Counter[str]()
        self._rows = self._absent = self._empty = self._wrong = 0

    def add(self, values: list[object]) -> None:
        kinds = set(map(type, values))
        rows = len(values)
        if not kinds <= (_NUMBERS if self._numeric else _SINGLE):
            values = self._sorted_out(values)
            self.plain = False
        if self._numeric:
            self._rows += rows - len(values)
            self.add_numbers(np.array(values, dtype=float))
        else:
            self._rows += rows
            counted = Counter(values)
            for value, count in counted.items():
                self._counts[text_of(value)] += count

    def add_numbers(self, array: Any) -> None:
        self._rows += len(array)
        finite = np.isfinite(array)
        self._wrong += int((~finite).sum())
        self._arrays.append(array if finite.all() else array[finite])

    def column(self, *, redacted: bool) -> Column:
        return Column(
            rows=self._rows,
            numbers=self._sorted() if self._numeric else None,
            categories=dict(self._counts),
            absent=self._absent,
            empty=self._empty,
            wrong=self._wrong,
            redacted=redacted,
        )

    def _sorted(self) -> Any:
        """All numbers, smallest first: what counts and compares them is several times as fast then."""
        numbers: Any = np.concatenate([np.array([], dtype=float), *self._arrays])
        self._arrays = [numbers]
        numbers.sort()
        return numbers

    def _sorted_out(self, values: list[object]) -> list[object]:
        """The values of the type that the training data has; the others are counted."""
        allowed = _NUMBERS if self._numeric else _SINGLE
        self._absent += sum(value is _ABSENT for value in values)
        self._empty += sum(value is None for value in values)
        kept = [value for value in values if type(value) in allowed]
        self._wrong += len(values) - len(kept) - sum(value is _ABSENT or value is None for value in values)
        return kept


def column_of(profile: FeatureProfile, values: Sequence[object]) -> Column:
    """Single values, such as predictions, as a column; classes are counted as text whatever their type."""
    reader = _Reader(profile)
    reader.add(cast("list[object]", [text_of(value) for value in values] if profile.kind == "categorical" else list(values)))  # fmt: skip  # noqa: E501
    return reader.column(redacted=False)
