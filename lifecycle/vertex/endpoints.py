"""Endpoints of Vertex AI: what is deployed to them and on pools of machines, who gets which share, what they answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...core.errors import NotFoundError
from ..contract.deployment import Machines, ServedModel
from ..contract.serving import Demand, DeployedModel, Watcher
from ..contract.traffic import Observation, Traffic
from ..patience import Pace, Patience
from . import container_log, deployed, observing, predicting, request_ids, sharing, undeploying
from .calls import Calls
from .client import CALL_SECONDS
from .deploying import Deploying

_PLACE = re.compile(r"projects/[^/]+/locations/[^/]+/(?:endpoints|deploymentResourcePools)/[^/]+")
_LOOKING = "say what is deployed"
_LOOKING_SECONDS = 120.0


class VertexEndpoints:
    """The endpoints of any project that the caller may reach; a resource's id says its region.

    ``product`` is the project's name in the config, below which its models are registered; ``taking_off`` is told of
    models before they go, since the request log calls them by a number that nobody knows afterwards.
    """

    def __init__(
        self,
        *,
        product: str = "",
        pace: Pace | None = None,
        taking_off: Callable[[Sequence[DeployedModel]], None] | None = None,
    ) -> None:
        self._product = product
        self._calls = Calls(pace)
        self._taking_off = taking_off

    def serves(self, resource: str) -> bool:
        """Whether this is the id of an endpoint or of a pool."""
        return _PLACE.fullmatch(resource) is not None

    def deployed(self, resource: str) -> Sequence[DeployedModel]:
        """What is deployed to an endpoint, or to any endpoint on the machines of a pool."""
        patience = self._calls.patience(_LOOKING_SECONDS)
        if "/endpoints/" in resource:
            return deployed.models(self._calls.endpoint(resource, patience))
        on: dict[str, set[str]] = {}
        for one in self._on_pool(resource, patience):
            on.setdefault(one.endpoint, set()).add(one.deployed_model_id)
        return [
            model
            for endpoint, ids in on.items()
            for model in deployed.models(self._calls.endpoint(endpoint, patience))
            if model.id in ids
        ]

    def undeploy(self, models: Sequence[DeployedModel], *, seconds: float, watcher: Watcher) -> None:
        """Take these models off their endpoint one by one, as Vertex AI does it, those with traffic last."""
        patience = self._calls.patience(seconds)
        if self._taking_off is not None:
            self._taking_off(models)
        for model in sorted(models, key=lambda one: one.traffic):
            watcher(model, "undeploying")
            undeploying.undeploy(self._calls, model, patience)
            watcher(model, "undeployed")

    def deploy(self, endpoint: str, served: ServedModel, machines: Machines, *, seconds: float) -> DeployedModel:
        """Start a version beside the others, on machines of its own or on the endpoint's pool, without traffic."""
        return Deploying(
            calls=self._calls, product=self._product, endpoint=endpoint, served=served, machines=machines,
            patience=self._calls.patience(seconds),
        ).run()  # fmt: skip

    def route(self, endpoint: str, traffic: Traffic, *, seconds: float, demand: Demand | None = None) -> None:
        """Put these shares in place. Raises UsageError for copies and for callers who stay with a version."""

        def demanded(found: Any) -> None:
            if demand is not None:
                demand(deployed.models(found))

        sharing.route(self._calls, endpoint, traffic, self._calls.patience(seconds), demanded)

    def address(self, endpoint: str) -> str:
        """The URL at which it answers. Raises NotFoundError, UsageError where only its network knows that."""
        patience = self._calls.patience(_LOOKING_SECONDS)
        return predicting.address(self._calls.existing(endpoint, patience), self._calls.of(endpoint).address)

    def predict(self, endpoint: str, rows: Sequence[Mapping[str, object]]) -> Mapping[str, object]:
        """What the endpoint answers to ``{"instances": rows}``, as it came; the version is the registry's own.

        ``request_id`` says where it is in the request log.
        """
        patience = self._calls.patience(_LOOKING_SECONDS)
        there = self._calls.existing(endpoint, patience)
        url = predicting.address(there, self._calls.of(endpoint).address)
        instances = [dict(row) for row in rows]
        answer = self._calls.ask(
            lambda: self._calls.of(endpoint).post(url, {"instances": instances}),
            patience,
            doing="predict",
            resource=endpoint,
        )
        named = request_ids.request_id(instances, str(answer.get("deployedModelId", "")))
        return {**predicting.numbered(answer, there), "request_id": named}

    def observe(
        self, endpoint: str, since: str, until: str = "", *, there: Sequence[DeployedModel] | None = None
    ) -> Sequence[Observation]:
        """What each version did since a moment, as Cloud Monitoring has it, up to six minutes late.

        The endpoint is read all the same: ``there`` does not say whether only its own network reaches it.
        """
        patience = self._calls.patience(_LOOKING_SECONDS)
        return observing.observe(self._calls, self._calls.existing(endpoint, patience), since, until, patience)

    def log(self, endpoint: str, version: int, *, lines: int) -> str:
        """The last lines that a version's container wrote, as Cloud Logging has them."""
        patience = self._calls.patience(_LOOKING_SECONDS)
        there = sharing.by_version(self._calls.existing(endpoint, patience))
        if version not in there:
            raise NotFoundError(
                f"version {version} is not at this endpoint",
                where=endpoint,
                hint=f"What is gone: gcloud logging read '{container_log.filter_of(endpoint)}' "
                f"--project={endpoint.split('/')[1]}",
            )
        return container_log.read(self._calls, endpoint, [one.id for one in there[version]], lines, patience)

    def _on_pool(self, name: str, patience: Patience) -> Sequence[Any]:
        def act() -> list[Any]:
            pages = (
                self._calls.of(name)
                .pools.query_deployed_models(deployment_resource_pool=name, timeout=CALL_SECONDS, retry=None)
                .pages
            )
            return [one for page in pages for one in page.deployed_model_refs]

        return self._calls.found(act, patience, doing=_LOOKING, resource=name) or []
