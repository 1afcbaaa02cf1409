"""What is known of each entity since when: the rows of one set, ready to be asked for a moment."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise
from operator import attrgetter
from typing import NamedTuple

from ...core.errors import Problem
from ..contract.features import FeatureRow, FeatureSet, Key
from .refusals import refuse


class Known(NamedTuple):
    """What is known of an entity, and since when; None for a set without a time."""

    since: datetime | None
    values: tuple[str, ...]


class Timelines:
    """The rows of a set by entity, in the order of time.

    A value that a row leaves out stays what it was before: so the clouds' own online stores fill themselves, and what
    was learned from must not differ from what is served.
    """

    def __init__(self, one: FeatureSet, rows: Iterable[FeatureRow]) -> None:
        """Raises DataError that names all rows which contradict each other."""
        found: dict[Key, list[FeatureRow]] = {}
        for row in rows:
            found.setdefault(row.key, []).append(row)
        self._timed = one.timestamp is not None
        self._known: dict[Key, list[Known]] = {}
        refused: list[Problem] = []
        for key, mine in found.items():
            if self._timed:
                mine.sort(key=attrgetter("time"))
            refused += _contradictions(one, mine)
            self._known[key] = _carried(mine)
        refuse(refused)

    def at(self, key: Key, moment: datetime | None) -> Known | None:
        """What was known of an entity at a moment, that moment included; None where nothing was."""
        known = self._known.get(key)
        if known is None or not self._timed:
            return None if known is None else known[-1]
        position = bisect_right(known, moment, key=attrgetter("since"))
        return known[position - 1] if position else None


def _carried(rows: Sequence[FeatureRow]) -> list[Known]:
    """Each row, with what it leaves out taken from the one before."""
    known: list[Known] = []
    before: Sequence[str] = ()
    for row in rows:
        values = row.values
        if before and "" in values:
            values = tuple(now or then for now, then in zip(values, before, strict=True))
        known.append(Known(row.time, values))
        before = values
    return known


def _contradictions(one: FeatureSet, rows: Sequence[FeatureRow]) -> list[Problem]:
    """Rows of an entity that say something at the time of another row: nobody knows which one was true."""
    found: list[Problem] = []
    for before, row in pairwise(rows):
        if one.timestamp is None:
            keys = ", ".join(one.keys)
            message = f"the set {one.name!r} has no timestamp, and two rows have the same {keys}"
            hint = "Keep one row for each entity, or name the column that says when a row was true: timestamp."
        elif row.time == before.time and row.values != before.values:
            message = f"the set {one.name!r} says two things of one entity at the same {one.timestamp}"
            hint = "Keep one of the two rows."
        else:
            continue
        beside = f", as at {before.where}" if before.where else ""
        found.append(Problem(message=f"{message}{beside}", where=row.where or one.place, hint=hint))
    return found
