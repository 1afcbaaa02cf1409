"""The laptop as a platform: runs, models and endpoints of one project, each made when it is first used."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ...core.layout import Layout
from ..contract.platform import Endpoints, Models, Runs


@dataclass(frozen=True)
class LocalPlatform:
    """Implements the lifecycle's Platform Protocol below ``.groundplan/``."""

    layout: Layout

    @cached_property
    def runs(self) -> Runs:
        """Pipelines as subprocesses, with an experiment log."""
        from .runs import LocalRuns

        return LocalRuns(self.layout)

    @cached_property
    def models(self) -> Models:
        """MLflow's model registry on SQLite."""
        from .models import LocalModels

        return LocalModels(self.layout)

    @cached_property
    def endpoints(self) -> Endpoints:
        """Endpoints under uvicorn."""
        from .endpoints import LocalEndpoints

        return LocalEndpoints(self.layout)
