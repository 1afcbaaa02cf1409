"""What answers at the endpoints of a cloud, and the Protocol by which versions are put on them and taken off."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from .deployment import Machines, ServedModel
from .traffic import Observation, Traffic, VersionHealth


@dataclass(frozen=True, kw_only=True)
class DeployedModel:
    """A model on an endpoint. ``id`` is its name there; ``endpoint`` and ``pool`` are the cloud's resource ids.

    ``traffic`` is its share of the requests in percent, ``mirrored`` the share that it gets a copy of; ``pool`` is
    empty where it has machines of its own. ``detail`` says why it is not ready.
    """

    endpoint: str
    id: str
    model: str
    version: str
    traffic: int
    pool: str = ""
    health: VersionHealth = "ready"
    mirrored: int = 0
    detail: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from every other one."""
        return self.endpoint, self.id


Stage = Literal["undeploying", "undeployed"]
Watcher = Callable[[DeployedModel, Stage], None]
"""Told when a model begins to go, and when it is gone."""

Demand = Callable[[Sequence[DeployedModel]], None]
"""Told what is deployed just before it is changed; raises where that must not be."""


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


class VersionedEndpoints(ServingEndpoints, Protocol):
    """Endpoints at which versions of a model share the requests."""

    def deploy(self, endpoint: str, served: ServedModel, machines: Machines, *, seconds: float) -> DeployedModel:
        """Start a version beside the others, without traffic, and wait until it is ready. Again is the same as once.

        Raises NotFoundError when the endpoint is gone, ResourceFailedError with the cloud's words for a quota and for
        a version that does not become healthy; that one is taken away again, and the traffic stays where it was.
        """
        ...

    def route(self, endpoint: str, traffic: Traffic, *, seconds: float, demand: Demand | None = None) -> None:
        """Put these shares in place in one change. Again is the same as once.

        Raises NotFoundError for a version that is not there, LockedError when somebody else changed the endpoint
        meanwhile, UsageError for a split that the cloud cannot do, and what ``demand`` raises, before anything is
        changed.
        """
        ...

    def address(self, endpoint: str) -> str:
        """The URL at which it answers. Raises NotFoundError."""
        ...

    def predict(self, endpoint: str, rows: Sequence[Mapping[str, object]]) -> Mapping[str, object]:
        """Ask the endpoint over HTTP; the answer as the endpoint gave it. Raises NotFoundError."""
        ...

    def observe(
        self, endpoint: str, since: str, until: str = "", *, there: Sequence[DeployedModel] | None = None
    ) -> Sequence[Observation]:
        """What each version did since a moment (RFC 3339), as the cloud's own metrics have it, some minutes late.

        Up to ``until`` where it is given, else up to now; ``there`` is what is deployed, where that was just read.
        """
        ...

    def log(self, endpoint: str, version: int, *, lines: int) -> str:
        """The last lines that a version's container wrote. Raises NotFoundError."""
        ...
