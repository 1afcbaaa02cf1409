"""Versions as deployments of an online endpoint: made beside the others, waited for, taken away when they fail."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from typing import Any

from ...core.errors import GroundplanError, NotFoundError, ResourceFailedError, StoreCorruptedError
from ...core.extras import load
from ..contract.deployment import Machines, ServedModel
from ..contract.serving import DeployedModel
from ..contract.traffic import VersionHealth
from ..patience import Patience
from . import collecting, errors, scaling
from .calls import Calls, names
from .places import Workspace, last

_NAME = re.compile(r"v-(?P<version>\d+)")
_MODEL = re.compile(r"(?:/models/|^azureml:)(?P<name>[^/:]+)(?:/versions/|:)(?P<version>[^/:]+)$")
_HEALTH: dict[str, VersionHealth] = {
    "Succeeded": "ready",
    "Creating": "starting",
    "Updating": "starting",
    "Scaling": "starting",
    "Deleting": "stopped",
}
_FAILED = ("Failed", "Canceled")
_LINES_OF_A_FAILURE = 20


def name_of(version: int) -> str:
    """What the deployment of a version is called; Azure ML takes no name of less than three characters."""
    return f"v-{version}"


def version_of(name: str) -> int | None:
    """The version that a deployment is of; None for one that groundplan did not make."""
    found = _NAME.fullmatch(name)
    return int(found["version"]) if found else None


class Deployments:
    """The deployments of endpoints. ``registry`` is where their models come from, "" for the endpoint's workspace."""

    def __init__(self, calls: Calls, *, registry: str, request_seconds: int) -> None:
        self._calls = calls
        self._registry = registry
        self._request_seconds = request_seconds

    def all(self, resource: str, patience: Patience, *, doing: str) -> list[Any]:
        """Every deployment, by name; none where the endpoint is gone."""

        def act() -> list[Any]:
            return list(self._calls.of(resource).online_deployments.list(endpoint_name=last(resource)))

        found = self._calls.found(act, patience, doing=doing, resource=resource) or []
        return sorted(found, key=lambda one: one.name)

    def deploy(self, resource: str, served: ServedModel, machines: Machines, patience: Patience) -> Any:
        """The deployment of a version, ready. Raises as ``VersionedEndpoints.deploy``."""
        doing = f"deploy {served.name} version {served.version}"
        name = name_of(served.version)
        endpoint = self._calls.endpoint(resource, patience, doing=doing)
        there = self._settled(resource, name, patience, doing=doing) if name in names(endpoint) else None
        if there is not None and there.provisioning_state in _FAILED:
            # What a command left that was killed: Azure does not say any more why it failed.
            self.delete(resource, name, patience, doing=doing)
            there = None
        made = there or self._make(resource, self._wanted(endpoint, served, machines), patience, doing=doing)
        _demand_same(made, served, resource)
        scaling.keep(self._calls, endpoint, name, machines, patience, doing=doing)
        return made

    def delete(self, resource: str, name: str, patience: Patience, *, doing: str) -> None:
        """Take a deployment away that has no traffic; one that is not there is fine."""

        def act() -> Any:
            # Looked at each time: a try whose answer was lost may have done it.
            there = [one for one in self.all(resource, patience, doing=doing) if one.name == name]
            if not there:
                return None
            scaling.forget(self._calls, resource, there[0], patience, doing=doing)
            return self._calls.of(resource).online_deployments.begin_delete(name=name, endpoint_name=last(resource))

        self._calls.work(act, patience, doing=doing, resource=resource)

    def log(self, resource: str, name: str, patience: Patience, *, lines: int) -> str:
        """The last lines that a deployment's container wrote. Raises NotFoundError."""

        def act() -> str:
            deployments = self._calls.of(resource).online_deployments
            return deployments.get_logs(name=name, endpoint_name=last(resource), lines=lines)

        doing = f"read the log of {name}"
        found = self._calls.found(act, patience, doing=doing, resource=resource, judge=errors.post_again)
        if found is None:
            raise NotFoundError(f"no deployment {name} at this endpoint", where=resource)
        return found

    def _wanted(self, endpoint: Any, served: ServedModel, machines: Machines) -> Any:
        entities = load("azure.ai.ml.entities")
        return entities.ManagedOnlineDeployment(
            name=name_of(served.version),
            endpoint_name=endpoint.name,
            model=asset_of(endpoint.id, served, self._registry),
            instance_type=machines.type,
            instance_count=machines.least,
            app_insights_enabled=True,
            scale_settings=entities.DefaultScaleSettings(),
            request_settings=entities.OnlineRequestSettings(request_timeout_ms=self._request_seconds * 1000),
            egress_public_network_access=endpoint.public_network_access,
            data_collector=collecting.collector(endpoint, name_of(served.version)),
            tags={
                "model": served.name,
                "version": str(served.version),
                "digest": served.digest,
                **scaling.tags(machines),
            },
        )

    def _make(self, resource: str, wanted: Any, patience: Patience, *, doing: str) -> Any:
        tries = itertools.count()

        def act() -> Any:
            # A try whose answer was lost may have begun it.
            if next(tries) and self._get(resource, wanted.name, patience, doing=doing) is not None:
                return None
            return self._calls.of(resource).online_deployments.begin_create_or_update(wanted)

        try:
            made = self._calls.work(act, patience, doing=doing, resource=resource)
            made = made or self._settled(resource, wanted.name, patience, doing=doing)
            if made is None or made.provisioning_state in _FAILED:
                raise _never_came(resource, wanted.name, doing=doing)
        except ResourceFailedError as error:
            raise self._turned_back(error, resource, wanted.name, patience) from error
        return made

    def _turned_back(
        self, error: ResourceFailedError, resource: str, name: str, patience: Patience
    ) -> ResourceFailedError:
        """The failure, with what the container wrote last; the deployment that failed is taken away."""
        hint = error.problems[0].hint
        try:
            there = self._get(resource, name, patience, doing=f"look at {name}")
            if there is None or there.provisioning_state not in _FAILED:
                return error
            wrote = self._last_words(resource, name, patience)
            hint = f"{hint} Its container wrote last:\n{wrote}" if wrote else hint
            self.delete(resource, name, patience, doing=f"take {name} away, which failed")
        except GroundplanError as second:
            hint = f"{hint} The deployment {name} is still there ({second.message}); the same command takes it away."
        return ResourceFailedError(error.message, where=resource, hint=hint)

    def _last_words(self, resource: str, name: str, patience: Patience) -> str:
        """What the container of a deployment that failed wrote last; nothing where it never began to write."""
        try:
            return self.log(resource, name, patience, lines=_LINES_OF_A_FAILURE).strip()
        except (NotFoundError, ResourceFailedError):
            return ""

    def _settled(self, resource: str, name: str, patience: Patience, *, doing: str) -> Any:
        """The deployment once Azure has ended what it does to it; None where there is none."""
        seen: list[Any] = []

        def ended() -> bool:
            seen.append(self._get(resource, name, patience, doing=doing))
            return seen[-1] is None or seen[-1].provisioning_state in ("Succeeded", *_FAILED)

        patience.until(ended, doing=doing)
        return seen[-1]

    def _get(self, resource: str, name: str, patience: Patience, *, doing: str) -> Any:
        def act() -> Any:
            return self._calls.of(resource).online_deployments.get(name=name, endpoint_name=last(resource))

        return self._calls.found(act, patience, doing=doing, resource=resource)


