"""Tables of BigQuery with types of their own; a real engine, sqlite, joins them with the keys that are asked for.

Of SQL it takes the question for the rows of some entities until a moment, and nothing else.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from ..store import Store
from .http import Json, Request
from .vertex_words import refused

Field = tuple[str, str, str]
"""A column of an answer: its name, its type, its mode."""

_TABLE = r"`(?P<table>[\w-]+\.\w+\.\w+)`"
JOINED = re.compile(
    rf"SELECT (?P<read>.+) FROM {_TABLE} AS source JOIN UNNEST\(@keys\) AS wanted ON (?P<same>.+?)"
    r"( WHERE source\.`(?P<time>\w+)` <= @until OR source\.`(?P=time)` IS NULL)?"
)
_KEY = re.compile(r"CAST\(source\.`(\w+)` AS STRING\) AS (column_\d+)")
_COLUMN = re.compile(r"source\.`(\w+)` AS (column_\d+)")
_SAME = re.compile(r"CAST\(source\.`(\w+)` AS STRING\) = wanted\.(\w+)")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(moment: datetime) -> int:
    """A moment as BigQuery counts it."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


class FeatureTables:
    """Tables by ``project.dataset.table``, each with its columns' types; ``kind`` is what BigQuery calls them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._engine = sqlite3.connect(":memory:", check_same_thread=False)
        self._engine.create_function("as_string", 1, _as_string, deterministic=True)
        self.schemas: dict[str, Mapping[str, str]] = {}
        self._names: dict[str, str] = {}
        self.kind = "TABLE"
        self.questions: list[tuple[str, int]] = []

    def make(self, table: str, schema: Mapping[str, str], rows: Sequence[Sequence[object]] = ()) -> None:
        """A table with these rows in the place of what was there; moments are counted."""
        self._names[table] = f"t{len(self._names)}"
        self.schemas[table] = schema
        # Without a type a column keeps what it is given.
        self._engine.execute(f"CREATE TABLE {self._names[table]} ({', '.join(f'[{one}]' for one in schema)})")
        marks = ", ".join("?" * len(schema))
        counted = [[micros(one) if isinstance(one, datetime) else one for one in row] for row in rows]
        self._engine.executemany(f"INSERT INTO {self._names[table]} VALUES ({marks})", counted)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """All rows, as a synchronization reads them."""
        self.demand(table)
        found = self._engine.execute(f"SELECT * FROM {self._names[table]}").fetchall()
        return [dict(zip(self.schemas[table], row, strict=True)) for row in found]

    def described(self, request: Request) -> Json:
        """``tables.get``."""
        *_, project, _, dataset, _, name = request.path.split("/")
        table = f"{project}.{dataset}.{name}"
        self.demand(table)
        count = self._engine.execute(f"SELECT COUNT(*) FROM {self._names[table]}").fetchone()[0]
        fields = [{"name": one, "type": type, "mode": "NULLABLE"} for one, type in self.schemas[table].items()]
        return {
            "kind": "bigquery#table", "type": self.kind, "location": "europe-west4", "numRows": str(count),
            "tableReference": {"projectId": project, "datasetId": dataset, "tableId": name},
            "schema": {"fields": fields},
        }  # fmt: skip

    def demand(self, table: str) -> None:
        """Refuses a table or a dataset that is not there, in BigQuery's words."""
        project, dataset, name = table.split(".")
        if not any(one["inputs"].get("datasetId") == dataset for one in self._store.of_type(":Dataset")):
            raise refused("NOT_FOUND", f"Not found: Dataset {project}:{dataset} was not found in location europe-west4")
        if table not in self.schemas:
            raise refused(
                "NOT_FOUND", f"Not found: Table {project}:{dataset}.{name} was not found in location europe-west4"
            )

    def select(self, found: re.Match[str], given: Mapping[str, Json]) -> tuple[list[Field], list[tuple[Any, ...]]]:
        """The rows that a question asks for, and their columns."""
        self.demand(found["table"])
        schema, name = self.schemas[found["table"]], self._names[found["table"]]
        keys = _keys(given)
        fields: list[Field] = []
        read: list[str] = []
        for part in found["read"].split(", "):
            key, column = _KEY.fullmatch(part), _COLUMN.fullmatch(part)
            known = key or column
            if known is None or known[1] not in schema:
                raise refused("INVALID_ARGUMENT", f"Unrecognized name: {part}")
            read.append(f"as_string(source.[{known[1]}])" if key else f"source.[{known[1]}]")
            fields.append((known[2], "STRING" if key else schema[known[1]], "NULLABLE"))
        same: list[str] = []
        for part in found["same"].split(" AND "):
            pair = _SAME.fullmatch(part)
            if pair is None or pair[1] not in schema or pair[2] not in keys[0]:
                raise refused("INVALID_ARGUMENT", f"Unrecognized name: {part}")
            same.append(f"as_string(source.[{pair[1]}]) = wanted.[{pair[2]}]")
        self._engine.execute("DROP TABLE IF EXISTS temp.wanted")
        self._engine.execute(f"CREATE TEMP TABLE wanted ({', '.join(f'[{one}]' for one in keys[0])})")
        marks = ", ".join("?" * len(keys[0]))
        self._engine.executemany(f"INSERT INTO temp.wanted VALUES ({marks})", [[*one.values()] for one in keys])
        self.questions.append((found["table"], len(keys)))
        sql = f"SELECT {', '.join(read)} FROM {name} AS source JOIN temp.wanted AS wanted ON {' AND '.join(same)}"
        if found["time"] is None:
            return fields, self._engine.execute(sql).fetchall()
        if schema.get(found["time"]) != "TIMESTAMP":
            raise refused("INVALID_ARGUMENT", "No matching signature for operator <=")
        until = micros(datetime.fromisoformat(given["until"]["parameterValue"]["value"]))
        time = f"source.[{found['time']}]"
        return fields, self._engine.execute(f"{sql} WHERE {time} <= ? OR {time} IS NULL", [until]).fetchall()


def _keys(given: Mapping[str, Json]) -> list[dict[str, str]]:
    """The texts of a parameter that is a table of texts."""
    parameter = given["keys"]
    kinds = parameter["parameterType"]["arrayType"]["structTypes"]
    if any(one["type"]["type"] != "STRING" for one in kinds) or not parameter["parameterValue"].get("arrayValues"):
        raise refused("INVALID_ARGUMENT", "the stand-in takes keys as text, and at least one")
    return [
        {name: value["value"] for name, value in one["structValues"].items()}
        for one in parameter["parameterValue"]["arrayValues"]
    ]


def _as_string(value: object) -> str | None:
    """CAST(… AS STRING), as https://cloud.google.com/bigquery/docs/reference/standard-sql/conversion_functions says."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return None if value is None else str(value)
