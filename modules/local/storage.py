"""Storage on the laptop: folders for artifacts, for the cache of steps, for data sets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...core.layout import Layout
from ..contract.storage import StorageOutputs
from . import folders
from .resource import State


@dataclass(frozen=True)
class LocalStorage:
    """The folders that hold what runs make."""

    layout: Layout

    capability = "storage"
    description = "artifacts, the cache of steps, data sets"

    @property
    def path(self) -> Path:
        """The folder of the artifacts."""
        return self.layout.artifacts

    @property
    def outputs(self) -> StorageOutputs:
        """The folders' URIs."""
        return StorageOutputs(
            artifacts_uri=self.layout.artifacts.as_uri(),
            cache_uri=self.layout.cache.as_uri(),
            data_uri=self.layout.data.as_uri(),
        )

    def state(self) -> State:
        """Ready when all folders are there; the data folder alone is what ``data check`` may make before."""
        if folders.all_there(self._folders):
            return "ready"
        return "incomplete" if self.layout.artifacts.is_dir() or self.layout.cache.is_dir() else "missing"

    def provision(self) -> None:
        """Make the folders that are missing."""
        folders.make(self._folders)

    @property
    def _folders(self) -> tuple[Path, ...]:
        return self.layout.artifacts.parent, self.layout.artifacts, self.layout.cache, self.layout.data
