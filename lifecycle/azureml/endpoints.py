"""What is deployed to the online endpoints of Azure ML, and how it is taken off them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from ...core.extras import load
from ..contract.serving import DeployedModel, Watcher
from ..patience import Pace, Patience
from . import errors
from .client import client

_ENDPOINT = re.compile(
    r"/subscriptions/(?P<subscription>[^/]+)/resourceGroups/(?P<group>[^/]+)/providers"
    r"/Microsoft\.MachineLearningServices/workspaces/(?P<workspace>[^/]+)/onlineEndpoints/(?P<name>[^/]+)",
    re.IGNORECASE,
)
_MODEL = re.compile(r"(?:/models/|^azureml:)(?P<name>[^/:]+)(?:/versions/|:)(?P<version>[^/:]+)$")
_LOOKING = "say what is deployed"
_LOOKING_SECONDS = 120.0
_Answer = TypeVar("_Answer")


class AzureMLEndpoints:
    """The endpoints of any workspace that the caller may reach; a resource's id says which."""

    def __init__(self, *, pace: Pace | None = None) -> None:
        self._pace = pace or Pace()
        self._clients: dict[tuple[str, ...], Any] = {}

    def serves(self, resource: str) -> bool:
        """Whether this is the id of an online endpoint."""
        return _ENDPOINT.fullmatch(resource) is not None

    def deployed(self, resource: str) -> Sequence[DeployedModel]:
        """What is deployed to an endpoint, and how much of the traffic each gets."""
        patience = Patience(seconds=_LOOKING_SECONDS, pace=self._pace)
        there = self._deployments(resource, patience)
        endpoint = self._endpoint(resource, patience) if there else None
        return [] if endpoint is None else [_model(resource, one, endpoint.traffic or {}) for one in there]

    def undeploy(self, models: Sequence[DeployedModel], *, seconds: float, watcher: Watcher) -> None:
        """Take the traffic off their endpoint, then delete the deployments one by one."""
        patience = Patience(seconds=seconds, pace=self._pace)
        for resource in dict.fromkeys(one.endpoint for one in models):
            self._silence(resource, patience)
        for model in models:
            watcher(model, "undeploying")
            self._delete(model, patience)
            watcher(model, "undeployed")

    def _silence(self, resource: str, patience: Patience) -> None:
        """Azure refuses to delete a deployment that gets traffic."""
        doing = "take the traffic off the endpoint"

        def act() -> Any:
            endpoint = self._endpoint(resource, patience)
            if endpoint is None or not (_flows(endpoint.traffic) or _flows(endpoint.mirror_traffic)):
                return None
            endpoint.traffic, endpoint.mirror_traffic = {}, {}
            return self._of(resource).online_endpoints.begin_create_or_update(endpoint)

        self._work(act, patience, doing=doing, resource=resource)

    def _delete(self, model: DeployedModel, patience: Patience) -> None:
        name = _name(model.endpoint)

        def act() -> Any:
            # Looked at each time: a try whose answer was lost may have done it.
            if model.id not in {one.name for one in self._deployments(model.endpoint, patience)}:
                return None
            return self._of(model.endpoint).online_deployments.begin_delete(name=model.id, endpoint_name=name)

        doing = f"undeploy {model.model} version {model.version}"
        self._work(act, patience, doing=doing, resource=model.endpoint)

    def _work(self, act: Callable[[], Any], patience: Patience, *, doing: str, resource: str) -> None:
        """Begin an operation, unless there is none to begin, and wait for its end."""
        poller = self._found(act, patience, doing=doing, resource=resource)
        if poller is not None:
            self._found(lambda: poller.wait(patience.remaining), patience, doing=doing, resource=resource)
            if not poller.done():
                raise patience.over(doing)

    def _deployments(self, resource: str, patience: Patience) -> list[Any]:
        def act() -> list[Any]:
            return list(self._of(resource).online_deployments.list(endpoint_name=_name(resource)))

        found = self._found(act, patience, doing=_LOOKING, resource=resource) or []
        return sorted(found, key=lambda one: one.name)

    def _endpoint(self, resource: str, patience: Patience) -> Any:
        """The endpoint as it is now; None where it is gone."""

        def act() -> Any:
            return self._of(resource).online_endpoints.get(name=_name(resource))

        return self._found(act, patience, doing=_LOOKING, resource=resource)

    def _found(self, act: Callable[[], _Answer], patience: Patience, *, doing: str, resource: str) -> _Answer | None:
        """What a call gives; None when what it is about is gone."""
        core = load("azure.core.exceptions")
        try:
            return patience.call(act, errors.again, doing=doing)
        except core.ResourceNotFoundError:
            return None
        except core.AzureError as error:
            raise errors.translated(error, doing=doing, resource=resource) from error

    def _of(self, resource: str) -> Any:
        found = _ENDPOINT.fullmatch(resource)
        if found is None:
            raise ValueError(f"not an online endpoint of Azure ML: {resource}")
        subscription, group, workspace, _ = key = found.groups()
        if key[:3] not in self._clients:
            self._clients[key[:3]] = client(subscription, group, workspace, self._pace)
        return self._clients[key[:3]]


def _name(resource: str) -> str:
    return resource.rpartition("/")[2]


def _flows(shares: Mapping[str, int] | None) -> bool:
    return any((shares or {}).values())


def _model(resource: str, deployment: Any, traffic: Mapping[str, int]) -> DeployedModel:
    asset = str(getattr(deployment.model, "id", "") or deployment.model or "")
    found = _MODEL.search(asset)
    return DeployedModel(
        endpoint=resource,
        id=deployment.name,
        model=found["name"] if found else asset or "no registered model",
        version=found["version"] if found else "-",
        traffic=int(traffic.get(deployment.name, 0)),
    )
