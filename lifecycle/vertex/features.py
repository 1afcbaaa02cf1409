"""Feature sets on Vertex AI: tables of BigQuery, and views of them in an online store."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from ..contract.features import FeatureRow, FeatureSet, Key
from ..patience import Pace
from .calls import Calls
from .feature_tables import FeatureTables
from .feature_views import FeatureViews


class VertexFeatures:
    """Implements the lifecycle's Features Protocol."""

    def __init__(self, *, pace: Pace | None = None, page: int = 5000) -> None:
        """Nothing is asked yet."""
        self._tables = FeatureTables(pace=pace or Pace(), page=page)
        self._views = FeatureViews(Calls(pace))

    def columns(self, one: FeatureSet) -> Sequence[str]:
        """The columns of a set's table."""
        return self._tables.columns(one)

    def rows(
        self, one: FeatureSet, columns: Sequence[str], keys: Collection[Key], until: datetime | None
    ) -> Iterable[FeatureRow]:
        """The rows of these entities."""
        return self._tables.rows(one, columns, keys, until)

    def served(self, one: FeatureSet, keys: Sequence[Key]) -> Mapping[Key, Mapping[str, str]]:
        """What the set's view serves of these entities."""
        return self._views.served(one, keys)
