"""What answers at the endpoints of a cloud, and the Protocol by which it is taken off them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True, kw_only=True)
class DeployedModel:
    """A model on an endpoint. ``id`` is its name there; ``endpoint`` and ``pool`` are the cloud's resource ids.

    ``traffic`` is its share in percent; ``pool`` is empty where it has machines of its own.
    """

    endpoint: str
    id: str
    model: str
    version: str
    traffic: int
    pool: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from every other one."""
        return self.endpoint, self.id


Stage = Literal["undeploying", "undeployed"]
Watcher = Callable[[DeployedModel, Stage], None]
"""Told when a model begins to go, and when it is gone."""


class ServingEndpoints(Protocol):
    """The endpoints of a cloud. Every call raises AuthenticationError, ResourceFailedError and TimeoutReachedError."""

    def serves(self, resource: str) -> bool:
        """Whether models can be deployed to, or on the machines of, the resource with this id."""
        ...

    def deployed(self, resource: str) -> Sequence[DeployedModel]:
        """What is deployed there, by name; nothing where the resource is gone."""
        ...

    def undeploy(self, models: Sequence[DeployedModel], *, seconds: float, watcher: Watcher) -> None:
        """Take these models off the one endpoint that they are on; one that is gone already is fine."""
        ...
