"""The newest values of entities: what their view serves, or what their rows say until now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ..contract.features import Features, FeatureSet, Key
from .columns import select
from .timelines import Timelines


@dataclass(frozen=True, kw_only=True)
class Entity:
    """What is known of an entity: the text of each feature, "" for what is missing, and since when; None: not said."""

    key: Key
    values: dict[str, str]
    since: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Newest:
    """The entities that are known, the keys of those that are not, and who said so."""

    found: tuple[Entity, ...]
    unknown: tuple[Key, ...]
    by: Literal["view", "source"]


def newest(features: Features, one: FeatureSet, keys: Sequence[Key], *, now: datetime, offline: bool) -> Newest:
    """What is known now of these entities; ``offline`` reads the rows also where a view serves them."""
    by = "view" if one.at.view and not offline else "source"
    known = _served(features, one, keys) if by == "view" else _read(features, one, keys, now)
    there = {entity.key for entity in known}
    return Newest(found=tuple(known), unknown=tuple(key for key in keys if key not in there), by=by)


def _served(features: Features, one: FeatureSet, keys: Sequence[Key]) -> list[Entity]:
    served = features.served(one, keys)
    return [Entity(key=key, values=dict(served[key])) for key in keys if key in served]


def _read(features: Features, one: FeatureSet, keys: Sequence[Key], now: datetime) -> list[Entity]:
    (selected,) = select(features, [one])
    until = now if one.timestamp else None
    known = Timelines(one, features.rows(one, selected.columns, set(keys), until))
    found = [(key, known.at(key, now)) for key in keys]
    return [
        Entity(key=key, values=dict(zip(selected.columns, match.values, strict=True)), since=match.since)
        for key, match in found
        if match is not None
    ]
