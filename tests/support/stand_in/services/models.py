"""Azure ML's models over ARM, the datastores that their folders are in, and the registry that workspaces share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ..store import Resource
from . import arm
from .http import Answer, Json, Request

if TYPE_CHECKING:
    from .azureml import AzureMLService

_TYPE = "Microsoft.MachineLearningServices/workspaces"
_WORKSPACE = rf"(?P<workspace>/subscriptions/[^/]+/resourceGroups/[^/]+/providers/{_TYPE}/[^/]+)"
_MODELS = re.compile(rf"{_WORKSPACE}/models(/(?P<name>[^/]+)(?P<versions>/versions(/(?P<version>[^/]+))?)?)?")
_DATASTORE = re.compile(rf"{_WORKSPACE}/datastores/(?P<name>[^/]+)(?P<secrets>/listSecrets)?")
_DISCOVERY = re.compile(r"/registrymanagement/v1\.0/registries/(?P<registry>[^/]+)/discovery")
_REGISTRY = re.compile(
    r"/mferp/managementfrontend/subscriptions/[^/]+/resourceGroups/[^/]+"
    r"/providers/Microsoft\.MachineLearningServices/registries/(?P<registry>[^/]+)"
    r"/(?:models/(?P<name>[^/]+)/versions(?:/(?P<version>[^/]+))?|(?P<import>import))"
)
_SOURCE = re.compile(
    r"azureml://locations/westeurope/workspaces/(?P<guid>[^/]+)/models/(?P<name>[^/]+)/versions/(?P<version>[^/]+)"
)
_PLACE = re.compile(r"azureml://subscriptions/.+/datastores/(?P<datastore>[^/]+)/paths/(?P<path>.+)")
_VERSION = "azure-native:machinelearningservices:ModelVersion"
_BEGAN = datetime(2026, 11, 28, 4, tzinfo=UTC)
WORKSPACE_GUID = "0a1b2c3d-0000-4000-8000-000000000001"


class Models:
    """The models of workspaces and of registries; ``page`` is the most versions in an answer."""

    def __init__(self, service: AzureMLService) -> None:
        self._service = service
        self.page = 100
        self.carries_properties = True

    def answer(self, request: Request) -> Answer | None:
        """What Azure ML says; None for an address of another service."""
        for route, act in (
            (_MODELS, self._models), (_DATASTORE, self._datastore), (_DISCOVERY, self._discovery),
            (_REGISTRY, self._registry),
        ):  # fmt: skip
            found = route.fullmatch(request.path)
            if found is not None:
                return act(request, found.groupdict())
        return None

    def _models(self, request: Request, route: Mapping[str, str | None]) -> Answer:
        workspace, name, version = str(route["workspace"]), route["name"], route["version"]
        if version is not None:
            id = f"{workspace}/models/{name}/versions/{version}"
            return self._put(id, request.body) if request.method == "PUT" else Answer(body=self._version(id))
        if request.method != "GET":
            raise arm.refused(405, "MethodNotAllowed", "the stand-in does not play this")
        there = self._in(f"{workspace}/models/")
        if route["versions"]:
            mine = sorted(
                (one for one in there if one["id"].split("/")[-3] == name),
                key=lambda one: one["outputs"]["created"],
                reverse=request.query.get("$orderBy") == "createdtime desc",
            )
            return self._page(request, [_body(one) for one in mine])
        names = sorted({one["id"].split("/")[-3] for one in there})
        inner = {"latestVersion": "1"}
        ids = [f"{workspace}/models/{one}" for one in names]
        return self._page(
            request,
            [{"id": id, "name": id.rpartition("/")[2], "type": f"{_TYPE}/models", "properties": inner} for id in ids],
        )

    def _page(self, request: Request, bodies: list[Json]) -> Answer:
        begin = int(request.query.get("$skip", "0"))
        end = begin + min(self.page, int(request.query.get("$top", self.page)))
        more = end < len(bodies) and "$top" not in request.query
        link = f"{self._service.address}{request.path}?api-version=2025-12-01&listViewType=All&$skip={end}"
        return Answer(body={"value": bodies[begin:end], **({"nextLink": link} if more else {})})

    def _in(self, prefix: str) -> list[Resource]:
        return [one for id, one in self._service.seen().items() if id.startswith(prefix)]

    def _version(self, id: str) -> Json:
        found = self._service.seen().get(id)
        if found is None:
            raise arm.refused(404, "ResourceNotFound", f"The Resource '{id}' was not found.")
        return _body(found)

    def _put(self, id: str, body: Json) -> Answer:
        """A version is made once: afterwards its path and the values of its properties stay."""
        wrong = arm.faults(f"{_TYPE}/models/versions", body)
        properties: Json = body["properties"]
        there = self._service.store.resources.get(id)
        before: Json = there["inputs"]["properties"] if there else {}
        if before and before["modelUri"] != properties["modelUri"]:
            raise arm.refused(400, "UserError", "Asset paths cannot be updated.")
        kept: Json = before.get("properties") or {}
        wanted: Json = properties.get("properties") or {}
        wrong += [f"the property {one} cannot change" for one in kept if wanted.get(one) != kept[one]]
        wrong += self._missing(id, properties)
        if wrong:
            raise arm.refused(400, "ValidationError", "; ".join(wrong))
        created = there["outputs"]["created"] if there else self._now()
        self._service.put({"id": id, "urn": "", "type": _VERSION, "inputs": body, "outputs": {"created": created}})
        return Answer(body=self._version_now(id), status=200 if there else 201)

    def _version_now(self, id: str) -> Json:
        return _body(self._service.store.resources[id])

    def _missing(self, id: str, properties: Json) -> list[str]:
        """What a version's place lacks: no version is there without its folder."""
        place = _PLACE.fullmatch(str(properties.get("modelUri", "")))
        if place is None:
            return [f"{properties.get('modelUri')} is no place in a datastore"]
        store = self._service.store.resources.get(f"{id.partition('/models/')[0]}/datastores/{place['datastore']}")
        if store is None:
            return [f"no datastore {place['datastore']}"]
        where = (store["inputs"]["properties"]["accountName"], store["inputs"]["properties"]["containerName"])
        file = f"{place['path'].rstrip('/')}/MLmodel"
        return [] if (*where, file) in self._service.blobs.content else [f"no {file} in {'/'.join(where)}"]

    def _datastore(self, request: Request, route: Mapping[str, str | None]) -> Answer:
        if route["secrets"] or request.method != "GET":
            raise arm.refused(400, "UserError", "the datastore has no secrets")
        found = self._service.store.resources.get(request.path)
        if found is None:
            raise arm.refused(404, "ResourceNotFound", f"The Resource '{request.path}' was not found.")
        return Answer(body={"id": found["id"], "name": route["name"], "type": f"{_TYPE}/datastores", **found["inputs"]})

    def _discovery(self, request: Request, route: Mapping[str, str | None]) -> Answer:
        found = next((one for one in self._service.store.of_type(":Registry")
                      if one["id"].endswith(f"/registries/{route['registry']}")), None)  # fmt: skip
        if found is None or request.method != "GET":
            raise arm.refused(404, "RegistryNotFound", f"no registry {route['registry']}")
        _, _, subscription, _, group, *_ = found["id"].split("/")
        return Answer(body={
            "registryName": route["registry"], "subscriptionId": subscription, "resourceGroup": group,
            "primaryRegion": "westeurope", "regions": ["westeurope"],
            "primaryRegionResourceProviderUri": f"{self._service.address}/",
        })  # fmt: skip

    def _registry(self, request: Request, route: Mapping[str, str | None]) -> Answer:
        registry = str(route["registry"])
        if route["import"]:
            return self._import(registry, request.body["properties"])
        if route["version"] is None:
            prefix = shared_id(registry, str(route["name"]), "")
            return self._page(request, [_body(one) for one in self._in(prefix)])
        id = shared_id(registry, str(route["name"]), str(route["version"]))
        found = self._service.seen().get(id)
        if found is None or request.method != "GET":
            raise arm.refused(404, "ResourceNotFound", f"no {id}")
        return Answer(body=_body(found))

    def _import(self, registry: str, wanted: Json) -> Answer:
        source = _SOURCE.fullmatch(str(wanted.get("sourceAssetId", "")))
        found = None if source is None else self._service.store.get(self._version_of(source))
        id = shared_id(registry, wanted["destinationName"], wanted["destinationVersion"])
        if found is None or set(wanted) != {"referenceType", "destinationName", "destinationVersion", "sourceAssetId"}:
            raise arm.refused(400, "UserError", f"nothing to import: {wanted}")
        if self._service.busy(id):
            raise arm.refused(409, "Conflict", "the import is under way")
        number = str(len(self._service.operations) + 1)
        self._service.begin(number, id, lambda: self._copy(found, id))
        where = (
            f"{self._service.address}/mferp/managementfrontend/imports/{number}?api-version=2021-10-01-dataplanepreview"
        )
        return Answer(status=202, headers={"Location": where, "x-ms-retry-after-ms": "10"})

    def _version_of(self, source: re.Match[str]) -> str:
        """The id of a version of the workspace that Azure knows by this identifier."""
        known = self._service.store.of_type(":Workspace")
        ids = [one["id"] for one in known if {**one["inputs"], **one["outputs"]}.get("workspaceId") == source["guid"]]
        return f"{ids[0] if ids else ''}/models/{source['name']}/versions/{source['version']}"

    def _copy(self, source: Resource, id: str) -> None:
        inner = dict(source["inputs"]["properties"])
        if not self.carries_properties:
            inner["properties"] = {}
        self._service.put({
            "id": id, "urn": "", "type": "azure-native:machinelearningservices:RegistryModelVersion",
            "inputs": {"properties": inner}, "outputs": {"created": self._now()},
        })  # fmt: skip

    def imported(self, number: str) -> Answer:
        """How far an import is: it ends without a word."""
        operation = self._service.operations.get(number)
        if operation is None:
            raise arm.refused(404, "NotFound", f"no import {number}")
        if operation.error is not None and operation.done:
            return Answer(status=400, body={"error": operation.error})
        return Answer(status=200 if operation.done else 202, headers={"x-ms-retry-after-ms": "10"})

    def _now(self) -> str:
        """A second later each time, so that what came later is told."""
        count = sum(1 for one in self._service.store.resources.values() if "created" in one["outputs"])
        return (_BEGAN + timedelta(seconds=count)).isoformat()


def shared_id(registry: str, name: str, version: str) -> str:
    """What a version in a registry is called."""
    return f"azureml://registries/{registry}/models/{name}/versions/{version}"


def _body(resource: Resource) -> Json:
    properties: dict[str, Any] = {"flavors": {}, "properties": {}, "tags": {}, **resource["inputs"]["properties"]}
    created = resource["outputs"]["created"]
    system = {"createdBy": "ci@example.com", "createdByType": "User", "createdAt": created, "lastModifiedAt": created}
    return {"id": resource["id"], "name": resource["id"].rpartition("/")[2], "type": f"{_TYPE}/models/versions",
            "properties": properties, "systemData": system}  # fmt: skip
