"""A data set in the form the checks share: every column as its sorted distinct values and a code per row."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ...core import extras
from ..contract.data import Kind, ScorecardRules
from ..contract.rubric import Task
from .textual import is_dates

_THREADS = 2
"""Two are enough to use what waits for memory, and few enough to keep memory small."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column: ``values`` are its distinct values in order, ``codes`` each row's position in them or -1 where it is
    missing, ``counts`` the rows of each value. All three are numpy arrays.
    """

    name: str
    kind: Kind
    values: Any
    codes: Any
    counts: Any

    @property
    def missing(self) -> int:
        """How many rows have no value."""
        return len(self.codes) - self.present

    @cached_property
    def present(self) -> int:
        """How many rows have a value."""
        return int(self.counts.sum())

    @property
    def distinct(self) -> int:
        """How many different values there are."""
        return len(self.values)

    @cached_property
    def finite(self) -> Any:
        """Which of the values are finite numbers."""
        return extras.load("numpy").isfinite(self.values)

    def labels(self) -> list[str]:
        """The values as text."""
        return [str(value) for value in self.values.tolist()]


@dataclass(frozen=True, kw_only=True)
class Table:
    """A data set with its target, its task and the rules it is held against."""

    rows: int
    features: tuple[Column, ...]
    target: Column
    task: Task
    rules: ScorecardRules

    @cached_property
    def feature_groups(self) -> Any:
        """A number per row, the same for rows whose features are all the same."""
        return _groups(self.rows, self.features)

    @cached_property
    def row_groups(self) -> Any:
        """A number per row, the same for rows that are the same altogether."""
        return _refined(self.feature_groups, self.target)


def table(frame: Any, *, target: str, task: Task, rules: ScorecardRules) -> Table:
    """The shared form of a DataFrame that has the column ``target``; leaves out the columns that the rules ignore."""
    names = [name for name in frame.columns if name != target and name not in rules.ignore]
    # Sorting and hashing release the interpreter's lock: columns are worked on side by side.
    with ThreadPoolExecutor(_THREADS) as pool:
        features = tuple(pool.map(_column, names, [frame[name] for name in names]))
    return Table(
        rows=len(frame),
        features=features,
        target=_column(target, frame[target]),
        task=task,
        rules=rules,
    )


def _column(name: str, series: Any) -> Column:
    types = extras.load("pandas").api.types
    if types.is_bool_dtype(series.dtype) and not series.isna().any():
        kind, (values, codes) = "boolean", _coded_numbers(series.to_numpy(dtype=bool))
    elif types.is_numeric_dtype(series.dtype) and not types.is_bool_dtype(series.dtype) and series.dtype.kind != "c":
        kind, (values, codes) = "number", _coded_numbers(_plain_numbers(series))
    else:
        values, codes = _coded_texts(series)
        dates = series.dtype.kind == "M" or is_dates(values)
        kind = "date" if dates else "text"
    numpy = extras.load("numpy")
    counts = numpy.bincount(codes[codes >= 0], minlength=len(values))
    return Column(name=name, kind=kind if len(values) else "empty", values=values, codes=codes, counts=counts)


def _plain_numbers(series: Any) -> Any:
    numpy = extras.load("numpy")
    # Whole numbers stay whole: as floats, long identifiers would fall together.
    if series.dtype.kind in "iu" and not series.isna().any():
        return series.to_numpy(dtype=numpy.uint64 if series.dtype.kind == "u" else numpy.int64)
    return series.to_numpy(dtype=numpy.float64, na_value=numpy.nan)


def _coded_numbers(numbers: Any) -> tuple[Any, Any]:
    pandas, numpy = extras.load("pandas"), extras.load("numpy")
    if numbers.dtype.kind == "f":
        values, codes = numpy.unique(numbers, return_inverse=True)
        if len(values) and numpy.isnan(values[-1]):
            values = values[:-1]
            codes[codes == len(values)] = -1
        return values, codes.astype(numpy.int32)
    # Whole numbers repeat more than they differ: hashing them and sorting what is left takes a fraction of the time.
    codes, values = pandas.factorize(numbers)
    return _in_order(values, codes, numpy.argsort(values))


def _coded_texts(series: Any) -> tuple[Any, Any]:
    pandas, numpy = extras.load("pandas"), extras.load("numpy")
    if isinstance(series.dtype, pandas.CategoricalDtype):
        series = series.cat.remove_unused_categories()
        codes, values = series.cat.codes.to_numpy(), series.cat.categories
    else:
        codes, values = pandas.factorize(series)
    texts = [str(value) for value in numpy.asarray(values, dtype=object).tolist()]
    if len(set(texts)) < len(texts):
        # Different values that look the same, such as 1 and "1", are one text.
        positions, distinct = pandas.factorize(numpy.array(texts, dtype=object))
        codes, texts = numpy.append(positions, -1)[codes], distinct.tolist()
    order = numpy.array(sorted(range(len(texts)), key=texts.__getitem__), dtype=numpy.int64)
    return _in_order(numpy.array(texts, dtype=object), codes, order)


def _in_order(values: Any, codes: Any, order: Any) -> tuple[Any, Any]:
    """Values and codes, with the values put into this order."""
    numpy = extras.load("numpy")
    rank = numpy.full(len(order) + 1, -1, dtype=numpy.int32)
    rank[order] = numpy.arange(len(order), dtype=numpy.int32)
    return values[order], rank[codes]


def _groups(rows: int, columns: tuple[Column, ...]) -> Any:
    numpy = extras.load("numpy")
    groups = numpy.zeros(rows, dtype=numpy.int64)
    for column in columns:
        groups = _refined(groups, column)
    return groups


def _refined(groups: Any, column: Column) -> Any:
    """The groups, split by the values of one more column; exact, no hash that could collide."""
    pandas, numpy = extras.load("pandas"), extras.load("numpy")
    if not len(groups) or int(groups.max()) + 1 == len(groups):
        return groups
    pairs = groups * (column.distinct + 1) + column.codes.astype(numpy.int64) + 1
    return pandas.factorize(pairs)[0].astype(numpy.int64)
