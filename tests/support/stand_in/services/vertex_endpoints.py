"""Endpoints of Vertex AI: what is deployed, deploying and undeploying, the shares of the traffic, predictions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from groundplan.core import digests

from .. import serving
from ..store import Resource
from .http import Json, Request
from .vertex_words import named, numbered, refused

if TYPE_CHECKING:
    from .vertex import VertexService

_AT_WORK = "There are other operations running on the Endpoint."
_ON = ("automaticResources", "dedicatedResources", "sharedResources")


class Endpoints:
    """The methods of endpoints and pools, on the store's resources."""

    def __init__(self, service: VertexService) -> None:
        self._service = service
        self._stale: dict[str, tuple[Json, int]] = {}
        prefix = "aiplatform.projects.locations"
        self.answers: dict[str, Callable[[Request], Json]] = {
            f"{prefix}.endpoints.get": self._get,
            f"{prefix}.endpoints.patch": self._patch,
            f"{prefix}.endpoints.deployModel": self._deploy,
            f"{prefix}.endpoints.undeployModel": self._undeploy,
            f"{prefix}.endpoints.predict": self._predict,
            f"{prefix}.deploymentResourcePools.queryDeployedModels": self._on_pool,
        }

    def _get(self, request: Request) -> Json:
        resource = self._resource(request)
        old, looks = self._stale.get(resource["id"], ({}, 0))
        if looks > 0:
            self._stale[resource["id"]] = (old, looks - 1)
            return old
        return _body(resource)

    def _patch(self, request: Request) -> Json:
        resource = self._resource(request)
        if request.query.get("updateMask") != "trafficSplit":
            raise refused("UNIMPLEMENTED", "the stand-in changes the traffic split only")
        if self._service.busy(numbered(resource["id"])):
            raise refused("FAILED_PRECONDITION", _AT_WORK)
        etag = request.body.get("etag")
        if etag and etag != _body(resource)["etag"]:
            raise refused("ABORTED", f"The etag {etag} does not match that of the Endpoint.")
        split: dict[str, int] = request.body.get("trafficSplit", {})
        ids = {one["id"] for one in serving.deployed_models(resource)}
        if set(split) - ids or sum(split.values()) not in (0, 100) or (split and sum(split.values()) == 0):
            raise refused("INVALID_ARGUMENT", "The traffic split must name deployed models and add up to 100.")
        self._change(resource["id"], lambda one: serving.set_traffic(one, split))
        return _body(self._service.store.resources[resource["id"]])

    def _deploy(self, request: Request) -> Json:
        resource = self._resource(request)
        wanted: dict[str, Any] = request.body.get("deployedModel", {})
        split: dict[str, int] = request.body.get("trafficSplit", {})
        there = serving.deployed_models(resource)
        version = self._service.models.find(wanted.get("model", ""))
        if self._service.busy(numbered(resource["id"])):
            raise refused("FAILED_PRECONDITION", _AT_WORK)
        self._check(wanted, resource)
        if split and (set(split) - {"0", *(one["id"] for one in there)} or sum(split.values()) != 100):
            raise refused("INVALID_ARGUMENT", "The traffic split must add up to 100.")
        id = wanted.get("id") or str(7_000_000_000 + len(self._service.operations) + len(there))
        made = {
            **wanted, "id": id, "model": version["name"], "modelVersionId": version["versionId"],
            "displayName": wanted.get("displayName") or version["displayName"], "createTime": "2026-01-01T00:00:00Z",
            "status": {"availableReplicaCount": wanted.get("dedicatedResources", {}).get("minReplicaCount", 1)},
        }  # fmt: skip
        shares = {(id if key == "0" else key): share for key, share in split.items()}

        def act() -> None:
            self._change(resource["id"], lambda one: _add(one, made, shares))

        return self._service.operate(
            numbered(resource["id"]), "DeployModel", act, lambda: {"deployedModel": {**made, "id": id}}
        )

    def _check(self, wanted: Mapping[str, Any], resource: Resource) -> None:
        if sum(1 for one in _ON if one in wanted) != 1:
            raise refused("INVALID_ARGUMENT", "Exactly one of prediction_resources must be set.")
        dedicated: Json | None = wanted.get("dedicatedResources")
        least: int = (dedicated or {}).get("minReplicaCount", 0)
        if dedicated is not None and (
            not dedicated.get("machineSpec", {}).get("machineType")
            or least < 1
            or dedicated.get("maxReplicaCount", least) < least
        ):
            raise refused("INVALID_ARGUMENT", "machine_type and min_replica_count of dedicated_resources are required.")
        pool = wanted.get("sharedResources", "")
        if pool and self._service.store.get(named(pool)) is None:
            raise refused("NOT_FOUND", f"The DeploymentResourcePool {pool} is not found.")
        if not re.fullmatch(r"[0-9]{0,10}", wanted.get("id", "")):
            raise refused("INVALID_ARGUMENT", "The id of a DeployedModel has 1 to 10 digits.")
        account = wanted.get("serviceAccount", "")
        if account and not account.endswith(f"@{resource['id'].split('/')[1]}.iam.gserviceaccount.com"):
            raise refused("INVALID_ARGUMENT", f"{account} is no service account of the project.")

    def _undeploy(self, request: Request) -> Json:
        resource = self._resource(request)
        id, split = request.body.get("deployedModelId", ""), request.body.get("trafficSplit", {})
        ids = [one["id"] for one in serving.deployed_models(resource)]
        if self._service.busy(numbered(resource["id"])):
            raise refused("FAILED_PRECONDITION", _AT_WORK)
        if id not in ids:
            raise refused("NOT_FOUND", f"DeployedModel {id} is not found on the Endpoint.")
        _check_split(id, ids, split, serving.traffic(resource))
        return self._service.operate(
            numbered(resource["id"]), "UndeployModel",
            lambda: self._change(resource["id"], lambda one: _take_off(one, id, split)), dict,
        )  # fmt: skip

    def _predict(self, request: Request) -> Json:
        resource = self._resource(request)
        shares = serving.traffic(resource)
        if not shares:
            raise refused("FAILED_PRECONDITION", f"Endpoint {resource['id']} has no traffic split.")
        id = max(shares, key=lambda one: (shares[one], one))
        model = next(one for one in serving.deployed_models(resource) if one["id"] == id)
        rows: list[Any] = request.body.get("instances", [])
        answer: Json = {
            "predictions": [{"prediction": "stays", "probabilities": {"stays": 0.75, "leaves": 0.25}} for _ in rows],
            "deployedModelId": id, "model": model["model"], "modelVersionId": model["modelVersionId"],
        }  # fmt: skip
        self._service.bigquery.note(_body(resource), id, request.body, answer)
        return answer

    def _on_pool(self, request: Request) -> Json:
        pool = self._resource(request)["id"]
        found = [
            {"endpoint": numbered(one["id"]), "deployedModelId": model["id"]}
            for one, model in serving.on_pool(pool, self._service.store.resources)
        ]
        first = int(request.query.get("pageToken") or 0)
        more = {"nextPageToken": str(first + 1)} if first + 1 < len(found) else {}
        return {"deployedModelRefs": found[first : first + 1], "totalDeployedModelCount": len(found), **more}

    def _resource(self, request: Request) -> Resource:
        id = request.path.removeprefix("/v1/").partition(":")[0]
        found = self._service.store.get(named(id))
        if found is None:
            raise refused("NOT_FOUND", f"The resource {id!r} is not found.")
        return found

    def _change(self, id: str, change: Callable[[Resource], None]) -> None:
        """Change an endpoint; the next looks may still see it as it was."""
        if self._service.lag:
            self._stale[id] = (_body(self._service.store.resources[id]), self._service.lag)
        with self._service.store.changing() as content:
            change(content["resources"][id])


