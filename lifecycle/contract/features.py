"""Features of an entity: what a set of them is, where an environment has its rows, and what a platform gives of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from .pipeline import DataSource

Key = tuple[str, ...]
"""What identifies an entity: the text of each of its key columns, in the order of the config."""


@dataclass(frozen=True, kw_only=True)
class FeaturePlace:
    """Where a cloud has a set: whom to ask (``workspace``), the ``uri`` of its rows, the id of the ``view`` of them.

    ``timestamp`` is the name that the time has there.
    """

    workspace: str
    uri: str = ""
    view: str = ""
    timestamp: str | None = None


@dataclass(frozen=True, kw_only=True)
class FeatureSet:
    """Features of one ``entity``, identified by ``keys``, in one environment.

    ``features`` are the columns that the config names; without any, all that are neither key nor time. ``timestamp``
    says since when a row is true. The rows are in ``source``, a data set of this machine, or where ``at`` says.
    ``place`` is that for people, ``where`` the set's own place in groundplan.yaml.
    """

    name: str
    entity: str
    keys: tuple[str, ...]
    features: tuple[str, ...]
    timestamp: str | None
    place: str
    where: str = ""
    source: DataSource | None = None
    at: FeaturePlace = FeaturePlace(workspace="")


class FeatureRow(NamedTuple):
    """A row of a set. ``values`` are text, "" for what is missing; ``where`` is its line, "" where rows have none."""

    key: Key
    time: datetime | None
    values: tuple[str, ...]
    where: str = ""


class Features(Protocol):
    """What a platform gives of feature sets. It computes nothing: how rows are joined is the same everywhere."""

    def columns(self, one: FeatureSet) -> Sequence[str]:
        """The columns of a set's rows. Raises NotFoundError where there is nothing, DataError where there is no row."""
        ...

    def rows(
        self, one: FeatureSet, columns: Sequence[str], keys: Collection[Key], until: datetime | None
    ) -> Iterable[FeatureRow]:
        """The rows of these entities, in any order, with the values of these columns; none that is true only later.

        Raises DataError that names all rows without a time that can be read, where the set has one.
        """
        ...

    def served(self, one: FeatureSet, keys: Sequence[Key]) -> Mapping[Key, Mapping[str, str]]:
        """What the set's view serves of these entities now; an entity that it does not know is left out.

        Raises NotFoundError where the view is not there or has never been filled.
        """
        ...
