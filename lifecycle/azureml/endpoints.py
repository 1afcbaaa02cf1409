"""The online endpoints of Azure ML: what is deployed to them, who answers, how well; and how it is taken off them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..contract.deployment import Machines, ServedModel
from ..contract.serving import Demand, DeployedModel, Watcher
from ..contract.traffic import Observation, Traffic
from ..patience import Pace, Patience
from . import metrics, predictions, routing
from .calls import Calls
from .deployments import Deployments, described, name_of
from .places import is_endpoint

_LOOKING = "say what is deployed"


class AzureMLEndpoints:
    """The endpoints of any workspace that the caller may reach; a resource's id says which.

    ``registry`` is the one that all environments share, where models come from; "" for the endpoint's own workspace.
    ``request_seconds`` is how long a version may take over a request.
    """

    def __init__(self, *, pace: Pace | None = None, registry: str = "", request_seconds: int = 30) -> None:
        self._calls = Calls(pace or Pace())
        self._deployments = Deployments(self._calls, registry=registry, request_seconds=request_seconds)

    def serves(self, resource: str) -> bool:
        """Whether this is the id of an online endpoint."""
        return is_endpoint(resource)

    def deployed(self, resource: str) -> Sequence[DeployedModel]:
        """What is deployed to an endpoint, and how much of the traffic each gets."""
        patience = self._calls.looking()
        there = self._deployments.all(resource, patience, doing=_LOOKING)
        endpoint = self._calls.endpoint_or_none(resource, patience, doing=_LOOKING) if there else None
        if endpoint is None:
            return []
        return _described(resource, endpoint, there)

    def deploy(self, endpoint: str, served: ServedModel, machines: Machines, *, seconds: float) -> DeployedModel:
        """Start a version beside the others, without traffic, and wait until it is ready."""
        made = self._deployments.deploy(endpoint, served, machines, self._within(seconds))
        return described(endpoint, made, {}, {})

    def route(self, endpoint: str, traffic: Traffic, *, seconds: float, demand: Demand | None = None) -> None:
        """Put these shares in place in one change, where ``demand`` has nothing against it."""
        patience = self._within(seconds)

        def demanded(found: Any) -> None:
            if demand is not None:
                demand(_described(endpoint, found, self._deployments.all(endpoint, patience, doing=routing.DOING)))

        routing.route(self._calls, endpoint, traffic, patience, demanded)

    def undeploy(self, models: Sequence[DeployedModel], *, seconds: float, watcher: Watcher) -> None:
        """Give their shares to those that stay, or to nobody, then delete the deployments one by one."""
        patience = self._within(seconds)
        for resource in dict.fromkeys(one.endpoint for one in models):
            routing.silence(self._calls, resource, {one.id for one in models if one.endpoint == resource}, patience)
        for model in models:
            watcher(model, "undeploying")
            doing = f"undeploy {model.model} version {model.version}"
            self._deployments.delete(model.endpoint, model.id, patience, doing=doing)
            watcher(model, "undeployed")

    def address(self, endpoint: str) -> str:
        """The URL at which it answers. Raises NotFoundError."""
        return str(self._calls.endpoint(endpoint, self._calls.looking(), doing="tell the address").scoring_uri)

    def predict(self, endpoint: str, rows: Sequence[Mapping[str, object]]) -> Mapping[str, object]:
        """Ask the endpoint over HTTP; the answer as the endpoint gave it. Raises NotFoundError."""
        return predictions.predict(self._calls, endpoint, rows)

    def observe(
        self, endpoint: str, since: str, until: str = "", *, there: Sequence[DeployedModel] | None = None
    ) -> Sequence[Observation]:
        """What each version did since a moment (RFC 3339), as Azure Monitor has it, some minutes late."""
        copies = metrics.looked(self._calls, endpoint) if there is None else {one.id: one.mirrored > 0 for one in there}
        return metrics.observe(self._calls, endpoint, since, until, copies)

    def log(self, endpoint: str, version: int, *, lines: int) -> str:
        """The last lines that a version's container wrote. Raises NotFoundError."""
        return self._deployments.log(endpoint, name_of(version), self._calls.looking(), lines=lines)

    def _within(self, seconds: float) -> Patience:
        return Patience(seconds=seconds, pace=self._calls.pace)


def _described(resource: str, endpoint: Any, there: Sequence[Any]) -> list[DeployedModel]:
    answering, mirrored = routing.shares(endpoint)
    return [described(resource, one, answering, mirrored) for one in there]
