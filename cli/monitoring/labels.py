"""Reads labels: CSV with a header, or JSON lines; every line that cannot be used is named."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import cast

from ...core import clock
from ...core.errors import DataError, Problem
from ...lifecycle.contract.monitoring import Label

_KNOWN = ("request_id", "label", "when", "row")
_HINT = "Columns or keys: request_id, label; and, where wanted, row (from 0, for batches) and when (RFC 3339)."
_MOST_PROBLEMS = 20


def read_labels(text: str, name: str) -> list[Label]:
    """The labels of a file. Raises DataError that carries every line that is wrong."""
    records = _json_lines(text, name) if text.lstrip()[:1] in ("{", "[") else _csv(text, name)
    labels: list[Label] = []
    problems: list[Problem] = []
    for line, record in records:
        try:
            labels.extend(_labels(record))
        except ValueError as error:
            problems.append(Problem(message=str(error), where=f"{name}:{line}:1", hint=_HINT))
    if problems:
        count = len(problems)
        message = problems[0].message if count == 1 else f"{count} lines of {name} hold no label; none was taken"
        raise DataError(message, where=problems[0].where, hint=_HINT, problems=problems[:_MOST_PROBLEMS])
    if not labels:
        raise DataError(f"{name} holds no label", where=name, hint=_HINT)
    return labels


def _labels(record: Mapping[str, object]) -> Iterator[Label]:
    request = record.get("request_id")
    if not isinstance(request, str) or not request:
        raise ValueError("there is no request_id")
    value = record.get("label")
    when = _when(record.get("when"))
    row = _row(record.get("row"))
    if isinstance(value, list):
        for number, one in enumerate(cast("list[object]", value)):
            yield Label(request_id=request, value=_value(one), row=number, when=when)
    else:
        yield Label(request_id=request, value=_value(value), row=row, when=when)


def _value(value: object) -> str | float | int | bool:
    if isinstance(value, str | float | int | bool) and value != "":
        return value
    raise ValueError("there is no label" if value in (None, "") else "the label is no single value")


def _row(value: object) -> int | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not str(value).isdigit():
        raise ValueError(f"row {value!r} is no whole number from 0")
    return int(str(value))


def _when(value: object) -> str:
    if value is None or value == "":
        return ""
    try:
        return clock.to_text(clock.from_text(str(value)))
    except ValueError as error:
        raise ValueError(f"when {value!r} is no time with its offset, such as 2027-01-31T12:00:00Z") from error


def _csv(text: str, name: str) -> Iterator[tuple[int, Mapping[str, object]]]:
    reader = csv.reader(io.StringIO(text, newline=""))
    header = [one.strip() for one in next(reader, list[str]())]
    unknown = [one for one in header if one not in _KNOWN]
    if unknown or not {"request_id", "label"} <= set(header):
        wrong = f"has the columns {', '.join(header) or '(none)'}"
        raise DataError(f"{name} {wrong}", where=f"{name}:1:1", hint=_HINT)
    for cells in reader:
        if cells:
            yield reader.line_num, dict(zip(header, cells, strict=False))


def _json_lines(text: str, name: str) -> Iterator[tuple[int, Mapping[str, object]]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            value: object = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise DataError(f"line {number} of {name} is no JSON", where=f"{name}:{number}:1", hint=_HINT) from error
        if not isinstance(value, dict):
            raise DataError(f"line {number} of {name} is no JSON object", where=f"{name}:{number}:1", hint=_HINT)
        yield number, cast("dict[str, object]", value)
