"""The rows of a feature set in a CSV file: as text, since '007' is another customer than '7'."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from ....core.errors import DataError, Problem
from ...contract.features import FeatureRow, FeatureSet, Key
from ...features import moments
from ...features.refusals import refuse
from .tables import Line, is_parquet, lines, read_header, require_file


def columns(path: Path, one: FeatureSet) -> Sequence[str]:
    """The columns of a set's file. Raises DataError for a file that cannot be read, or has no row."""
    require_file(path)
    if is_parquet(path):
        raise DataError(
            f"features are read from CSV files, and {one.place} is a Parquet file",
            where=one.where,
            hint="Save it as CSV.",
        )
    header = read_header(path)
    if next(lines(path, header), None) is None:
        raise DataError(f"{one.place} has a header and no rows", where=one.place, hint="Fill it, then run it again.")
    return header


def rows(
    path: Path, one: FeatureSet, columns: Sequence[str], keys: Collection[Key], until: datetime | None
) -> Iterator[FeatureRow]:
    """The rows of these entities; none that is true only later. Raises DataError that names all bad times."""
    header = read_header(path)
    positions = [header.index(key) for key in one.keys]
    read = [header.index(column) for column in columns]
    time = None if one.timestamp is None else header.index(one.timestamp)
    bad: list[Problem] = []
    for line in lines(path, header):
        key = tuple(line.fields[position] for position in positions)
        if key not in keys:
            continue
        moment = None if time is None else moments.moment(line.fields[time])
        if time is not None and moment is None:
            bad.append(_bad_time(line, time, one))
        elif moment is None or until is None or moment <= until:
            yield FeatureRow(key, moment, tuple(line.fields[one] for one in read), line.where(one.place))
    refuse(bad)


def _bad_time(line: Line, position: int, one: FeatureSet) -> Problem:
    text = line.fields[position][:40]
    return Problem(
        message=f"the set {one.name!r} has a row that says not when it was true: {one.timestamp} is {text!r}",
        where=line.where(one.place, position),
        hint=f"Write {moments.EXPECTED}.",
    )
