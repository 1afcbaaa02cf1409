"""The endpoint runtime on the laptop: the folder that holds deployments; each runs as a process of its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...core.layout import Layout
from ..contract.endpoint import EndpointOutputs
from . import folders
from .resource import State


@dataclass(frozen=True)
class LocalEndpoint:
    """The folder of the deployments."""

    layout: Layout

    capability = "endpoint"
    description = "deployments, their processes and logs"

    @property
    def path(self) -> Path:
        """The folder."""
        return self.layout.endpoints

    @property
    def outputs(self) -> EndpointOutputs:
        """Its URI."""
        return EndpointOutputs(uri=self.path.as_uri())

    def state(self) -> State:
        """Ready when the folder is there."""
        return "ready" if folders.all_there([self.path]) else "missing"

    def provision(self) -> None:
        """Make the folder."""
        folders.make([self.path])