def _body(resource: Resource) -> Json:
    inputs = resource["inputs"]
    body: Json = {
        "name": numbered(resource["id"]),
        "displayName": inputs.get("displayName", ""),
        "labels": inputs.get("labels", {}),
        "createTime": inputs.get("createTime", "2020-01-01T00:00:00Z"),
        "deployedModels": serving.deployed_models(resource),
        "trafficSplit": serving.traffic(resource),
    }
    for name in ("dedicatedEndpointDns", "network"):
        if name in resource["outputs"]:
            body[name] = resource["outputs"][name]
    if "predictRequestResponseLoggingConfig" in inputs:
        body["predictRequestResponseLoggingConfig"] = inputs["predictRequestResponseLoggingConfig"]
    private: Json | None = resource["outputs"].get("privateServiceConnectConfig")
    if private is not None:
        # The provider names lists in the plural, the cloud does not.
        names = {"projectAllowlists": "projectAllowlist"}
        body["privateServiceConnectConfig"] = {names.get(name, name): value for name, value in private.items()}
    return {**body, "etag": digests.of_value(body)[-16:]}


def _add(resource: Resource, made: Json, shares: Mapping[str, int]) -> None:
    there = [one for one in serving.deployed_models(resource) if one["id"] != made["id"]]
    resource["outputs"]["deployedModels"] = [*there, made]
    if shares:
        serving.set_traffic(resource, shares)


def _take_off(resource: Resource, id: str, split: Mapping[str, int]) -> None:
    left = [one for one in serving.deployed_models(resource) if one["id"] != id]
    resource["outputs"]["deployedModels"] = left
    serving.set_traffic(resource, (split or serving.traffic(resource)) if left else {})


def _check_split(id: str, ids: list[str], split: dict[str, int], now: dict[str, int]) -> None:
    """The rules of the description: shares add up to 100 or there are none; what goes gets none."""
    after = split or now
    if ids == [id]:
        return
    if after.get(id, 0):
        raise refused("FAILED_PRECONDITION", f"DeployedModel {id} has traffic assigned to it.")
    if set(after) - set(ids) or sum(after.values()) not in (0, 100):
        raise refused("INVALID_ARGUMENT", "The traffic split must name deployed models and add up to 100.")
