"""Vertex AI's data plane: what is deployed, undeploying it, the operations of that; and who is asked for a token."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .. import serving
from ..store import Resource, Store
from . import discovery
from .http import Answer, Json, RefusedError, Request, Service

_NUMBER = "123456789012"
"""The project's number, by which Vertex AI calls it in its answers."""
_METADATA = "/computeMetadata/v1/"
_CODES = {"INVALID_ARGUMENT": 400, "FAILED_PRECONDITION": 400, "UNAUTHENTICATED": 401, "PERMISSION_DENIED": 403,
          "NOT_FOUND": 404, "UNIMPLEMENTED": 501}  # fmt: skip


class VertexService(Service):
    """The service, and the metadata server that signs its callers in; ``token`` is the one that it takes."""

    def __init__(self, store: Store, folder: Path) -> None:
        super().__init__(store)
        self._folder = folder
        self.token = "first"
        self._described = discovery.described("aiplatform", "v1")
        self._answers = {
            "endpoints.get": self._endpoint,
            "endpoints.undeployModel": self._undeploy,
            "endpoints.operations.get": self._operation,
            "deploymentResourcePools.queryDeployedModels": self._on_pool,
        }

    @property
    def environment(self) -> dict[str, str]:
        """What a caller needs in its environment to be signed in and to find the service."""
        return {
            "CLOUDSDK_API_ENDPOINT_OVERRIDES_AIPLATFORM": f"http://127.0.0.1:{self.port}",
            "CLOUDSDK_CONFIG": str(self._folder),
            "GCE_METADATA_HOST": f"127.0.0.1:{self.port}",
            "GCE_METADATA_IP": f"127.0.0.1:{self.port}",
            "GOOGLE_CLOUD_PROJECT": "acme-churn",
        }

    def answer(self, request: Request) -> Answer:
        """The token, or what the description's method says."""
        if request.path == "/" or request.path.startswith(_METADATA):
            return self._metadata(request)
        if request.headers.get("authorization") != f"Bearer {self.token}":
            raise _refused("UNAUTHENTICATED", "Request had invalid authentication credentials.")
        method = self._described.method(request.method, request.path)
        if method is None:
            raise _refused("NOT_FOUND", f"no method {request.method} {request.path}")
        faults = self._described.faults(method, request.query, request.body)
        if faults:
            raise _refused("INVALID_ARGUMENT", f"Invalid JSON payload received. {'; '.join(faults)}")
        act = self._answers.get(method.id.removeprefix("aiplatform.projects.locations."))
        if act is None:
            raise _refused("UNIMPLEMENTED", f"the stand-in does not play {method.id}")
        body = act(request)
        wrong = self._described.answer_faults(method, body)
        assert not wrong, wrong
        return Answer(body=body)

    def _metadata(self, request: Request) -> Answer:
        flavour = {"Metadata-Flavor": "Google"}
        account = {"email": "ci@acme-churn.iam.gserviceaccount.com", "scopes": [], "aliases": ["default"]}
        bodies: dict[str, Any] = {
            "": {},
            "instance/service-accounts/default/": account,
            "instance/service-accounts/default/token": {
                "access_token": self.token, "expires_in": 3600, "token_type": "Bearer"},
        }  # fmt: skip
        name = request.path.removeprefix(_METADATA).removeprefix("/")
        if name not in bodies:
            return Answer(status=404, headers=flavour)
        return Answer(body=bodies[name], headers=flavour)

    def _resource(self, id: str) -> Resource:
        found = self.store.get(id.replace(f"projects/{_NUMBER}/", "projects/acme-churn/"))
        if found is None:
            raise _refused("NOT_FOUND", f"The resource {id!r} is not found.")
        return found

    def _endpoint(self, request: Request) -> Json:
        resource = self._resource(request.path.removeprefix("/v1/"))
        return {
            "name": _numbered(resource["id"]),
            "displayName": resource["inputs"].get("displayName", ""),
            "deployedModels": serving.deployed_models(resource),
            "trafficSplit": serving.traffic(resource),
        }

    def _undeploy(self, request: Request) -> Json:
        resource = self._resource(request.path.removeprefix("/v1/").removesuffix(":undeployModel"))
        id, split = request.body.get("deployedModelId", ""), request.body.get("trafficSplit", {})
        ids = [one["id"] for one in serving.deployed_models(resource)]
        if self.busy(resource["id"]):
            raise _refused("FAILED_PRECONDITION", "There are other operations running on the Endpoint.")
        if id not in ids:
            raise _refused("NOT_FOUND", f"DeployedModel {id} is not found on the Endpoint.")
        _check_split(id, ids, split, serving.traffic(resource))
        name = f"{_numbered(resource['id'])}/operations/{len(self.operations) + 1}"
        self.begin(name, resource["id"], lambda: self._take_off(resource["id"], id, split))
        return {"name": name, "metadata": {"@type": f"{_TYPES}UndeployModelOperationMetadata"}}

    def _take_off(self, endpoint: str, id: str, split: dict[str, int]) -> None:
        with self.store.changing() as content:
            resource = content["resources"][endpoint]
            left = [one for one in serving.deployed_models(resource) if one["id"] != id]
            resource["outputs"]["deployedModels"] = left
            serving.set_traffic(resource, (split or serving.traffic(resource)) if left else {})

    def _operation(self, request: Request) -> Json:
        name = request.path.removeprefix("/v1/")
        operation = self.operations.get(name)
        if operation is None:
            raise _refused("NOT_FOUND", f"The operation {name} is not found.")
        if not operation.done:
            return {"name": name, "metadata": {"@type": f"{_TYPES}UndeployModelOperationMetadata"}}
        if operation.error is not None:
            return {"name": name, "done": True, "error": operation.error}
        return {"name": name, "done": True, "response": {"@type": f"{_TYPES}UndeployModelResponse"}}

    def _on_pool(self, request: Request) -> Json:
        pool = self._resource(request.path.removeprefix("/v1/").removesuffix(":queryDeployedModels"))["id"]
        found = [
            {"endpoint": _numbered(one["id"]), "deployedModelId": model["id"]}
            for one, model in serving.on_pool(pool, self.store.resources)
        ]
        first = int(request.query.get("pageToken") or 0)
        more = {"nextPageToken": str(first + 1)} if first + 1 < len(found) else {}
        return {"deployedModelRefs": found[first : first + 1], "totalDeployedModelCount": len(found), **more}


_TYPES = "type.googleapis.com/google.cloud.aiplatform.v1."


def _numbered(id: str) -> str:
    return id.replace("projects/acme-churn/", f"projects/{_NUMBER}/")


def _check_split(id: str, ids: list[str], split: dict[str, int], now: dict[str, int]) -> None:
    """The rules of the description: shares add up to 100 or there are none; what goes gets none."""
    after = split or now
    if ids == [id]:
        return
    if after.get(id, 0):
        raise _refused("FAILED_PRECONDITION", f"DeployedModel {id} has traffic assigned to it.")
    if set(after) - set(ids) or sum(after.values()) not in (0, 100):
        raise _refused("INVALID_ARGUMENT", "The traffic split must name deployed models and add up to 100.")


def _refused(status: str, message: str) -> RefusedError:
    code = _CODES[status]
    return RefusedError(Answer(status=code, body={"error": {"code": code, "message": message, "status": status}}))
