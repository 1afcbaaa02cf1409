"""Feature sets as tables of BigQuery: their columns, and the rows of those entities that are asked for.

A question reads the columns that it names of the whole table, however few entities it names: they all go into one
question as long as BigQuery takes it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from ...core.errors import DataError, NotFoundError
from ..contract.features import FeatureRow, FeatureSet, Key
from ..features import texts
from ..patience import Pace
from .big_query import BigQuery, Parameter

MOST_BYTES = 8_000_000
"""How much one question holds of keys, as JSON with what stands around them; BigQuery takes 10 MB."""

_DOING = "read features"
_SQL = "SELECT {read} FROM `{table}` AS source JOIN UNNEST(@keys) AS wanted ON {same}"
_UNTIL = " WHERE {time} <= @until OR {time} IS NULL"
_AROUND = 50
"""The most bytes that stand around the text of a key."""


class FeatureTables:
    """The tables, read as who is signed in; the project of the set's location pays."""

    def __init__(self, *, pace: Pace, page: int = 5000) -> None:
        self._pace = pace
        self._page = page
        self._schemas: dict[str, Any] = {}

    def columns(self, one: FeatureSet) -> Sequence[str]:
        """The table's columns in small letters, which BigQuery does not tell from capital ones."""
        there = self._described(one)
        if there.table_type == "TABLE" and not there.num_rows and there.streaming_buffer is None:
            raise DataError(
                f"the table of the feature set {one.name!r} is empty",
                where=one.place,
                hint="Your data flow fills it; up made it without rows.",
            )
        types = {field.name.lower(): field.field_type for field in there.schema}
        if one.timestamp in types and types[one.timestamp] != "TIMESTAMP":
            raise DataError(
                f"the column {one.timestamp} is of type {types[one.timestamp]}, and Vertex AI takes TIMESTAMP",
                where=one.place,
                hint="Convert it in the data flow: TIMESTAMP(...) says in which time zone it was meant.",
            )
        return list(types)

    def rows(
        self, one: FeatureSet, columns: Sequence[str], keys: Collection[Key], until: datetime | None
    ) -> Iterator[FeatureRow]:
        """The rows of these entities. Raises DataError where some have no time."""
        table, untimed = self._table(one, self._described(one).location), 0
        sql, more = _question(one, columns, table.table), {} if until is None else {"until": until}
        for part in _parts(keys):
            parameters: Mapping[str, Parameter] = {"keys": part, **more}
            for row in table.rows(sql, parameters, doing=_DOING):
                found = _row(row, len(one.keys), timed=one.timestamp is not None)
                untimed += one.timestamp is not None and found.time is None
                yield found
        if untimed:
            raise DataError(
                f"the set {one.name!r} has {untimed} rows that say not when they were true: {one.timestamp} is NULL",
                where=one.place,
                hint=f"Give them one; they are those of {table.table} WHERE {one.timestamp} IS NULL.",
            )

    def _described(self, one: FeatureSet) -> Any:
        if one.name not in self._schemas:
            found = self._table(one, one.at.workspace.split("/")[3]).described(doing=_DOING)
            if found is None:
                raise NotFoundError(
                    f"the table of the feature set {one.name!r} is not there",
                    where=one.place,
                    hint="groundplan up makes it for a data source; a table that the config names is yours.",
                )
            self._schemas[one.name] = found
        return self._schemas[one.name]

    def _table(self, one: FeatureSet, region: str) -> BigQuery:
        table, payer = one.at.uri.removeprefix("bq://"), one.at.workspace.split("/")[1]
        return BigQuery(table=table, region=region, pace=self._pace, page=self._page, payer=payer)


def _question(one: FeatureSet, columns: Sequence[str], table: str) -> str:
    """Each entity's rows by the text of its keys, which are of any type; no row that is true only later."""
    keys = [f"CAST(source.`{key}` AS STRING)" for key in one.keys]
    wanted = [
        *keys,
        *([f"source.`{one.timestamp}`"] if one.timestamp else []),
        *(f"source.`{name}`" for name in columns),
    ]
    same = " AND ".join(f"{key} = wanted.key_{number}" for number, key in enumerate(keys))
    read = ", ".join(f"{column} AS column_{number}" for number, column in enumerate(wanted))
    until = _UNTIL.format(time=f"source.`{one.timestamp}`") if one.timestamp else ""
    return _SQL.format(read=read, table=table, same=same) + until


def _parts(keys: Collection[Key]) -> Iterator[Sequence[Mapping[str, str]]]:
    """The keys, in as few parts as a question can hold."""
    part: list[Mapping[str, str]] = []
    size = 0
    for key in sorted(keys):
        bytes_of_key = sum(len(json.dumps(text)) + _AROUND for text in key)
        if part and size + bytes_of_key > MOST_BYTES:
            yield part
            part, size = [], 0
        part.append({f"key_{number}": text for number, text in enumerate(key)})
        size += bytes_of_key
    if part:
        yield part


def _row(row: Any, keys: int, *, timed: bool) -> FeatureRow:
    values = row.values()
    read = keys + timed
    return FeatureRow(tuple(values[:keys]), values[keys] if timed else None, tuple(map(texts.text, values[read:])))
