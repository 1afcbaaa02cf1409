"""The registry: the tracking store of runs and the registry of models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class RegistryArguments:
    """What the registry builds upon: the URI under which models are kept as files."""

    artifacts_uri: str


@dataclass(frozen=True, kw_only=True)
class RegistryOutputs:
    """The tracking URI that MLflow takes."""

    tracking_uri: str


class Registry(Protocol):
    """A platform's tracking store and model registry."""

    @property
    def arguments(self) -> RegistryArguments:
        """What it builds upon."""
        ...

    @property
    def outputs(self) -> RegistryOutputs:
        """How it is reached."""
        ...
