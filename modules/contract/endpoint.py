"""The endpoint runtime: where models are put that answer over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class EndpointOutputs:
    """Where deployments and their logs are kept."""

    uri: str


class Endpoint(Protocol):
    """A platform's endpoint runtime; which models it serves is the lifecycle's business."""

    @property
    def outputs(self) -> EndpointOutputs:
        """Where deployments are kept."""
        ...
