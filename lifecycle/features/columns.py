"""Which columns of a set are read, and what is wrong with those that the config names."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from ...core.errors import Problem
from ...core.suggestions import did_you_mean
from ..contract.features import Features, FeatureSet
from .refusals import refuse


@dataclass(frozen=True, kw_only=True)
class Selected:
    """A set, and the columns that are read of it."""

    one: FeatureSet
    columns: tuple[str, ...]


def select(features: Features, sets: Sequence[FeatureSet]) -> list[Selected]:
    """The columns of each set. Raises DataError that names all that are not there, NotFoundError."""
    there = {one.name: list(features.columns(one)) for one in sets}
    refuse([problem for one in sets for problem in _missing(one, there[one.name])])
    return [Selected(one=one, columns=_read(one, there[one.name])) for one in sets]


def collisions(selected: Sequence[Selected], header: Sequence[str], observations: str) -> list[Problem]:
    """The columns that two sets have, or a set and the observations: in one table each name stands once."""
    owner: dict[str, str] = dict.fromkeys(header, observations)
    found: list[Problem] = []
    for each in selected:
        for column in each.columns:
            if column in owner:
                found.append(_collision(column, owner[column], each.one))
            owner.setdefault(column, f"the set {each.one.name!r}")
    return found


def absent(wanted: Mapping[str, str], header: Collection[str], where: str) -> list[Problem]:
    """What the observations lack; ``wanted`` says of each column what needs it."""
    return [
        Problem(
            message=f"the observations have no column {column!r}, {why}", where=where, hint=did_you_mean(column, header)
        )
        for column, why in wanted.items()
        if column not in header
    ]


def _read(one: FeatureSet, there: Sequence[str]) -> tuple[str, ...]:
    apart = {*one.keys, one.timestamp, one.at.timestamp}
    return one.features or tuple(column for column in there if column not in apart)


def _missing(one: FeatureSet, there: Sequence[str]) -> list[Problem]:
    parts = [("key", name) for name in one.keys]
    parts += [("timestamp", one.timestamp)] if one.timestamp else []
    parts += [("feature", name) for name in one.features]
    return [
        Problem(
            message=f"the set {one.name!r} names the {part} {name!r}, and {one.place} has no such column",
            where=one.where,
            hint=did_you_mean(name, there),
        )
        for part, name in parts
        if name not in there
    ]


def _collision(column: str, owner: str, one: FeatureSet) -> Problem:
    return Problem(
        message=f"the column {column!r} is in {owner} and in the set {one.name!r}",
        where=one.where,
        hint=f"Name the columns that are wanted, without it: features.sets.{one.name}.features. Or call it otherwise.",
    )
