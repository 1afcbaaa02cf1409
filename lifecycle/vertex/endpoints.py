"""What is deployed to the endpoints of Vertex AI and on its pools of machines, and how it is taken off them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from ...core.extras import load
from ..contract.serving import DeployedModel, Watcher
from ..patience import Pace, Patience
from . import errors
from .client import Clients, clients

_PLACE = re.compile(r"projects/[^/]+/locations/[^/]+/(?:endpoints|deploymentResourcePools)/[^/]+")
_LOOKING = "say what is deployed"
_LOOKING_SECONDS = 120.0
_CALL_SECONDS = 60.0
_Answer = TypeVar("_Answer")


class VertexEndpoints:
    """The endpoints of any project that the caller may reach; a resource's id says its region."""

    def __init__(self, *, pace: Pace | None = None) -> None:
        self._pace = pace or Pace()
        self._clients: dict[str, Clients] = {}

    def serves(self, resource: str) -> bool:
        """Whether this is the id of an endpoint or of a pool."""
        return _PLACE.fullmatch(resource) is not None

    def deployed(self, resource: str) -> Sequence[DeployedModel]:
        """What is deployed to an endpoint, or to any endpoint on the machines of a pool."""
        patience = Patience(seconds=_LOOKING_SECONDS, pace=self._pace)
        if "/endpoints/" in resource:
            return _models(self._endpoint(resource, patience))
        on: dict[str, set[str]] = {}
        for one in self._on_pool(resource, patience):
            on.setdefault(one.endpoint, set()).add(one.deployed_model_id)
        return [
            model
            for endpoint, ids in on.items()
            for model in _models(self._endpoint(endpoint, patience))
            if model.id in ids
        ]

    def undeploy(self, models: Sequence[DeployedModel], *, seconds: float, watcher: Watcher) -> None:
        """Take these models off their endpoint one by one, as Vertex AI does it, those with traffic last."""
        patience = Patience(seconds=seconds, pace=self._pace)
        for model in sorted(models, key=lambda one: one.traffic):
            watcher(model, "undeploying")
            self._undeploy(model, patience)
            watcher(model, "undeployed")

    def _undeploy(self, model: DeployedModel, patience: Patience) -> None:
        doing = f"undeploy {model.model} version {model.version}"

        def act() -> Any:
            # Looked at each time: a try whose answer was lost may have done it.
            endpoint = self._endpoint(model.endpoint, patience)
            if model.id not in {one.id for one in _models(endpoint)}:
                return None
            return self._begin(endpoint, model)

        operation = self._found(act, patience, doing=doing, resource=model.endpoint)
        if operation is not None:
            self._wait(operation, patience, doing=doing, resource=model.endpoint)

    def _begin(self, endpoint: Any, model: DeployedModel) -> Any:
        services = self._of(model.endpoint)
        begun = services.endpoints.undeploy_model(
            endpoint=model.endpoint,
            deployed_model_id=model.id,
            traffic_split=_traffic_without(endpoint, model.id),
            timeout=_CALL_SECONDS,
            retry=None,
        )
        answer = load("google.cloud.aiplatform_v1").UndeployModelResponse
        return load("google.api_core.operation").from_gapic(begun.operation, services.operations, answer)

    def _wait(self, operation: Any, patience: Patience, *, doing: str, resource: str) -> None:
        """Wait for the end; an operation that failed stays failed, however often it is asked."""

        def ended() -> bool:
            patience.until(operation.done, doing=doing)
            return True

        known = self._found(ended, patience, doing=doing, resource=resource)
        failure = operation.exception() if known else None
        if failure is not None:
            raise errors.translated(failure, doing=doing, resource=resource) from failure

    def _endpoint(self, name: str, patience: Patience) -> Any:
        """The endpoint as it is now; None where it is gone."""

        def act() -> Any:
            return self._of(name).endpoints.get_endpoint(name=name, timeout=_CALL_SECONDS, retry=None)

        return self._found(act, patience, doing=_LOOKING, resource=name)

    def _on_pool(self, name: str, patience: Patience) -> Sequence[Any]:
        def act() -> list[Any]:
            pages = (
                self._of(name)
                .pools.query_deployed_models(deployment_resource_pool=name, timeout=_CALL_SECONDS, retry=None)
                .pages
            )
            return [one for page in pages for one in page.deployed_model_refs]

        return self._found(act, patience, doing=_LOOKING, resource=name) or []

    def _found(self, act: Callable[[], _Answer], patience: Patience, *, doing: str, resource: str) -> _Answer | None:
        """What a call gives; None when what it is about is gone."""
        api, auth = load("google.api_core.exceptions"), load("google.auth.exceptions")
        network = load("requests.exceptions").RequestException
        try:
            return patience.call(act, errors.again, doing=doing)
        except api.NotFound:
            return None
        except (api.GoogleAPICallError, auth.GoogleAuthError, network) as error:
            raise errors.translated(error, doing=doing, resource=resource) from error

    def _of(self, resource: str) -> Clients:
        region = resource.split("/")[3]
        if region not in self._clients:
            self._clients[region] = clients(region)
        return self._clients[region]


def _models(endpoint: Any) -> list[DeployedModel]:
    if endpoint is None:
        return []
    return [
        DeployedModel(
            endpoint=endpoint.name,
            id=one.id,
            model=one.display_name or one.model.rpartition("/")[2],
            version=one.model_version_id or "1",
            traffic=endpoint.traffic_split.get(one.id, 0),
            pool=one.shared_resources,
        )
        for one in sorted(endpoint.deployed_models, key=lambda one: one.id)
    ]


def _traffic_without(endpoint: Any, id: str) -> Mapping[str, int]:
    """The shares when this model's goes to the one that has the most of the others; nothing where it has none.

    Vertex AI empties the shares by itself when the last model goes.
    """
    split = dict(endpoint.traffic_split)
    freed = split.pop(id, 0)
    others = [one.id for one in endpoint.deployed_models if one.id != id]
    if not freed or not others:
        return {}
    heir = max(others, key=lambda one: (split.get(one, 0), one))
    return {**split, heir: split.get(heir, 0) + freed}
