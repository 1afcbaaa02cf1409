"""Azure ML's online endpoints over ARM: deployments, shares, logs; and the address at which an endpoint answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .. import messages, serving
from ..store import Resource
from . import arm
from .http import Answer, Json, Request

if TYPE_CHECKING:
    from .azureml import AzureMLService

_TYPE = "Microsoft.MachineLearningServices/workspaces"
_ROUTE = re.compile(
    rf"(?P<workspace>/subscriptions/[^/]+/resourceGroups/[^/]+/providers/{_TYPE}/[^/]+)"
    r"(?P<endpoint>/onlineEndpoints/[^/]+)?(?P<deployments>/deployments)?(?P<deployment>/[^/]+)?(?P<logs>/getLogs)?",
    re.IGNORECASE,
)
_NAME = re.compile(r"[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?")
_TOP = ("id", "name", "type", "location", "tags", "kind", "sku", "identity")
_MOST_MIRRORED = 50
_SYSTEM = {
    "createdBy": "ci@example.com",
    "createdAt": "2026-11-20T08:00:00Z",
    "lastModifiedBy": "ci@example.com",
    "lastModifiedAt": "2026-11-20T08:00:00Z",
}


class Online:
    """The endpoints. ``logs`` are what containers wrote, by the name of a deployment; ``answering`` what models say."""

    def __init__(self, service: AzureMLService) -> None:
        self._service = service
        self.logs: dict[str, str] = {}
        self.answering: Answer | None = None
        self._scored = 0

    def answer(self, request: Request) -> Answer | None:
        """What ARM says; None for an address of another service."""
        route = _ROUTE.fullmatch(request.path)
        if route is None or (route["deployment"] and not route["deployments"]):
            return None
        resources = self._service.seen() if request.method == "GET" else self._service.store.resources
        workspace = _found(resources, route["workspace"])
        if not route["endpoint"]:
            return self._workspace(request.method, workspace)
        endpoint = _found(resources, f"{route['workspace']}{route['endpoint']}")
        if not route["deployments"]:
            return (
                self._set_traffic(endpoint, request) if request.method == "PUT" else self._get(request.method, endpoint)
            )
        if not route["deployment"]:
            return Answer(body={"value": [_body(one) for one in serving.deployments(endpoint["id"], resources)]})
        id = f"{endpoint['id']}/deployments{route['deployment']}"
        if request.method == "PUT":
            return self._deploy(endpoint, id, request.body)
        return self._deployment(endpoint, _found(resources, id), request, logs=bool(route["logs"]))

    def score(self, request: Request) -> Answer:
        """The answer of the model that the shares choose, with the id that Azure ML gives the request.

        What it says is collected as its deployment is set up.
        """
        self._scored += 1
        id = f"5c0ed000-0000-4000-8000-{self._scored:012x}"
        deployment = self._chosen(request)
        answer = self._said(deployment["id"].rpartition("/")[2], request)
        named = {"x-request-id": id, **answer.headers}
        said = answer.body if answer.content is None else answer.content.decode()
        self._service.collector.note(deployment, named["x-request-id"], request.body, said)
        return replace(answer, headers=named)

    def _chosen(self, request: Request) -> Resource:
        """The deployment that gets a request: the one it names, or the one with the largest share."""
        resources = self._service.store.resources
        (endpoint,) = (
            one for id, one in resources.items() if id.endswith(f"/onlineEndpoints/{request.host.partition('.')[0]}")
        )
        answering = sorted((share, name) for name, share in serving.traffic(endpoint).items() if share)
        if (request.method, request.path) != ("POST", "/score") or not answering:
            raise arm.refused(404, "NotFound", "no deployment gets this request")
        named = request.headers.get("azureml-model-deployment", answering[-1][1])
        return _found(resources, f"{endpoint['id']}/deployments/{named}")

    def _said(self, deployment: str, request: Request) -> Answer:
        """The name of the deployment, once a row."""
        if self.answering is not None:
            return self.answering
        table: dict[str, Any] = request.body["input_data"]
        if set(table) != {"columns", "index", "data"} or any(
            len(row) != len(table["columns"]) for row in table["data"]
        ):
            return Answer(status=424, body={"error": {"code": "UserError", "message": "the input does not parse"}})
        return Answer(body=[deployment] * len(table["data"]))

    def _workspace(self, method: str, workspace: Resource) -> Answer:
        """A workspace, which says where what is no part of ARM is."""
        answer = _get(method, workspace)
        name = workspace["id"].rpartition("/")[2]
        host = self._service.address.removeprefix("https://")
        answer.body["properties"] |= {
            "discoveryUrl": self._service.history.discovery(name),
            "mlFlowTrackingUri": f"azureml://{host}/mlflow/v1.0{workspace['id']}",
        }
        return answer

    def _get(self, method: str, endpoint: Resource) -> Answer:
        """An endpoint as it is, and whether Azure works on it."""
        answer = _get(method, endpoint)
        if self._service.busy(endpoint["id"]):
            answer.body["properties"]["provisioningState"] = "Updating"
        return answer

    def _deployment(self, endpoint: Resource, deployment: Resource, request: Request, *, logs: bool) -> Answer:
        if logs:
            if request.method != "POST" or set(request.body) - {"containerType", "tail"}:
                raise arm.refused(400, "BadRequest", "not a request for logs")
            wrote = self.logs.get(deployment["id"].rpartition("/")[2], "").splitlines(keepends=True)
            return Answer(body={"content": "".join(wrote[-request.body["tail"] :])})
        if request.method == "DELETE":
            return self._delete(endpoint, deployment)
        return _get(request.method, deployment)

    def _deploy(self, endpoint: Resource, id: str, body: Json) -> Answer:
        """A deployment is there at once, and ready or failed when the work ends."""
        self._refuse_work(endpoint)
        name = id.rpartition("/")[2]
        wrong = arm.faults(f"{_TYPE}/onlineEndpoints/deployments", body)
        if not (3 <= len(name) <= 32 and _NAME.fullmatch(name)):
            wrong.append(f"the name {name!r} is not of 3 to 32 letters, digits and hyphens")
        model = str(body["properties"].get("model", ""))
        if self._service.store.get(_asset(model)) is None:
            wrong.append(f"the model {model} is not there")
        collector: Json = body["properties"].get("dataCollector") or {}
        collected: dict[str, Json] = collector.get("collections") or {}
        ids = [str(one["dataId"]) for one in collected.values() if one.get("dataId")]
        wrong += [f"the data asset {one} is not there" for one in ids if self._service.store.get(one) is None]
        if wrong:
            raise arm.refused(400, "ValidationError", "; ".join(wrong))
        made: Resource = {"id": id, "urn": "", "type": serving.DEPLOYMENT, "inputs": body, "outputs": {}}
        self._service.put(_in_state(made, "Creating"))
        return self._service.work(
            endpoint["id"],
            lambda: self._service.put(_in_state(made, "Succeeded")),
            body=_body(_in_state(made, "Creating")),
            fail=lambda: self._service.put(_in_state(made, "Failed")),
        )

    def _set_traffic(self, endpoint: Resource, request: Request) -> Answer:
        self._refuse_work(endpoint)
        wrong = arm.faults(f"{_TYPE}/onlineEndpoints", request.body)
        properties: Json = request.body["properties"]
        shares: dict[str, int] = properties.get("traffic") or {}
        mirrored: dict[str, int] = properties.get("mirrorTraffic") or {}
        names = {
            one["id"].rpartition("/")[2] for one in serving.deployments(endpoint["id"], self._service.store.resources)
        }
        if {*shares, *mirrored} - names or sum(shares.values()) not in (0, 100):
            wrong.append(f"the shares {shares} and {mirrored} do not fit")
        if len(mirrored) > 1 or sum(mirrored.values()) > _MOST_MIRRORED or any(shares.get(one) for one in mirrored):
            wrong.append(f"{mirrored} cannot be mirrored to beside {shares}")
        wrong += _lost(endpoint, request.body)
        if wrong:
            raise arm.refused(400, "ValidationError", "; ".join(wrong))
        return self._service.work(
            endpoint["id"], lambda: self._share(endpoint["id"], shares, mirrored), body=_body(endpoint)
        )

    def _share(self, endpoint: str, shares: Mapping[str, int], mirrored: Mapping[str, int]) -> None:
        with self._service.store.changing() as content:
            serving.set_traffic(content["resources"][endpoint], shares, mirrored)

    def _delete(self, endpoint: Resource, deployment: Resource) -> Answer:
        self._refuse_work(endpoint)
        refused = serving.refusal(deployment, self._service.store.resources)
        if refused:
            raise arm.refused(400, "BadRequest", refused)
        return self._service.work(endpoint["id"], lambda: self._service.store.delete(deployment["id"]), body=None)

    def _refuse_work(self, endpoint: Resource) -> None:
        if self._service.busy(endpoint["id"]):
            raise arm.refused(409, "Conflict", messages.AZURE_AT_WORK)


def _lost(endpoint: Resource, body: Json) -> list[str]:
    """A PUT replaces an endpoint: what else it would change than the shares. No tags are as good as an empty map."""
    there, wanted = endpoint["inputs"], body["properties"]
    kept = [(name, there["properties"].get(name), wanted.get(name)) for name in ("authMode", "publicNetworkAccess")]
    kept += [(name, there.get(name) or None, body.get(name) or None) for name in ("tags", "location")]
    return [f"{name} would become {after}, is {before}" for name, before, after in kept if before != after]


def _found(resources: Mapping[str, Resource], id: str) -> Resource:
    found = next((one for key, one in resources.items() if key.lower() == id.lower()), None)
    if found is None:
        raise arm.refused(404, "ResourceNotFound", f"The Resource '{id}' was not found.")
    return found


def _get(method: str, resource: Resource) -> Answer:
    if method != "GET":
        raise arm.refused(405, "MethodNotAllowed", f"the stand-in does not play {method} of {resource['id']}")
    return Answer(body=_body(resource))


def _asset(reference: str) -> str:
    """The id of a model in the store; that of a registry's is its URI."""
    return reference.removeprefix("azureml:") if reference.startswith("azureml:/subscriptions") else reference


def _in_state(deployment: Resource, state: str) -> Resource:
    properties = {**deployment["inputs"]["properties"], "provisioningState": state}
    return {**deployment, "outputs": {"properties": properties}}


def _body(resource: Resource) -> Json:
    """A resource as ARM answers it: what the provider flattens stands in ``properties``."""
    outputs = {**resource["inputs"], **resource["outputs"]}
    name = resource["id"].rpartition("/")[2]
    kinds = "/".join(resource["id"].partition("/providers/")[2].split("/")[1::2])
    top: Json = {one: outputs[one] for one in _TOP if one in outputs}
    inner: Json = outputs.get("properties") or {one: value for one, value in outputs.items() if one not in _TOP}
    if kinds.endswith("onlineEndpoints"):
        inner = {"scoringUri": f"https://{name}.westeurope.inference.ml.azure.com/score", **inner}
    inner = {"properties": {}, "provisioningState": "Succeeded", **inner}
    return {**top, "id": resource["id"], "name": name, "type": f"Microsoft.MachineLearningServices/{kinds}",
            "properties": inner, "systemData": _SYSTEM}  # fmt: skip
