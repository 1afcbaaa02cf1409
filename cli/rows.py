"""Reads rows for a prediction: CSV by the endpoint's schema, JSON arrays, JSON lines."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, cast

from ..core.errors import DataError
from ..core.suggestions import closest

Row = dict[str, object]

_MISSING = frozenset(
    {"", "NA", "N/A", "n/a", "NaN", "nan", "-NaN", "-nan", "NULL", "null", "None", "<NA>", "#N/A", "#NA"}
)
"""What pandas takes for a missing value when it reads the training data."""

_TRUTH = {"true": True, "false": False, "1": True, "0": False}


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Rows as the endpoint takes them, the target's values where they were given, and columns that were left out."""

    rows: tuple[Row, ...]
    actual: tuple[object, ...] = ()
    left_out: tuple[str, ...] = ()


def decode(content: bytes, name: str) -> str:
    """The text of a file. Raises DataError that names the byte."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{name} is not UTF-8: byte {error.start} belongs to another encoding",
            where=name,
            hint="Save it as UTF-8.",
        ) from error


def looks_like_json(text: str) -> bool:
    """Whether a text is JSON rather than CSV."""
    return text.lstrip()[:1] in ("{", "[")


def from_json(text: str, name: str) -> tuple[Row, ...]:
    """The objects of a JSON array, of one object, of ``{"instances": [...]}`` or of JSON lines. Raises DataError."""
    value: object
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = cast("object", list(_json_lines(text, name)))
    if isinstance(value, dict):
        whole = cast("dict[str, object]", value)
        instances = whole.get("instances")
        alone = set(whole) == {"instances"} and isinstance(instances, list)
        value = cast("object", instances if alone else [whole])
    rows = cast("list[object]", value) if isinstance(value, list) else [value]
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise DataError(f"row {number} of {name} is no JSON object", hint='Such as: {"age": 42, "plan": "basic"}')
    return cast("tuple[Row, ...]", tuple(rows))


def from_csv(text: str, name: str, schema: Mapping[str, Any], *, target: str, limit: int | None) -> Rows:
    """The rows of a CSV with a header, with values of the types that the schema wants.

    The target column is taken out; columns the model does not know are left out. Raises DataError that names columns.
    """
    reader = csv.reader(io.StringIO(text, newline=""))
    header: list[str] = next(reader, list[str]())
    properties = cast("Mapping[str, Mapping[str, Any]]", schema["properties"])
    _demand_columns(header, schema, name)
    rows: list[Row] = []
    actual: list[object] = []
    for values in islice(_whole_rows(reader, header, name), limit):
        cells = dict(zip(header, values, strict=True))
        rows.append({c: _value(cells[c], properties[c], c, reader.line_num, name) for c in header if c in properties})
        if target in cells and target not in properties:
            actual.append(cells[target])
    if not rows:
        raise DataError(f"{name} has no rows below its header", where=name)
    left_out = tuple(column for column in header if column not in properties and column != target)
    return Rows(rows=tuple(rows), actual=tuple(actual), left_out=left_out)


def read_file(path: Path) -> bytes:
    """A file's content. Raises DataError."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror or error}", where=str(path)) from error


def _json_lines(text: str, name: str) -> Iterator[object]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                yield json.loads(line)
            except (ValueError, RecursionError) as error:
                raise DataError(
                    f"{name} is no JSON: {error}",
                    where=f"{name}:{number}:1",
                    hint="Give an object or a list of objects.",
                ) from error


def _demand_columns(header: Sequence[str], schema: Mapping[str, Any], name: str) -> None:
    repeated = sorted({column for column in header if header.count(column) > 1})
    if repeated:
        raise DataError(f"{name} has columns with the same name: {', '.join(repeated)}", where=f"{name}:1:1")
    missing = [column for column in schema.get("required", ()) if column not in header]
    if missing:
        meant = [f"{found!r} for {column!r}" for column in missing if (found := closest(column, header))]
        raise DataError(
            f"{name} lacks columns that the model needs: {', '.join(missing)}",
            where=f"{name}:1:1",
            hint=f"Did you mean {', '.join(meant)}?" if meant else "The first line names the columns.",
        )


def _whole_rows(reader: Any, header: Sequence[str], name: str) -> Iterator[list[str]]:
    try:
        for values in cast("Iterable[list[str]]", reader):
            if values and len(values) != len(header):
                raise DataError(
                    f"a row has {len(values)} values and the header {len(header)}", where=f"{name}:{reader.line_num}:1"
                )
            if values:
                yield values
    except csv.Error as error:
        raise DataError(f"{name} is no CSV: {error}", where=f"{name}:{reader.line_num}:1") from error


def _value(text: str, field: Mapping[str, Any], column: str, line: int, name: str) -> object:
    if text.strip() in _MISSING:
        return None
    kinds = [one["type"] for one in field.get("anyOf", [field])]
    try:
        return _converted(text.strip(), kinds[0], text)
    except ValueError:
        wanted = {"number": "a number", "integer": "a whole number", "boolean": "true or false"}[kinds[0]]
        raise DataError(f"column {column!r} must be {wanted}, not {text[:60]!r}", where=f"{name}:{line}:1") from None


def _converted(text: str, kind: str, raw: str) -> object:
    if kind == "number":
        number = float(text)
        if not math.isfinite(number):
            raise ValueError(text)
        return number
    if kind == "integer":
        number = float(text)
        if not number.is_integer():
            raise ValueError(text)
        return int(text) if text.lstrip("+-").isdigit() else int(number)
    if kind == "boolean":
        if text.lower() not in _TRUTH:
            raise ValueError(text)
        return _TRUTH[text.lower()]
    return raw
