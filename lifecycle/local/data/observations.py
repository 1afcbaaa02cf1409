"""What was observed, as a CSV file of this machine: its rows as text, and when each was made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ....core.errors import DataError, Problem
from ...features import moments
from ...features.refusals import refuse
from .tables import Line, is_parquet, lines, read_header, require_file


@dataclass(frozen=True, kw_only=True)
class ObservationsFile:
    """Rows below a header; ``place`` is the file for people."""

    place: str
    header: tuple[str, ...]
    lines: tuple[Line, ...]

    @property
    def rows(self) -> Sequence[Sequence[str]]:
        """The rows as text."""
        return [line.fields for line in self.lines]

    def times(self, column: str) -> Sequence[datetime]:
        """The time of each row. Raises DataError that names all that cannot be read."""
        position = self.header.index(column)
        found = [moments.moment(line.fields[position]) for line in self.lines]
        refuse([self._bad(line, position) for line, time in zip(self.lines, found, strict=True) if time is None])
        return [time for time in found if time is not None]

    def _bad(self, line: Line, position: int) -> Problem:
        return Problem(
            message=f"an observation has no time: {self.header[position]} is {line.fields[position][:40]!r}",
            where=line.where(self.place, position),
            hint=f"Write {moments.EXPECTED}.",
        )


def read(path: Path, place: str) -> ObservationsFile:
    """The observations in a file. Raises DataError for one that is no CSV, or has no rows."""
    if not path.exists():
        raise DataError(
            f"there are no observations: {place} is not there",
            where=place,
            hint="Name a CSV file that has a row for each: --rows FILE.",
        )
    require_file(path)
    if is_parquet(path):
        raise DataError(f"observations are a CSV file, and {place} is a Parquet file", where=place)
    header = read_header(path)
    found = tuple(lines(path, header))
    if not found:
        raise DataError(f"{place} has a header and no rows", where=place, hint="A row for each observation.")
    return ObservationsFile(place=place, header=tuple(header), lines=found)
