"""Feature sets as tables in memory, and what retrieving them must give by its plainest definition."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from groundplan.lifecycle.contract.features import FeatureRow, FeatureSet, Key

Table = Sequence[tuple[Key, datetime | None, tuple[str, ...]]]


def feature_set(name: str = "customers", **more: Any) -> FeatureSet:
    """A set with one key and a time."""
    wanted: dict[str, Any] = {
        "name": name, "entity": "customer", "keys": ("customer",), "features": (), "timestamp": "seen_at",
        "place": f"data/{name}.csv", "where": "groundplan.yaml:9:3",
    }  # fmt: skip
    return FeatureSet(**{**wanted, **more})


@dataclass
class MemoryFeatures:
    """Tables by set; ``asked`` are the keys and the time of each question."""

    header: Mapping[str, Sequence[str]]
    tables: Mapping[str, Table]
    asked: list[tuple[str, Collection[Key], datetime | None]] = field(
        default_factory=list[tuple[str, Collection[Key], datetime | None]]
    )

    def columns(self, one: FeatureSet) -> Sequence[str]:
        return [*one.keys, *([one.timestamp] if one.timestamp else []), *self.header[one.name]]

    def rows(
        self, one: FeatureSet, columns: Sequence[str], keys: Collection[Key], until: datetime | None
    ) -> Iterable[FeatureRow]:
        self.asked.append((one.name, keys, until))
        positions = [list(self.header[one.name]).index(column) for column in columns]
        for number, (key, time, values) in enumerate(self.tables[one.name], start=2):
            if key in keys and (time is None or until is None or time <= until):
                yield FeatureRow(key, time, tuple(values[one] for one in positions), f"{one.place}:{number}:1")

    def served(self, one: FeatureSet, keys: Sequence[Key]) -> Mapping[Key, Mapping[str, str]]:
        raise AssertionError(one.name)


@dataclass(frozen=True)
class Seen:
    """Observations."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    at: tuple[datetime, ...] = ()
    place: str = "observations.csv"

    def times(self, column: str) -> Sequence[datetime]:
        del column
        return self.at


def naive(table: Table, key: Key, moment: datetime | None, width: int) -> tuple[str, ...]:
    """By definition: of each column the value, of all rows of this entity until then that have one, of the newest."""
    found: list[str] = []
    for column in range(width):
        newest: tuple[datetime | None, str] | None = None
        for row_key, time, values in table:
            if row_key != key or not values[column]:
                continue
            if time is not None and moment is not None and time > moment:
                continue
            if newest is None or (time is not None and newest[0] is not None and time > newest[0]):
                newest = (time, values[column])
        found.append("" if newest is None else newest[1])
    return tuple(found)
