"""BigQuery's jobs over REST, and Vertex AI's request log in it; a real engine answers, sqlite.

Of SQL it takes what reads a stretch of one table's rows in order, with named parameters, and nothing else.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from ..store import Store
from .bigquery_features import JOINED, FeatureTables, Field
from .http import Json, Request
from .vertex_words import refused

_SQL = re.compile(
    r"SELECT (?P<columns>\w+(, \w+)*) FROM `(?P<table>[\w-]+\.\w+\.\w+)` "
    r"WHERE (?P<where>\w+ (>=|<|>|<=|=) @\w+( AND \w+ (>=|<|>|<=|=) @\w+)*) ORDER BY (?P<order>\w+(, \w+)*)"
)
_PARAMETER = re.compile(r"@(\w+)")
_COLUMNS = {
    "endpoint": ("STRING", "NULLABLE"), "deployed_model_id": ("STRING", "NULLABLE"),
    "logging_time": ("TIMESTAMP", "NULLABLE"), "request_id": ("NUMERIC", "NULLABLE"),
    "request_payload": ("STRING", "REPEATED"), "response_payload": ("STRING", "REPEATED"),
}  # fmt: skip
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(kw_only=True)
class _Waiting:
    left: int
    table: str
    row: tuple[object, ...]


@dataclass(kw_only=True)
class _Job:
    reference: Json
    configuration: Json
    columns: list[Field]
    rows: list[tuple[Any, ...]]
    looks: int


class BigQuery:
    """Tables and jobs in the store's datasets. ``page`` is the most rows in an answer, ``looks`` how long a job runs.

    ``delay`` is for how many requests a row is on its way, ``now`` the service's clock, ``dice`` draw what is logged.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.answers: dict[str, Callable[[Request], Json]] = {
            "bigquery.jobs.insert": self._insert,
            "bigquery.jobs.get": self._get,
            "bigquery.jobs.getQueryResults": self._results,
            "bigquery.tables.get": self._table,
        }
        self.clear()

    def clear(self) -> None:
        """No table, no job, everything is drawn."""
        self._engine = sqlite3.connect(":memory:", check_same_thread=False)
        self.tables = FeatureTables(self._store)
        self._tables: dict[str, str] = {}
        self._jobs: dict[str, _Job] = {}
        self._waiting: list[_Waiting] = []
        self._logged = 0
        self.page, self.looks, self.delay = 10_000, 1, 3
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.dice: Callable[[], float] = lambda: 0.0

    def note(self, endpoint: Json, deployed_model: str, asked: Json, answered: Json) -> None:
        """A deployed model answered a request: a string for each instance and each prediction."""
        config: Json = endpoint.get("predictRequestResponseLoggingConfig") or {}
        if not config.get("enabled") or self.dice() >= float(config.get("samplingRate", 1.0)):
            return
        self._logged += 1
        row = (
            endpoint["name"], deployed_model, (self.now() - _EPOCH) // timedelta(microseconds=1), 9_000 + self._logged,
            json.dumps([json.dumps(_carried(one)) for one in asked.get("instances", [])]),
            json.dumps([json.dumps(one) for one in answered.get("predictions", [])]),
        )  # fmt: skip
        table = str(config["bigqueryDestination"]["outputUri"]).removeprefix("bq://")
        self._waiting.append(_Waiting(left=self.delay, table=table, row=row))

    def go_on(self) -> None:
        """A request came: what waited long enough is written."""
        for one in self._waiting:
            one.left -= 1
        self._write([one for one in self._waiting if one.left <= 0])

    def deliver(self) -> None:
        """All of it is written now."""
        self._write(list(self._waiting))

    def put(self, table: str, *row: object) -> None:
        """A row, by its columns."""
        if table not in self._tables:
            self._tables[table] = f"t{len(self._tables)}"
            self._engine.execute(f"CREATE TABLE {self._tables[table]} ({', '.join(_COLUMNS)})")
        marks = ", ".join("?" * len(_COLUMNS))
        self._engine.execute(f"INSERT INTO {self._tables[table]} VALUES ({marks})", row)

    def stored(self, table: str) -> list[tuple[Any, ...]]:
        """A table's rows, by its columns."""
        if table not in self._tables:
            raise refused("NOT_FOUND", f"Not found: Table {table} was not found in location europe-west4")
        return self._engine.execute(f"SELECT * FROM {self._tables[table]}").fetchall()

    def _write(self, due: list[_Waiting]) -> None:
        for one in due:
            self._waiting.remove(one)
            self.put(one.table, *one.row)

    def _insert(self, request: Request) -> Json:
        reference: Json = request.body["jobReference"]
        query: Json = request.body["configuration"]["query"]
        if query.get("useLegacySql") is not False or query.get("parameterMode") != "NAMED":
            raise refused("INVALID_ARGUMENT", "the stand-in takes standard SQL with named parameters")
        id = reference["jobId"]
        if id in self._jobs:
            raise refused("ALREADY_EXISTS", f"Already Exists: Job {reference['projectId']}:{id}")
        columns, rows = self._select(query["query"], {one["name"]: one for one in query["queryParameters"]})
        self._jobs[id] = _Job(
            reference={"location": "europe-west4", **reference}, configuration=request.body["configuration"],
            columns=columns, rows=rows, looks=self.looks,
        )  # fmt: skip
        return self._body(self._jobs[id])

    def _table(self, request: Request) -> Json:
        return self.tables.described(request)

    def _select(self, sql: str, given: Mapping[str, Json]) -> tuple[list[Field], list[tuple[Any, ...]]]:
        joined = JOINED.fullmatch(sql)
        if joined is not None and set(_PARAMETER.findall(sql)) == set(given):
            return self.tables.select(joined, given)
        found = _SQL.fullmatch(sql)
        columns = found["columns"].split(", ") if found else []
        if found is None or set(columns) - set(_COLUMNS) or set(_PARAMETER.findall(sql)) != set(given):
            raise refused("INVALID_ARGUMENT", f"Syntax error: the stand-in does not play {sql}")
        project, dataset, name = found["table"].split(".")
        if not any(one["inputs"].get("datasetId") == dataset for one in self._store.of_type(":Dataset")):
            raise refused("NOT_FOUND", f"Not found: Dataset {project}:{dataset} was not found in location europe-west4")
        if found["table"] not in self._tables:
            raise refused(
                "NOT_FOUND", f"Not found: Table {project}:{dataset}.{name} was not found in location europe-west4"
            )
        own = f"SELECT {found['columns']} FROM {self._tables[found['table']]} WHERE {found['where']}"
        values = {name: _value(one) for name, one in given.items()}
        rows = self._engine.execute(f"{own.replace('@', ':')} ORDER BY {found['order']}", values).fetchall()
        return [(one, *_COLUMNS[one]) for one in columns], rows

    def _get(self, request: Request) -> Json:
        job = self._found(request)
        job.looks -= 1
        return self._body(job)

    def _results(self, request: Request) -> Json:
        job = self._found(request)
        if job.looks > 0:
            return {"jobReference": job.reference, "jobComplete": False}
        begin = int(request.query.get("pageToken") or request.query.get("startIndex", "0"))
        end = begin + min(self.page, int(request.query.get("maxResults", self.page)))
        if begin < end and request.query.get("formatOptions.useInt64Timestamp", "").lower() != "true":
            raise refused("INVALID_ARGUMENT", "the stand-in gives timestamps as whole microseconds alone")
        fields = [{"name": name, "type": type, "mode": mode} for name, type, mode in job.columns]
        rows: list[Json] = [
            {"f": [_cell(field, one) for field, one in zip(job.columns, row, strict=True)]}
            for row in job.rows[begin:end]
        ]
        # What has no rows is left out, and nothing follows where none were asked for.
        more = {"pageToken": str(end)} if rows and end < len(job.rows) else {}
        return {
            "jobReference": job.reference, "jobComplete": True, "schema": {"fields": fields},
            "totalRows": str(len(job.rows)), **({"rows": rows} if rows else {}), **more,
        }  # fmt: skip

    def _found(self, request: Request) -> _Job:
        id = request.path.rpartition("/")[2]
        if id not in self._jobs or request.query.get("location") != "europe-west4":
            raise refused("NOT_FOUND", f"Not found: Job {id}")
        return self._jobs[id]

    def _body(self, job: _Job) -> Json:
        state = "RUNNING" if job.looks > 0 else "DONE"
        return {"id": f"{job.reference['projectId']}:{job.reference['jobId']}", "jobReference": job.reference,
                "configuration": job.configuration, "status": {"state": state}}  # fmt: skip


def _value(parameter: Json) -> int:
    if parameter["parameterType"]["type"] != "TIMESTAMP":
        raise refused("INVALID_ARGUMENT", f"the stand-in takes no parameter of {parameter['parameterType']['type']}")
    return (datetime.fromisoformat(parameter["parameterValue"]["value"]) - _EPOCH) // timedelta(microseconds=1)


def _cell(field: Field, value: Any) -> Json:
    _, type, mode = field
    if mode == "REPEATED":
        return {"v": [{"v": one} for one in json.loads(value)]}
    text = ("true" if value else "false") if type == "BOOLEAN" else str(value)
    return {"v": None if value is None else text}


def _carried(value: Any) -> Any:
    """As protobuf carries JSON: every number is a double, and a double that is whole is written without a point."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: _carried(one) for name, one in sorted(cast("Json", value).items())}
    return [_carried(one) for one in cast("list[Any]", value)] if isinstance(value, list) else value
