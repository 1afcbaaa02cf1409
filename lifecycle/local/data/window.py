"""The rows that a model is trained on again: those of a data source and those that were labelled since, in a window."""

from __future__ import annotations

import contextlib
import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ....core import clock, digests, extras, files
from ....core.errors import DataError
from ....core.layout import Layout
from ....core.suggestions import did_you_mean
from ...contract.pipeline import DataSource
from ...contract.retraining import LabelledRow, RetrainingPlan
from . import sources
from .tables import is_parquet, read_frame, read_header

Row = Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Window:
    """What is learned from: ``source`` in place of the config's own, and how many rows came from where."""

    source: DataSource
    from_data: int | None = None
    labelled: int = 0


def select(
    layout: Layout,
    source: DataSource,
    labelled: Sequence[LabelledRow],
    *,
    target: str,
    plan: RetrainingPlan,
    now: datetime,
) -> Window:
    """The rows of the window as a file of their own below ``.groundplan/data``; the source itself where it is all.

    Rows that are older than the window are left out, and rows of the data without a time are older than any window.
    The same rows give the same file. Raises DataError when no row is left, or when a row's time cannot be read.
    """
    if plan.window_seconds is None and not labelled:
        return Window(source=source)
    path, _ = sources.materialize(source, layout)
    start = None if plan.window_seconds is None else now - timedelta(seconds=plan.window_seconds)
    columns, rows = _rows(path)
    if target not in columns:
        raise DataError(f"{path} has no column {target!r}", where=str(path), hint=did_you_mean(target, columns))
    kept = [row for number, row in enumerate(rows, start=2) if _is_in(row, plan.time_column, start, path, number)]
    recent = [one for one in labelled if start is None or clock.from_text(one.when) >= start]
    added = [{**one.row, target: one.label} for one in recent]
    if plan.time_column:
        added = [{**row, plan.time_column: one.when} for row, one in zip(added, recent, strict=True)]
    if not kept and not added:
        raise DataError(
            f"no row of the last {clock.duration(plan.window_seconds or 0)} is there to learn from",
            where=str(path),
            hint="Name the column that says when a row came (retraining.time_column), collect labels with groundplan "
            "feedback, or take a longer window.",
        )
    made = _write(layout, path, source.name, columns, [*kept, *added])
    return Window(source=replace(source, path=made, sklearn=None), from_data=len(kept), labelled=len(added))


def _rows(path: Path) -> tuple[list[str], Iterable[Row]]:
    if is_parquet(path):
        frame = read_frame(path)
        return list(frame.columns), _of_frame(frame)
    return read_header(path), _of_csv(path)


def _of_csv(path: Path) -> Iterator[Row]:
    """Every field as the text that it is, so that nothing is rounded or taken for a number."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        yield from csv.DictReader(stream)


def _of_frame(frame: Any) -> Iterator[Row]:
    pandas = extras.load("pandas")
    for row in frame.to_dict("records"):
        yield {name: None if pandas.isna(value) else value for name, value in row.items()}


def _is_in(row: Row, column: str, start: datetime | None, path: Path, number: int) -> bool:
    if start is None:
        return True
    if not column:
        return False
    if column not in row:
        raise DataError(f"{path} has no column {column!r}", where=str(path), hint=did_you_mean(column, row))
    try:
        return clock.from_text(str(row[column])) >= start
    except ValueError as error:
        raise DataError(
            f"{path}: {column} of row {number} is no moment with its offset: {str(row[column])[:60]!r}",
            where=f"{path}:{number}:1",
            hint="Such as 2026-11-28T12:00:00Z.",
        ) from error


def _write(layout: Layout, path: Path, name: str, columns: Sequence[str], rows: Sequence[Row]) -> Path:
    """The rows in the format of the file at ``path``, under a name made of what they hold."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\n", extrasaction="ignore", restval="")
    writer.writeheader()
    writer.writerows({key: _field(value) for key, value in row.items()} for row in rows)
    content = text.getvalue()
    digest = digests.of_bytes(content.encode()).removeprefix("sha256:")[:16]
    parquet = is_parquet(path)
    made = layout.data / "retraining" / f"{name}-{digest}.{'parquet' if parquet else 'csv'}"
    if not made.exists():
        files.write_bytes(made, _parquet(path, columns, rows) if parquet else content.encode())
    return made


def _field(value: object) -> object:
    """JSON's true and false as pandas writes and reads them."""
    return str(value) if isinstance(value, bool) else value


def _parquet(path: Path, columns: Sequence[str], rows: Sequence[Row]) -> bytes:
    """The rows with the types that the columns have in the file at ``path``, where the values allow it."""
    pandas = extras.load("pandas")
    frame = pandas.DataFrame(list(rows), columns=list(columns))
    for column, kind in read_frame(path).dtypes.items():
        with contextlib.suppress(ValueError, TypeError):
            frame[column] = frame[column].astype(kind)
    content = io.BytesIO()
    frame.to_parquet(content, index=False)
    return content.getvalue()
