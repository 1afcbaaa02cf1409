"""Feature sets on the laptop: the files of the project's data sources."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from ...core.layout import Layout
from ..contract.features import FeatureRow, FeatureSet, Key
from .data import feature_rows, sources


class LocalFeatures:
    """Implements the lifecycle's Features Protocol; no set has a view here."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    def columns(self, one: FeatureSet) -> Sequence[str]:
        """The columns of a set's file."""
        return feature_rows.columns(self._path(one), one)

    def rows(
        self, one: FeatureSet, columns: Sequence[str], keys: Collection[Key], until: datetime | None
    ) -> Iterable[FeatureRow]:
        """The rows of these entities."""
        return feature_rows.rows(self._path(one), one, columns, keys, until)

    def served(self, one: FeatureSet, keys: Sequence[Key]) -> Mapping[Key, Mapping[str, str]]:
        """Nothing: nobody asks where no set has a view."""
        raise AssertionError(f"{one.name} has no view")

    def _path(self, one: FeatureSet) -> Path:
        assert one.source is not None  # noqa: S101 a set of this machine names its data source
        return sources.materialize(one.source, self._layout)[0]
