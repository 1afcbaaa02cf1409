"""The laptop as a platform: runs, models and endpoints of one project, each made when it is first used."""

from __future__ import annotations

from collections.abc import Callable

from ...core.errors import UsageError
from ...core.layout import Layout
from ..contract.monitor_store import MonitorStore
from ..contract.platform import Endpoints, Models, Retrainings, Rollouts, Runs


def no_secrets(reference: str) -> str:
    """Raises UsageError: this caller has no way to resolve a reference to a secret."""
    raise UsageError(f"nothing here can resolve {reference}")


class LocalPlatform:
    """The lifecycle's Platform Protocol below ``.groundplan/``; ``value_of`` resolves references to secrets."""

    def __init__(self, layout: Layout, *, value_of: Callable[[str], str] = no_secrets) -> None:
        self._layout = layout
        self._value_of = value_of
        self._models: Models | None = None

    @property
    def runs(self) -> Runs:
        """Pipelines as subprocesses, with an experiment log."""
        from .runs import LocalRuns

        return LocalRuns(self._layout)

    @property
    def schedules(self) -> None:
        """None: the laptop starts nothing by itself; cron, CI or watch asks what is due."""
        return

    @property
    def models(self) -> Models:
        """MLflow's model registry on SQLite, opened once."""
        if self._models is None:
            from .models import LocalModels

            self._models = LocalModels(self._layout)
        return self._models

    @property
    def endpoints(self) -> Endpoints:
        """Endpoints under uvicorn."""
        from .endpoints import LocalEndpoints

        return LocalEndpoints(self._layout, value_of=self._value_of, models=lambda: self.models)

    @property
    def monitors(self) -> MonitorStore:
        """Labels and reports below ``.groundplan/monitoring/``."""
        from .monitoring.store import LocalMonitorStore

        return LocalMonitorStore(self._layout)

    @property
    def rollouts(self) -> Rollouts:
        """Rollouts in the endpoints' folders."""
        from .rollouts import LocalRollouts

        return LocalRollouts(self._layout)

    @property
    def retrainings(self) -> Retrainings:
        """Decisions on record, a file per model."""
        from .retraining import LocalRetrainings

        return LocalRetrainings(self._layout)

    @property
    def batches(self) -> None:
        """None: on the laptop each endpoint answers over HTTP, and is asked for many rows in pieces."""
        return
