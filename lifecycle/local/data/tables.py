"""Reads CSV and Parquet files into pandas, and says in plain words what is wrong with one that cannot be read."""

from __future__ import annotations

import codecs
import csv
import shlex
import stat
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from ....core import extras
from ....core.errors import DataError

_CHUNK = 1 << 20
_NOTHING: list[str] = []
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}
_FOREIGN_MARKS = {
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
    b"\x1f\x8b": "a gzip archive",
    b"PK\x03\x04": "a ZIP archive or a spreadsheet",
}


class Line(NamedTuple):
    """A row of a CSV file: the line it begins in, its fields, and its text where that is one line."""

    number: int
    fields: list[str]
    text: str

    def where(self, place: str, position: int = 0) -> str:
        """``file:line:column`` of a field, by its position."""
        return f"{place}:{self.number}:{self._column(position)}"

    def _column(self, position: int) -> int:
        quoted, fields = False, 0
        for column, letter in enumerate(self.text, start=1):
            if fields == position:
                return column
            quoted ^= letter == '"'
            fields += letter == "," and not quoted
        return len(self.text.rstrip()) + 1 if fields == position else 1


def read_frame(path: Path, *, columns: list[str] | None = None, text_as_categories: bool = False) -> Any:
    """A CSV (UTF-8, commas, a header) or Parquet file as a DataFrame.

    ``columns`` reads only these; ``text_as_categories`` keeps text that repeats as categories: less memory and time.
    Raises DataError that names the line and what to do, MissingExtraError.
    """
    require_file(path)
    if is_parquet(path):
        frame = _read_parquet(path, columns)
    else:
        header = read_header(path)
        frame = _read_csv(path, header, columns, text_as_categories=text_as_categories)
    if not len(frame):
        raise _wrong(path, "has a header and no rows", "Put at least one row of data below the header.")
    return frame


def require_file(path: Path) -> None:
    """Raise DataError unless ``path`` is a regular file with content that can be read."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise _wrong(path, "is a folder", "Name the CSV or Parquet file itself.")
        if not stat.S_ISREG(status.st_mode):
            raise _wrong(path, "is a pipe or a device", "Save the data to a file first.")
        if status.st_size == 0:
            raise _wrong(path, "is empty", "Give a CSV file with a header and rows, or a Parquet file.")
        with path.open("rb"):
            pass
    except FileNotFoundError as error:
        raise DataError(
            f"there is no data file {path}", where=str(path), hint="Check the path of the data source."
        ) from error
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror or error}", where=str(path)) from error


def read_header(path: Path) -> list[str]:
    """The column names of a CSV file, after a check of its bytes: UTF-8, no NUL, every name given once."""
    _require_text(path)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(_bounded_lines(stream))
        try:
            header = next(reader, _NOTHING)
            first = next((row for row in reader if row), _NOTHING)
        except csv.Error as error:
            raise _too_long(path, 1) from error
    _require_commas(path, header)
    unnamed = [position for position, name in enumerate(header, start=1) if not name.strip()]
    if unnamed:
        places = ", ".join(map(str, unnamed[:5]))
        raise _wrong(
            path,
            f"has a column without a name (column {places})",
            "Name every column in the header; a nameless first one is often an index: write the file with index=False.",
            line=1,
        )
    _require_distinct(path, header, line=1)
    # pandas would take a field too many in the first row for an index.
    if len(first) > len(header):
        raise _uneven(path, first, header, line=2)
    return header


def lines(path: Path, header: list[str]) -> Iterator[Line]:
    """The rows of a CSV file as text, after ``read_header``. Raises DataError at one of another width."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        kept = [""]
        reader = csv.reader(_noted(stream, kept))
        next(reader, _NOTHING)
        number = reader.line_num + 1
        try:
            for fields in reader:
                if fields and len(fields) != len(header):
                    raise _uneven(path, fields, header, line=number)
                if fields:
                    yield Line(number, fields, kept[0] if reader.line_num == number else "")
                number = reader.line_num + 1
        except csv.Error as error:
            raise _too_long(path, number) from error


def _noted(stream: Iterable[str], kept: list[str]) -> Iterator[str]:
    """The lines of a file; the last one is kept."""
    for kept[0] in stream:
        yield kept[0]


def _require_distinct(path: Path, names: list[str], *, line: int | None = None) -> None:
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        listed = ", ".join(repr(name[:60]) for name in repeated[:5])
        raise _wrong(path, f"names a column more than once: {listed}", "Give each column its own name.", line=line)


def _bounded_lines(stream: Any) -> Iterator[str]:
    """Lines, and long ones in pieces, so that a file of one endless line is not read whole."""
    while line := stream.readline(4 * _CHUNK):
        yield line


def is_parquet(path: Path) -> bool:
    """Whether the file begins as Parquet files do."""
    with path.open("rb") as stream:
        return stream.read(4) == b"PAR1"


