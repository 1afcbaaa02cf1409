"""Azure ML's endpoints over ARM: what is deployed, the traffic, deleting a deployment; and who is asked for a token."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .. import messages, serving
from ..store import Resource, Store
from . import arm, certificate
from .http import Answer, Json, RefusedError, Request, Service

_TYPE = "Microsoft.MachineLearningServices/workspaces"
_TOP = ("id", "name", "type", "location", "tags", "kind", "sku", "identity")
_ROUTE = re.compile(
    rf"(?P<workspace>/subscriptions/[^/]+/resourceGroups/[^/]+/providers/{_TYPE}/[^/]+)"
    r"(?P<endpoint>/onlineEndpoints/[^/]+)?(?P<deployments>/deployments)?(?P<deployment>/[^/]+)?",
    re.IGNORECASE,
)
_OPERATION = re.compile(r"/subscriptions/[^/]+/operations/(?P<number>\d+)")


class AzureMLService(Service):
    """The service, and the managed identity that signs its callers in; ``token`` is the one that it takes."""

    def __init__(self, store: Store, folder: Path) -> None:
        self._certificate, context = certificate.make(folder)
        super().__init__(store, tls=context)
        self.token = "first"
        self.address = f"https://localhost:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What a caller needs in its environment to be signed in and to find the service."""
        return {
            "ARM_CLOUD_METADATA_URL": f"{self.address}/metadata/endpoints?api-version=2019-05-01",
            "AZURE_TOKEN_CREDENTIALS": "ManagedIdentityCredential",
            "IDENTITY_ENDPOINT": f"{self.address}/token",
            "IDENTITY_HEADER": "stand-in",
            "REQUESTS_CA_BUNDLE": str(self._certificate),
        }

    def answer(self, request: Request) -> Answer:
        """The cloud's addresses, the token, or what ARM says."""
        if request.path == "/metadata/endpoints":
            return Answer(body=[_cloud(self.address)])
        if request.path == "/token":
            expires = str(int(time.time()) + 3600)
            return Answer(body={"access_token": self.token, "expires_on": expires, "token_type": "Bearer",
                                "resource": request.query.get("resource", "")})  # fmt: skip
        if request.headers.get("authorization") != f"Bearer {self.token}":
            raise _refused(401, "InvalidAuthenticationToken", "The access token is invalid or has expired.")
        if not re.fullmatch(r"\d{4}-\d\d-\d\d(-preview)?", request.query.get("api-version", "")):
            raise _refused(400, "MissingApiVersionParameter", "The api-version query parameter is required.")
        operation = _OPERATION.fullmatch(request.path)
        if operation is not None:
            return self._operation(operation["number"])
        route = _ROUTE.fullmatch(request.path)
        if route is None or (route["deployment"] and not route["deployments"]):
            raise _refused(404, "NotFound", f"no such address: {request.path}")
        return self._routed(request, route.groupdict(), self._resource(route["workspace"]))

    def _routed(self, request: Request, route: Mapping[str, str | None], workspace: Resource) -> Answer:
        act = request.method
        if not route["endpoint"]:
            return self._get(act, workspace)
        endpoint = self._resource(f"{route['workspace']}{route['endpoint']}")
        if not route["deployments"]:
            return self._set_traffic(endpoint, request) if act == "PUT" else self._get(act, endpoint)
        if not route["deployment"]:
            there = serving.deployments(endpoint["id"], self.store.resources)
            return Answer(body={"value": [_body(one) for one in there]})
        deployment = self._resource(f"{endpoint['id']}/deployments{route['deployment']}")
        return self._delete(endpoint, deployment) if act == "DELETE" else self._get(act, deployment)

    def _resource(self, id: str) -> Resource:
        found = self.store.get(id)
        if found is None:
            raise _refused(404, "ResourceNotFound", f"The Resource '{id}' was not found.")
        return found

    def _get(self, method: str, resource: Resource) -> Answer:
        if method != "GET":
            raise _refused(405, "MethodNotAllowed", f"the stand-in does not play {method} of {resource['id']}")
        return Answer(body=_body(resource))

    def _set_traffic(self, endpoint: Resource, request: Request) -> Answer:
        self._refuse_work(endpoint)
        wrong = arm.faults(f"{_TYPE}/onlineEndpoints", request.body)
        shares: dict[str, int] = request.body["properties"].get("traffic") or {}
        names = {one["id"].rpartition("/")[2] for one in serving.deployments(endpoint["id"], self.store.resources)}
        if wrong or set(shares) - names or sum(shares.values()) not in (0, 100):
            raise _refused(400, "ValidationError", "; ".join(wrong) or f"the shares {shares} do not fit")
        return self._begin(endpoint["id"], lambda: self._share(endpoint["id"], shares), body=_body(endpoint))

    def _share(self, endpoint: str, shares: Mapping[str, int]) -> None:
        with self.store.changing() as content:
            serving.set_traffic(content["resources"][endpoint], shares)

    def _delete(self, endpoint: Resource, deployment: Resource) -> Answer:
        self._refuse_work(endpoint)
        refused = serving.refusal(deployment, self.store.resources)
        if refused:
            raise _refused(400, "BadRequest", refused)
        return self._begin(endpoint["id"], lambda: self.store.delete(deployment["id"]), body=None)

    def _refuse_work(self, endpoint: Resource) -> None:
        if self.busy(endpoint["id"]):
            raise _refused(409, "Conflict", messages.AZURE_AT_WORK)

    def _begin(self, about: str, act: Any, *, body: Json | None) -> Answer:
        number = str(len(self.operations) + 1)
        self.begin(number, about, act)
        subscription = about.split("/")[2]
        where = f"{self.address}/subscriptions/{subscription}/operations/{number}?api-version=2025-12-01"
        headers = {"Azure-AsyncOperation": where, "Location": where, "x-ms-retry-after-ms": "10"}
        return Answer(status=202 if body is None else 201, body=body, headers=headers)

    def _operation(self, number: str) -> Answer:
        operation = self.operations.get(number)
        if operation is None:
            raise _refused(404, "NotFound", f"no operation {number}")
        if not operation.done:
            return Answer(body={"status": "InProgress"}, headers={"x-ms-retry-after-ms": "10"})
        if operation.error is not None:
            return Answer(body={"status": "Failed", "error": operation.error})
        return Answer(body={"status": "Succeeded"})


def _body(resource: Resource) -> Json:
    """A resource as ARM answers it: what the provider flattens stands in ``properties``."""
    outputs = {**resource["inputs"], **resource["outputs"]}
    name = resource["id"].rpartition("/")[2]
    kinds = "/".join(resource["id"].partition("/providers/")[2].split("/")[::2][1:])
    top: Json = {one: outputs[one] for one in _TOP if one in outputs}
    inner = outputs.get("properties") or {one: value for one, value in outputs.items() if one not in _TOP}
    return {**top, "id": resource["id"], "name": name, "type": f"Microsoft.MachineLearningServices/{kinds}",
            "properties": inner}  # fmt: skip


def _cloud(address: str) -> Json:
    return {
        "name": f"stand-in-{address.rpartition(':')[2]}",
        "portal": "https://portal.stand-in.example/",
        "resourceManager": address,
        "authentication": {"loginEndpoint": address},
        "suffixes": {"storage": "core.windows.net"},
    }


def _refused(status: int, code: str, message: str) -> RefusedError:
    return RefusedError(Answer(status=status, body={"error": {"code": code, "message": message}}))