def asset_of(endpoint: str, served: ServedModel, registry: str) -> str:
    """The version that an endpoint loads: from the registry of all environments, or from its own workspace."""
    where = f"azureml://registries/{registry}" if registry else Workspace.of(endpoint).id
    return f"{where}/models/{served.name}/versions/{served.version}"


def described(resource: str, deployment: Any, traffic: Mapping[str, int], mirrored: Mapping[str, int]) -> DeployedModel:
    """A deployment as the lifecycle sees it."""
    model, version = _model(deployment)
    state = getattr(deployment.provisioning_state, "value", deployment.provisioning_state)
    return DeployedModel(
        endpoint=resource,
        id=deployment.name,
        model=model,
        version=version,
        traffic=int(traffic.get(deployment.name, 0)),
        health=_HEALTH.get(state, "unhealthy"),
        mirrored=int(mirrored.get(deployment.name, 0)),
        detail="" if state == "Succeeded" else f"Azure ML says: {state}",
    )


def _model(deployment: Any) -> tuple[str, str]:
    asset = str(getattr(deployment.model, "id", "") or deployment.model or "")
    found = _MODEL.search(asset)
    return (found["name"], found["version"]) if found else (asset or "no registered model", "-")


def _demand_same(deployment: Any, served: ServedModel, resource: str) -> None:
    """Somebody may have made another deployment with this name."""
    tags: Mapping[str, str] = deployment.tags or {}
    digest = tags.get("digest", served.digest)
    if (*_model(deployment), digest) != (served.name, str(served.version), served.digest):
        model, version = _model(deployment)
        raise StoreCorruptedError(
            f"the deployment {deployment.name} is {model} version {version} with {digest}, not {served.name} version "
            f"{served.version} with {served.digest}",
            where=resource,
            hint=f"Take it off: az ml online-deployment delete --name {deployment.name} --endpoint-name "
            f"{last(resource)}; then run it again.",
        )


def _never_came(resource: str, name: str, *, doing: str) -> ResourceFailedError:
    return ResourceFailedError(
        f"Azure ML could not {doing}: the deployment {name} failed or was taken away while it began",
        where=resource,
        hint="Look at who else works on this endpoint; then run it again.",
    )
