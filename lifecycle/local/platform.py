"""The laptop as a platform: runs, models and endpoints of one project, each made when it is first used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from ...core.errors import UsageError
from ...core.layout import Layout
from ..contract.platform import Endpoints, Models, Runs


def no_secrets(reference: str) -> str:
    """Raises UsageError: this caller has no way to resolve a reference to a secret."""
    raise UsageError(f"nothing here can resolve {reference}")


@dataclass(frozen=True)
class LocalPlatform:
    """Implements the lifecycle's Platform Protocol below ``.groundplan/``; ``value_of`` resolves secrets' references."""

    layout: Layout
    value_of: Callable[[str], str] = no_secrets

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

        return LocalEndpoints(self.layout, value_of=self.value_of, models=lambda: self.models)
