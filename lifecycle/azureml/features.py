"""Feature sets on Azure ML: the files of their data sources, of this machine or fetched for one command."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from ...core.errors import DataError, NotFoundError
from ..contract.features import FeatureRow, Features, FeatureSet, Key
from ..patience import Pace
from . import feature_files
from .calls import Calls


class Reading(Protocol):
    """How a file's rows are read, which is the same for every file of this machine."""

    def columns(self, path: Path, one: FeatureSet) -> Sequence[str]:
        """The columns of a file."""
        ...

    def rows(
        self, path: Path, one: FeatureSet, columns: Sequence[str], keys: Collection[Key], until: datetime | None
    ) -> Iterable[FeatureRow]:
        """The rows of these entities."""
        ...


class AzureMLFeatures:
    """Implements the lifecycle's Features Protocol; no set has a view here.

    ``here`` has the sets whose data source is a file of this machine, ``reading`` reads what was fetched into
    ``folder``, which is taken away after the command.
    """

    def __init__(self, *, here: Features, reading: Reading, folder: Path, pace: Pace | None = None) -> None:
        """Nothing is asked yet."""
        self._here = here
        self._reading = reading
        self._folder = folder
        self._calls = Calls(pace or Pace())
        self._fetched: dict[str, Sequence[Path]] = {}

    def columns(self, one: FeatureSet) -> Sequence[str]:
        """The columns of a set's files, which are the same in each."""
        if one.source is not None:
            return self._here.columns(one)
        first, *others = self._files(one)
        columns = self._reading.columns(first, one)
        for path in others:
            if list(self._reading.columns(path, one)) != list(columns):
                raise DataError(
                    f"the files of the feature set {one.name!r} have other columns each: {first.name} and {path.name}",
                    where=one.place,
                    hint="Write them with the same columns, in the same order.",
                )
        return columns

    def rows(
        self, one: FeatureSet, columns: Sequence[str], keys: Collection[Key], until: datetime | None
    ) -> Iterable[FeatureRow]:
        """The rows of these entities."""
        if one.source is not None:
            return self._here.rows(one, columns, keys, until)
        return self._rows(one, columns, keys, until)

    def served(self, one: FeatureSet, keys: Sequence[Key]) -> Mapping[Key, Mapping[str, str]]:
        """Nothing: nobody asks where no set has a view."""
        raise AssertionError(f"{one.name} has no view")

    def _rows(
        self, one: FeatureSet, columns: Sequence[str], keys: Collection[Key], until: datetime | None
    ) -> Iterator[FeatureRow]:
        files = self._files(one)
        for path in files:
            at = one if len(files) == 1 else replace(one, place=f"{one.place.rstrip('/')}/{path.name}")
            yield from self._reading.rows(path, at, columns, keys, until)

    def _files(self, one: FeatureSet) -> Sequence[Path]:
        """The file of a set, or every CSV file below its folder. Raises NotFoundError."""
        if one.at.uri not in self._fetched:
            self._fetched[one.at.uri] = self._fetch(one)
        return self._fetched[one.at.uri]

    def _fetch(self, one: FeatureSet) -> Sequence[Path]:
        container, path = feature_files.found(self._calls, one)
        into = self._folder / str(len(self._fetched)) / Path(path).name
        there = container.download(path, into, doing=feature_files.DOING)
        files = sorted(into.rglob("*.csv")) if into.is_dir() else [into]
        if not there or not files:
            raise NotFoundError(
                f"there is no CSV file of the feature set {one.name!r} at {one.place}",
                where=one.where,
                hint=f"{container.address}/{path} is where it is looked for.",
            )
        return files
