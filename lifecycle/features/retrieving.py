"""The point-in-time join: for each observation what was known at its moment, and never what came later."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ...core import collecting
from ..contract.features import Features, FeatureSet
from . import columns
from .columns import Selected
from .refusals import refuse
from .timelines import Timelines


class Observations(Protocol):
    """What was observed: its columns, its rows as text, and the time of each row where one is asked for."""

    @property
    def place(self) -> str:
        """The file, for people."""
        ...

    @property
    def header(self) -> Sequence[str]:
        """The columns."""
        ...

    @property
    def rows(self) -> Sequence[Sequence[str]]:
        """The rows, each as wide as the header."""
        ...

    def times(self, column: str) -> Sequence[datetime]:
        """The time of each row. Raises DataError that names all that cannot be read."""
        ...


@dataclass(frozen=True, kw_only=True)
class Joined:
    """One set in the result: its columns, and for how many observations nothing was known of it."""

    one: FeatureSet
    columns: tuple[str, ...]
    unmatched: int


@dataclass(frozen=True, kw_only=True)
class Retrieved:
    """The observations in their order, each with the columns of every set; "" for what was not known."""

    header: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    joined: tuple[Joined, ...]
    time: str | None


def retrieve(features: Features, sets: Sequence[FeatureSet], seen: Observations, *, time: str | None) -> Retrieved:
    """Join the sets to what was observed; ``time`` is the column that says when that was.

    Raises DataError that names everything that is wrong at once, NotFoundError.
    """
    timed = any(one.timestamp for one in sets)
    refuse(columns.absent(_wanted(sets, time if timed else None), seen.header, f"{seen.place}:1:1"))
    selected = columns.select(features, sets)
    refuse(columns.collisions(selected, seen.header, "the observations"))
    times = seen.times(time) if timed and time is not None else None
    found = [[*row] for row in seen.rows]
    with collecting.paused():
        joined = [_join(features, each, seen, times if each.one.timestamp else None, found) for each in selected]
    return Retrieved(
        header=(*seen.header, *(column for each in selected for column in each.columns)),
        rows=found,
        joined=tuple(joined),
        time=time if timed else None,
    )


def _join(
    features: Features, each: Selected, seen: Observations, times: Sequence[datetime] | None, found: list[list[str]]
) -> Joined:
    """Append the set's columns to every row."""
    positions = [seen.header.index(key) for key in each.one.keys]
    keys = [tuple(row[position] for position in positions) for row in seen.rows]
    wanted = {key for key in keys if all(key)}
    until = max(times, default=None) if times is not None else None
    known = Timelines(each.one, features.rows(each.one, each.columns, wanted, until) if wanted else ())
    at: Callable[[int], datetime | None] = (lambda row: None) if times is None else times.__getitem__
    nothing, unmatched = ("",) * len(each.columns), 0
    for number, key in enumerate(keys):
        match = known.at(key, at(number))
        unmatched += match is None
        found[number] += nothing if match is None else match.values
    return Joined(one=each.one, columns=each.columns, unmatched=unmatched)


def _wanted(sets: Sequence[FeatureSet], time: str | None) -> dict[str, str]:
    """The columns that observations must have, each with what it is for."""
    found = {key: f"a key of the set {one.name!r}" for one in reversed(sets) for key in one.keys}
    return found if time is None else {**found, time: "which says when each was made"}
