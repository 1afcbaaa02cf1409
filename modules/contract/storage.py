"""Storage: where data, artifacts and the outputs of steps are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class StorageOutputs:
    """Where things are kept: URIs of the artifacts, of the steps' cache, of data sets."""

    artifacts_uri: str
    cache_uri: str
    data_uri: str


class Storage(Protocol):
    """A platform's storage."""

    @property
    def outputs(self) -> StorageOutputs:
        """Where things are kept."""
        ...
