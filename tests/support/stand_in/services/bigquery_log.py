"""The request log of an endpoint as a table of columns: of BigQuery's SQL the one query that asks for it so.

Everything else is refused. What a cell holds is what BigQuery's JSON functions are described to give.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from .bigquery import BigQuery
from .vertex_words import refused

Row = Mapping[str, Any]

_PAYLOAD = (
    r"CROSS JOIN UNNEST\(IFNULL\(JSON_QUERY_ARRAY\({0}\[SAFE_OFFSET\(0\)\], '\$\.{1}'\), {0}\)\) "
    r"AS {2} WITH OFFSET AS {3} "
)
_SQL = re.compile(
    r"SELECT logging_time AS (?P<time>\w+), (?P<columns>.+) FROM `(?P<table>[\w-]+\.\w+\.\w+)` "
    + _PAYLOAD.format("request_payload", "instances", "instance", "asked")
    + _PAYLOAD.format("response_payload", "predictions", "answer", "answered")
    + r"WHERE asked = answered AND deployed_model_id IN \((?P<ids>'\d+'(, '\d+')*)\) "
    r"AND logging_time >= TIMESTAMP_SUB\(CURRENT_TIMESTAMP\(\), INTERVAL (?P<hours>\d+) HOUR\)"
)
_COLUMN = re.compile(
    r"(?:SAFE_CAST\()?(?P<value>JSON_VALUE\(instance, '\$\.(?P<key>[A-Za-z_]\w*)'\)|"
    r"COALESCE\(JSON_VALUE\(answer, '\$\.prediction'\), JSON_VALUE\(answer\)\))(?: AS (?P<type>FLOAT64|BOOL)\))? "
    r"AS `(?P<name>[A-Za-z_]\w*)`"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class _Column:
    name: str
    key: str
    type: str


def rows(bigquery: BigQuery, sql: str, now: datetime) -> list[Row]:
    """The rows of the query, each with its time as a moment."""
    found = _SQL.fullmatch(sql)
    columns = [_column(one) for one in re.split(r"(?<=`), ", found["columns"])] if found else []
    if found is None or None in columns:
        raise refused("INVALID_ARGUMENT", f"Syntax error: the stand-in does not play {sql}")
    known = [one for one in columns if one is not None]
    since, ids = now - timedelta(hours=int(found["hours"])), set(re.findall(r"\d+", found["ids"]))
    given: list[Row] = []
    for _, id, time, _, asked, answered in bigquery.stored(found["table"]):
        moment = _EPOCH + timedelta(microseconds=time)
        if id in ids and moment >= since:
            pairs = zip(_payload(asked, "instances"), _payload(answered, "predictions"), strict=False)
            given += [{found["time"]: moment, **_cells(known, *pair)} for pair in pairs]
    return given


def _column(text: str) -> _Column | None:
    found = _COLUMN.fullmatch(text)
    if found is None or text.startswith("SAFE_CAST") != (found["type"] is not None):
        return None
    return _Column(name=found["name"], key=found["key"] or "", type=found["type"] or "STRING")


def _payload(texts: str, key: str) -> Iterator[Any]:
    values = [_json(one) for one in json.loads(texts)]
    first = values[0] if values else None
    whole = cast("Mapping[str, Any]", first).get(key) if isinstance(first, Mapping) else None
    return iter(cast("Sequence[Any]", whole) if isinstance(whole, list) else values)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _cells(columns: Sequence[_Column], instance: Any, answer: Any) -> Row:
    predicted = _scalar(_object(answer).get("prediction")) if isinstance(answer, Mapping) else _scalar(answer)
    asked = _object(instance)
    texts = {one.name: _scalar(asked.get(one.key)) if one.key else predicted for one in columns}
    return {one.name: _cast(texts[one.name], one.type) for one in columns}


def _object(value: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def _scalar(value: Any) -> str | None:
    """JSON_VALUE: a scalar as text, nothing for null, objects and lists."""
    if value is None or isinstance(value, dict | list):
        return None
    return value if isinstance(value, str) else json.dumps(value)


def _cast(text: str | None, type: str) -> Any:
    """SAFE_CAST: nothing where the text is no such value."""
    if text is None or type == "STRING":
        return text
    if type == "BOOL":
        return {"true": True, "false": False}.get(text.lower())
    try:
        return float(text)
    except ValueError:
        return None
