"""Reads the beginning and some later parts of a CSV file with the standard library, and says what is wrong with it."""

from __future__ import annotations

import csv
import itertools
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ...core.errors import DataError

HEAD_ROWS = 3000
LATER_PARTS = 4
LATER_ROWS = 500
MAX_COLUMNS = 2000


@dataclass(frozen=True, kw_only=True)
class Table:
    """A file's columns and a sample of its rows, each with the line it ends on (0 when it is not known).

    ``whole`` says that the sample is all there is.
    """

    path: Path
    columns: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    whole: bool

    def values(self, column: str) -> list[str]:
        """The sampled values of a column."""
        index = self.columns.index(column)
        return [row[index] for _, row in self.rows]


def read_table(path: Path) -> Table:
    """A sample of a CSV file. Raises DataError, with file and line where they are known."""
    _check_file(path)
    try:
        rows = _rows(path)
        line, header = next(rows, (0, ()))
        columns = _checked_header(path, line, header)
        head = tuple(_checked(path, rows, len(columns)))
        more = next(rows, None) is not None
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path.name} is not UTF-8 text", where=_undecodable(path), hint="Save it as UTF-8 and try again."
        ) from error
    except csv.Error as error:
        raise DataError(f"{path.name} is not a CSV file: {error}", where=str(path)) from error
    if not head:
        raise DataError(f"{path.name} has a header and no rows", where=f"{path}:1:1")
    later = tuple(_later_rows(path, len(columns))) if more else ()
    return Table(path=path, columns=columns, rows=(*head, *((0, row) for row in later)), whole=not more)


def other_value(path: Path, column: int, known: str) -> str | None:
    """The first value of a column that is not ``known``, looked for in the whole file."""
    rows = _rows(path)
    next(rows)
    return next((row[column] for _, row in rows if len(row) > column and row[column] != known), None)


def _check_file(path: Path) -> None:
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            kind = "a folder" if stat.S_ISDIR(mode) else "not a plain file"
            raise DataError(f"{path} is {kind}", hint="--data takes a CSV file.")
        with path.open("rb") as stream:
            start = stream.read(8192)
    except FileNotFoundError as error:
        raise DataError(f"there is no file {path}", hint="Check the path after --data.") from error
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from error
    if not start.strip():
        raise DataError(
            f"{path.name} is empty", where=str(path), hint="A CSV file starts with the names of its columns."
        )
    if start.startswith(b"PAR1"):
        raise DataError(
            f"{path.name} is a Parquet file; 'new' reads CSV",
            where=str(path),
            hint="Make a CSV of it first, or start without --data and set data.sources.main.path in groundplan.yaml.",
        )
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DataError(f"{path.name} is UTF-16, not UTF-8 text", where=f"{path}:1:1", hint="Save it as UTF-8.")
    if b"\0" in start or start.startswith((b"PK\x03\x04", b"\x1f\x8b")):
        raise DataError(f"{path.name} is not text", where=str(path), hint="--data takes a CSV file.")


def _rows(path: Path) -> Iterator[tuple[int, tuple[str, ...]]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream)
        for row in reader:
            if row:
                yield reader.line_num, tuple(row)


def _checked_header(path: Path, line: int, header: tuple[str, ...]) -> tuple[str, ...]:
    where = f"{path}:{line}:1"
    for position, name in enumerate(header, 1):
        if not name.strip():
            raise DataError(
                f"column {position} has no name", where=where, hint="Give every column a name, or remove it."
            )
        if header.index(name) != position - 1:
            raise DataError(f"two columns are named {name!r}", where=where, hint="Give every column its own name.")
        if not name.isprintable():
            raise DataError(f"column {position} has line breaks or invisible characters in its name", where=where)
    for separator in (";", "\t", "|"):
        if len(header) == 1 and separator in header[0]:
            raise DataError(
                f"the columns are separated by {separator!r}, not by commas", where=where, hint="Save it with commas."
            )
    if len(header) > MAX_COLUMNS:
        raise DataError(f"{len(header)} columns are more than the {MAX_COLUMNS} that a template takes", where=where)
    return header


def _checked(
    path: Path, rows: Iterator[tuple[int, tuple[str, ...]]], width: int
) -> Iterator[tuple[int, tuple[str, ...]]]:
    for line, row in itertools.islice(rows, HEAD_ROWS):
        if len(row) != width:
            raise DataError(
                f"a row has {len(row)} values where the header has {width}",
                where=f"{path}:{line}:1",
                hint="Put values that hold commas or line breaks in double quotes.",
            )
        yield line, row


def _later_rows(path: Path, width: int) -> Iterator[tuple[str, ...]]:
    """Rows from further on, so that a sorted file does not look like its beginning.

    A part that starts within a quoted value gives rows of another width, which are left out.
    """
    size = path.stat().st_size
    for part in range(1, LATER_PARTS + 1):
        with path.open("rb") as stream:
            stream.seek(size * part // (LATER_PARTS + 1))
            stream.readline()
            lines = [line.decode("utf-8", "replace") for line in itertools.islice(stream, LATER_ROWS)]
        if part == LATER_PARTS:
            lines += _last_lines(path)
        yield from (tuple(row) for row in csv.reader(lines) if len(row) == width)


def _last_lines(path: Path) -> list[str]:
    with path.open("rb") as stream:
        stream.seek(-min(path.stat().st_size, 32_768), 2)
        return [line.decode("utf-8", "replace") for line in stream.readlines()[1:]]


def _undecodable(path: Path) -> str:
    with path.open("rb") as stream:
        for number, line in enumerate(stream, 1):
            try:
                line.decode()
            except UnicodeDecodeError as error:
                return f"{path}:{number}:{error.start + 1}"
    return str(path)
