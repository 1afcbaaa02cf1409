"""How well one column alone predicts the target, judged so that memorising unique values earns nothing.

The rows are grouped by the column's value (numbers by up to 256 quantile bins; missing is a group of its own), and each
row is predicted from the other rows of its group: leave-one-out. A group of one row says nothing. Classes: the area
under the ROC curve of each class against the rest, averaged over the classes. Numbers: R², or the squared linear
correlation where that is higher.
"""

from __future__ import annotations

from typing import Any

from ...core import extras
from .table import Column, Table

MIN_ROWS = 30
"""With fewer labelled rows than this nothing is judged."""

MAX_CLASSES = 20
"""Of more classes, so many of the most frequent ones are judged, each against all the rest."""

_MAX_BINS = 256
_ROWS_PER_BIN = 5


def strengths(table: Table) -> dict[str, float | None]:
    """For each feature a number between 0 and 1 (0.5 is chance for classes, 0 for numbers); None where not judged."""
    target = table.target
    if table.task == "regression" and target.kind != "number":
        return dict.fromkeys((column.name for column in table.features), None)
    labelled = target.codes >= 0
    if table.task == "regression":
        labelled = labelled & _finite_rows(target)
    if int(labelled.sum()) < MIN_ROWS:
        return dict.fromkeys((column.name for column in table.features), None)
    judge = _regression if table.task == "regression" else _classification
    return {column.name: judge(column, target, labelled) for column in table.features}


def _finite_rows(column: Column) -> Any:
    numpy = extras.load("numpy")
    return numpy.append(column.finite, False)[column.codes]


def _bins(column: Column, rows: Any) -> Any:
    """The group of each chosen row; the last group is that of missing values."""
    numpy = extras.load("numpy")
    codes = column.codes[rows]
    wanted = min(_MAX_BINS, max(2, len(codes) // _ROWS_PER_BIN))
    if column.kind != "number" or column.distinct <= wanted:
        return numpy.where(codes < 0, column.distinct, codes)
    before = numpy.cumsum(column.counts) - column.counts / 2
    bin_of_value = numpy.append((before * wanted / column.present).astype(numpy.int64), wanted)
    return bin_of_value[codes]


def _classification(column: Column, target: Column, rows: Any) -> float | None:
    numpy = extras.load("numpy")
    groups = _bins(column, rows)
    sizes = numpy.bincount(groups)
    frequent = numpy.argsort(-target.counts, kind="stable")[:MAX_CLASSES]
    labels = target.codes[rows]
    areas: list[float] = []
    for label in frequent[:1] if target.distinct == 2 else frequent:
        positive = numpy.bincount(groups[labels == label], minlength=len(sizes))
        area = _area(positive, sizes)
        if area is not None:
            areas.append(area)
    return round(sum(areas) / len(areas), 6) if areas else None


def _area(positive: Any, sizes: Any) -> float | None:
    """The area under the ROC curve of the leave-one-out rates, from each group's positives and rows alone."""
    numpy = extras.load("numpy")
    negative = sizes - positive
    positives, negatives = int(positive.sum()), int(negative.sum())
    if not positives or not negatives:
        return None
    base = positives / (positives + negatives)
    others = numpy.maximum(sizes - 1, 1)
    of_positive = numpy.where(sizes > 1, (positive - 1) / others, base)
    of_negative = numpy.where(sizes > 1, positive / others, base)
    _, place = numpy.unique(numpy.concatenate([of_positive, of_negative]), return_inverse=True)
    won = numpy.bincount(place[: len(sizes)], weights=positive)
    lost = numpy.bincount(place[len(sizes) :], weights=negative)
    width = max(len(won), len(lost))
    won, lost = numpy.pad(won, (0, width - len(won))), numpy.pad(lost, (0, width - len(lost)))
    below = numpy.cumsum(lost) - lost
    return max(0.5, float((won * (below + lost / 2)).sum() / (positives * negatives)))


def _regression(column: Column, target: Column, rows: Any) -> float | None:
    numpy = extras.load("numpy")
    labels = target.values[target.codes[rows]].astype(numpy.float64)
    scale = float(numpy.abs(labels).max())
    labels = labels / scale if scale else labels
    labels = labels - labels.mean()
    total = float((labels**2).sum())
    if total <= 1e-20 * len(labels):
        return None
    groups = _bins(column, rows)
    sizes = numpy.bincount(groups)
    means = numpy.bincount(groups, weights=labels) / numpy.maximum(sizes, 1)
    alone = sizes[groups] == 1
    within = (labels - means[groups]) ** 2 * (sizes / numpy.maximum(sizes - 1, 1))[groups] ** 2
    wrong = float(numpy.where(alone, labels**2, within).sum())
    return round(max(0.0, 1 - wrong / total, _squared_correlation(column, rows, labels)), 6)


def _squared_correlation(column: Column, rows: Any, labels: Any) -> float:
    numpy = extras.load("numpy")
    if column.kind != "number" or column.missing or not column.finite.all() or column.distinct < 2:
        return 0.0
    numbers = column.values[column.codes[rows]].astype(numpy.float64)
    scale = float(numpy.abs(numbers).max())
    numbers = numbers / scale if scale else numbers
    numbers = numbers - numbers.mean()
    spread = float((numbers**2).sum()) * float((labels**2).sum())
    return float((numbers * labels).sum()) ** 2 / spread if spread > 0 else 0.0
