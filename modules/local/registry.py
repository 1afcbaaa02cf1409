"""The registry on the laptop: MLflow's tracking store and model registry in one SQLite file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...core import files
from ...core.errors import StoreCorruptedError
from ...core.layout import Layout, sqlite_uri
from ..contract.registry import RegistryOutputs
from . import database, folders
from .resource import State


@dataclass(frozen=True)
class LocalRegistry:
    """MLflow's database. Nothing else in groundplan creates or migrates it."""

    layout: Layout
    artifacts_uri: str

    capability = "registry"
    description = "runs and model versions (MLflow, SQLite)"

    @property
    def path(self) -> Path:
        """The SQLite file."""
        return self.layout.tracking_database

    @property
    def outputs(self) -> RegistryOutputs:
        """The tracking URI."""
        return RegistryOutputs(tracking_uri=sqlite_uri(self.path))

    def state(self) -> State:
        """Ready when the installed MLflow was found to know the file's tables; MLflow is not imported for it."""
        folders.check(self.path.parent)
        found = self._inspect()
        if found is None:
            return "missing"
        known = {"mlflow": database.mlflow_version(), "revision": found.revision}
        return "ready" if found.revision and self._record() == known else "incomplete"

    def provision(self) -> None:
        """Make the database, or bring it to the installed MLflow's tables; the file is replaced whole or not at all."""
        folders.make([self.path.parent])
        found = self._inspect()
        if found is None or (found.holds_nothing and found.revision != database.newest_revision()):
            database.create(self.path, artifacts_uri=self.artifacts_uri)
        elif found.revision != database.newest_revision():
            database.upgrade(self.path)
        files.write_json(
            self._record_path, {"mlflow": database.mlflow_version(), "revision": database.newest_revision()}
        )

    def _inspect(self) -> database.Inspection | None:
        """Raises StoreCorruptedError too when the audit log knows models that the database has lost."""
        found = database.inspect(self.path)
        log = self.layout.audit_log
        if (found is None or found.holds_nothing) and log.is_file() and log.stat().st_size:
            raise database.corrupted(self.path, "the models of the audit log are not in it")
        return found

    @property
    def _record_path(self) -> Path:
        return self.path.with_suffix(".json")

    def _record(self) -> dict[str, object] | None:
        try:
            return files.read_json(self._record_path)
        except (FileNotFoundError, StoreCorruptedError):
            return None