def _read_parquet(path: Path, columns: list[str] | None) -> Any:
    pandas = extras.load("pandas")
    try:
        frame = pandas.read_parquet(path, columns=columns)
    except ImportError as error:
        raise DataError(
            f"{path} is a Parquet file, and pyarrow, which reads it, is not installed",
            where=str(path),
            hint="pip install pyarrow, or save the data as CSV.",
        ) from error
    except Exception as error:  # pyarrow has errors of its own, and it may not be installed to name them
        raise _wrong(path, f"is a damaged Parquet file ({type(error).__name__})", "Write it again.") from error
    frame = frame.rename(columns=str)
    _require_distinct(path, list(frame.columns))
    return frame


def _read_csv(path: Path, header: list[str], columns: list[str] | None, *, text_as_categories: bool) -> Any:
    pandas = extras.load("pandas")
    options: dict[str, Any] = {"encoding": "utf-8-sig", "low_memory": False, "usecols": columns}
    if text_as_categories:
        options["dtype"] = _repeating_texts(path, options)
    try:
        frame = pandas.read_csv(path, **options)
    except pandas.errors.ParserError as error:
        raise _ragged(path, header) or _wrong(
            path, f"is no CSV that can be read: {str(error).rpartition('C error: ')[2].strip()}",
            "Look for a quote that is opened and never closed.",
        ) from error  # fmt: skip
    # pandas fills a row that is too short up with missing values.
    problem = _ragged(path, header) if len(frame) and frame.iloc[:, -1].isna().any() else None
    if problem is not None:
        raise problem
    return frame


def _repeating_texts(path: Path, options: dict[str, Any]) -> dict[str, str]:
    pandas = extras.load("pandas")
    try:
        head = pandas.read_csv(path, nrows=1000, **options)
    except pandas.errors.ParserError:
        return {}
    return {
        name: "category"
        for name in head.columns
        if pandas.api.types.is_string_dtype(head[name].dtype) and 2 * head[name].nunique() < len(head)
    }


def _ragged(path: Path, header: list[str]) -> DataError | None:
    """What is wrong with the first row that has not as many fields as the header."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream)
        line = 1
        try:
            for row in reader:
                if row and len(row) != len(header):
                    return _uneven(path, row, header, line=line)
                line = reader.line_num + 1
        except csv.Error:
            return _too_long(path, line)
    return None


def _uneven(path: Path, row: list[str], header: list[str], *, line: int) -> DataError:
    return _wrong(
        path,
        f"has a row of {len(row)} fields below a header of {len(header)}",
        "Put quotes around a value that contains a comma, and give every row all its fields.",
        line=line,
    )


def _too_long(path: Path, line: int) -> DataError:
    return _wrong(
        path,
        "has a field of more than 131,072 characters",
        "A quote is opened here and never closed, or the value belongs into a file of its own.",
        line=line,
    )


def _require_text(path: Path) -> None:
    """Raise DataError at the first byte that is no UTF-8 text."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    offset = 0
    with path.open("rb") as stream:
        mark = stream.read(4)
        for start, name in _FOREIGN_MARKS.items():
            if mark.startswith(start):
                raise _wrong(path, f"is {name}, not CSV in UTF-8", "Save it as CSV in UTF-8.")
        stream.seek(0)
        while chunk := stream.read(_CHUNK):
            nul = chunk.find(b"\0")
            if nul >= 0:
                raise _wrong(
                    path,
                    f"holds a NUL byte at byte {offset + nul}",
                    "This is no text file, or it was cut off while it was written; write it again.",
                    line=_line_of(path, offset + nul),
                )
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                raise _not_utf8(path, offset - pending + error.start) from error
            offset += len(chunk)
    if decoder.getstate()[0]:
        raise _not_utf8(path, offset - len(decoder.getstate()[0]))


def _not_utf8(path: Path, offset: int) -> DataError:
    return _wrong(
        path,
        f"is not UTF-8: byte {offset} belongs to another encoding",
        f"Convert it: iconv -f WINDOWS-1252 -t UTF-8 {shlex.quote(path.name)} > utf8.csv",
        line=_line_of(path, offset),
    )


def _line_of(path: Path, offset: int) -> int:
    lines = 1
    with path.open("rb") as stream:
        while offset > 0 and (chunk := stream.read(min(_CHUNK, offset))):
            lines += chunk.count(b"\n")
            offset -= len(chunk)
    return lines


def _require_commas(path: Path, header: list[str]) -> None:
    if not header:
        raise _wrong(path, "starts with an empty line", "Put the names of the columns into the first line.", line=1)
    if len(header) > 1:
        return
    for separator, name in _SEPARATORS.items():
        if separator in header[0]:
            raise _wrong(
                path,
                f"separates its columns by {name}, not by commas",
                f"Convert it: python -c {shlex.quote(_conversion(path.name, separator))}",
                line=1,
            )


def _conversion(name: str, separator: str) -> str:
    """A program that writes the same with commas, every value as it stands: 007 is not 7."""
    read = f"read_csv({name!r}, sep={separator!r}, dtype=str, keep_default_na=False)"
    return f"from pandas import read_csv; {read}.to_csv('commas.csv', index=False)"


def _wrong(path: Path, problem: str, hint: str, *, line: int | None = None) -> DataError:
    where = str(path) if line is None else f"{path}:{line}:1"
    return DataError(f"{path} {problem}", where=where, hint=hint)
