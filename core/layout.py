"""Where the laptop keeps a project's state: everything below ``.groundplan/``, nothing anywhere else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .errors import UsageError

FOLDER = ".groundplan"
FORMAT = 1
GENERATED = ("__pycache__", ".git", ".venv", FOLDER, ".ipynb_checkpoints", ".pytest_cache", ".ruff_cache")
"""Folders inside a project's code that are made by tools and are no part of it."""


@dataclass(frozen=True)
class Layout:
    """The paths of one project's local state; ``root`` is the project's folder."""

    root: Path

    @property
    def state(self) -> Path:
        """The folder that holds all of it."""
        return self.root / FOLDER

    @property
    def marker(self) -> Path:
        """Says that the platform is provisioned, and in which format."""
        return self.state / "workspace.json"

    @property
    def lock(self) -> Path:
        """Held by the one command that changes the project: its platform, its versions and their stages."""
        return self.state / "project.lock"

    @property
    def training_lock(self) -> Path:
        """Held by the one command that trains. Taken before the project's."""
        return self.state / "locks" / "training.lock"

    def endpoint_lock(self, endpoint: str, environment: str) -> Path:
        """Held by the one command that changes who answers at an endpoint. Taken after the project's, if at all."""
        return self.state / "locks" / f"{endpoint}@{environment}.lock"

    @property
    def tracking_database(self) -> Path:
        """MLflow's tracking store and model registry, SQLite."""
        return self.state / "tracking" / "mlflow.db"

    @property
    def artifacts(self) -> Path:
        """MLflow's artifacts, as files."""
        return self.state / "tracking" / "artifacts"

    @property
    def cache(self) -> Path:
        """The content-addressed cache of steps and their outputs."""
        return self.state / "cache"

    @property
    def data(self) -> Path:
        """Data sets that do not come as files of the project."""
        return self.state / "data"

    @property
    def runs(self) -> Path:
        """One folder per run: its record, the logs of its steps."""
        return self.state / "runs"

    @property
    def registry(self) -> Path:
        """The audit log, the journal of stage changes, model cards."""
        return self.state / "registry"

    @property
    def audit_log(self) -> Path:
        """One JSON object per line; each names the digest of the line before."""
        return self.registry / "audit.jsonl"

    @property
    def journal(self) -> Path:
        """The stage change under way; the next command finishes it when a kill left it behind."""
        return self.registry / "journal.json"

    @property
    def endpoints(self) -> Path:
        """One folder per deployment: what should be served, the process that serves it, its logs."""
        return self.state / "endpoints"

    @property
    def monitoring(self) -> Path:
        """Labels and the reports of each endpoint's windows."""
        return self.state / "monitoring"

    @property
    def retraining(self) -> Path:
        """What was decided on training models again: one file per model, one JSON object per line."""
        return self.state / "retraining"

    @property
    def environments(self) -> Path:
        """Virtual environments of isolated steps."""
        return self.state / "environments"

    def monitoring_page(self, endpoint: str, environment: str, *, of: str = "monitoring") -> Path:
        """Where the HTML page of what was found at an endpoint goes."""
        return self.reports / f"{of}-{endpoint}@{environment}.html"

    def monitoring_metrics(self, endpoint: str, environment: str) -> Path:
        """What was found last at an endpoint, as Prometheus's textfile collector reads it."""
        return self.monitoring / f"{endpoint}@{environment}" / "metrics.prom"

    @property
    def reports(self) -> Path:
        """HTML and JSON reports."""
        return self.state / "reports"

    @property
    def cloud(self) -> Path:
        """What was fetched of a cloud's models, evidence and logs; nothing there is missed when it goes."""
        return self.state / "cloud"

    @property
    def engine(self) -> Path:
        """Where Pulumi works for a cloud: its project file and the settings of each stack, made by groundplan."""
        return self.state / "engine"

    @property
    def engine_state(self) -> Path:
        """Pulumi's state when the config names no other place for it."""
        return self.state / "cloud-state"


def sqlite_uri(path: Path) -> str:
    """A database file as MLflow names it. Raises UsageError for a path that such a name cannot hold."""
    if any(character in str(path) for character in "?#%"):
        raise UsageError(
            f"MLflow cannot keep its store in a folder whose path holds '?', '#' or '%': {path.parent}",
            where=str(path),
            hint="Rename the folder, or move the project to another one.",
        )
    return f"sqlite:///{path.absolute()}"
