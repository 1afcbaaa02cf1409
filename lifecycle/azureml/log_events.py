"""The lines of Azure ML's data collector: one half each of an exchange over HTTP, in the form of MLflow's server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from pydantic_core import from_json

from ...core import clock
from ..contract.request_log import LogRemarks


@dataclass(frozen=True, kw_only=True)
class Half:
    """What was asked, or what was answered: the body, by the id of the request and the second in which it came."""

    id: str
    time: str
    body: object


def half(line: bytes, remarks: LogRemarks) -> Half | None:
    """One line; None for what holds no body, which is counted."""
    try:
        event: Any = from_json(line, cache_strings="keys")
        if str(event.get("datainblob", "")).lower() == "true":
            remarks.elsewhere += 1
            return None
        id = str(event.get("xrequestid") or event["correlationid"])
        return Half(id=id, time=clock.to_text(clock.from_text(event["time"])), body=event["data"])
    except (AttributeError, KeyError, TypeError, ValueError):
        remarks.damaged += 1
        return None


def rows(body: object) -> list[dict[str, object]] | None:
    """The rows of a request by their columns; None where it names none."""
    given: Any = cast("Mapping[str, Any]", body).get("input_data") if isinstance(body, Mapping) else None
    if isinstance(given, Mapping):
        return _of_table(cast("Mapping[str, Any]", given))
    if isinstance(given, list) and all(isinstance(one, Mapping) for one in cast("list[object]", given)):
        return [dict(one) for one in cast("list[Mapping[str, object]]", given)]
    return None


def predictions(body: object) -> Sequence[object] | None:
    """The predictions of an answer; None where it has none."""
    given: object = cast("Mapping[str, object]", body).get("predictions") if isinstance(body, Mapping) else body
    return cast("list[object]", given) if isinstance(given, list) else None


def _of_table(table: Mapping[str, Any]) -> list[dict[str, object]] | None:
    columns, data = table.get("columns"), table.get("data")
    if not isinstance(columns, list) or not isinstance(data, list):
        return None
    names = [str(one) for one in cast("list[object]", columns)]
    found = cast("list[object]", data)
    if not all(isinstance(row, list) and len(cast("list[object]", row)) == len(names) for row in found):
        return None
    return [dict(zip(names, row, strict=True)) for row in cast("list[list[object]]", found)]
