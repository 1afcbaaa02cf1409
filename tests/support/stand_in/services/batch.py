"""Azure ML's batch endpoints: their deployments and their default one, and the jobs that an invocation starts."""

from __future__ import annotations

import csv
import json
import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..store import Resource
from . import arm
from .http import Answer, Json, Request

if TYPE_CHECKING:
    from .azureml import AzureMLService

_TYPE = "Microsoft.MachineLearningServices/workspaces"
_WORKSPACE = rf"(?P<workspace>/subscriptions/[^/]+/resourceGroups/[^/]+/providers/{_TYPE}/[^/]+)"
_ROUTE = re.compile(
    rf"{_WORKSPACE}/batchEndpoints/(?P<endpoint>[^/]+)(?P<deployments>/deployments(/(?P<deployment>[^/]+))?)?"
)
_JOB = re.compile(rf"{_WORKSPACE}/jobs/(?P<name>[^/]+)(?P<cancel>/cancel)?")
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,254}")
_DEPLOYMENT = "azure-native:machinelearningservices:BatchDeployment"
_SYSTEM = {"createdBy": "ci@example.com", "createdAt": "2026-11-20T08:00:00Z"}


@dataclass(kw_only=True)
class _Job:
    workspace: str
    body: Json
    deployment: str
    status: str = "Running"


@dataclass
class Batch:
    """The batch endpoints. A model predicts ``answer`` of each row, ``form`` is in which of Azure's forms that is
    written; ``missing`` is how many rows at the end it leaves out.
    """

    service: AzureMLService
    form: Literal["csv", "lists"] = "csv"
    missing: int = 0
    jobs: dict[str, _Job] = field(default_factory=dict[str, _Job])

    def reset(self) -> None:
        """No jobs."""
        self.jobs.clear()
        self.form, self.missing = "csv", 0

    def answer(self, request: Request) -> Answer | None:
        """What ARM says; None for an address of another service."""
        job = _JOB.fullmatch(request.path)
        if job is not None and job["name"] in self.jobs:
            return self._job(request, job["name"], cancel=bool(job["cancel"]))
        route = _ROUTE.fullmatch(request.path)
        if route is None:
            return None
        endpoint = self._found(f"{route['workspace']}/batchEndpoints/{route['endpoint']}")
        if not route["deployments"]:
            return self._endpoint(endpoint, request)
        if not route["deployment"]:
            return Answer(body={"value": [_body(one) for one in self._deployments(endpoint)]})
        id = f"{endpoint['id']}/deployments/{route['deployment']}"
        return (
            self._deploy(endpoint, id, request.body) if request.method == "PUT" else Answer(body=_body(self._found(id)))
        )

    def invoke(self, request: Request) -> Answer:
        """Start a job, as the endpoint's own address does it."""
        (endpoint,) = (
            one for id, one in self.service.store.resources.items()
            if id.endswith(f"/batchEndpoints/{request.host.partition('.')[0]}")
        )  # fmt: skip
        wanted: Json = request.body["properties"]
        default: Json = {**endpoint["inputs"]["properties"], **endpoint["outputs"].get("properties", {})}
        name = request.headers.get("azureml-model-deployment") or default.get("defaults", {}).get("deploymentName")
        self._found(f"{endpoint['id']}/deployments/{name}")
        ((_, read),) = wanted["inputData"].items()
        ((kind, write),) = wanted["outputData"].items()
        if set(wanted) != {"name", "inputData", "outputData"} or not _NAME.fullmatch(wanted["name"]):
            raise arm.refused(400, "UserError", f"not an invocation: {wanted}")
        if (read["jobInputType"], write["jobOutputType"], kind) != ("UriFolder", "UriFile", "score"):
            raise arm.refused(400, "UserError", "a folder is read and the file score is written")
        if wanted["name"] in self.jobs:
            raise arm.refused(409, "UserError", f"A job with the name {wanted['name']} exists already.")
        workspace = endpoint["id"].partition("/batchEndpoints/")[0]
        job = self.jobs[wanted["name"]] = _Job(workspace=workspace, body=wanted, deployment=str(name))
        self.service.begin(
            wanted["name"], f"{workspace}/jobs/{wanted['name']}", lambda: self._end(job), lambda: self._fail(job)
        )
        return Answer(status=201, body=self._said(wanted["name"]))

    def _job(self, request: Request, name: str, *, cancel: bool) -> Answer:
        job = self.jobs[name]
        if not cancel:
            return Answer(body=self._said(name))
        if job.status != "Running":
            raise arm.refused(400, "UserError", f"The job {name} is in the state {job.status}.")
        self.service.operations[name].left = 0
        job.status = "CancelRequested"

        def end() -> None:
            job.status = "Canceled"

        return self.service.work(f"{job.workspace}/jobs/{name}", end, body=None)

    def _end(self, job: _Job) -> None:
        places = self.service.jobs.places
        with tempfile.TemporaryDirectory() as local:
            folder = places.arrive(places.key(job.workspace, job.body["inputData"].popitem()[1]["uri"]), Path(local))
            rows = [row for file in sorted(folder.iterdir()) for row in csv.DictReader(file.read_text().splitlines())]
            written = Path(local) / "predictions.csv"
            written.write_text(self._written(rows[: len(rows) - self.missing], job.deployment), encoding="utf-8")
            places.leave(places.key(job.workspace, job.body["outputData"]["score"]["uri"]), written)
        job.status = "Completed"

    def _fail(self, job: _Job) -> None:
        job.status = "Failed"

    def _written(self, rows: list[dict[str, str]], deployment: str) -> str:
        """The predictions; each worker appends its own, in whichever order."""
        said = [(number, answer(deployment.removeprefix("v-"), row["tenure"])) for number, row in enumerate(rows)]
        if self.form == "lists":
            return "".join(f"['rows.csv', {value}]\n" for _, value in said)
        return "".join(f"{number},{value},rows.csv\n" for number, value in reversed(said))

    def _said(self, name: str) -> Json:
        job = self.jobs[name]
        studio = {"Studio": {"endpoint": f"https://ml.azure.com/runs/{name}", "jobServiceType": "Studio"}}
        return {
            "id": f"{job.workspace}/jobs/{name}", "name": name, "type": f"{_TYPE}/jobs", "systemData": _SYSTEM,
            "properties": {"jobType": "Pipeline", "status": job.status, "services": studio, "inputs": {}, "outputs": {},
                           "jobs": {}, "settings": {}},
        }  # fmt: skip

    def _endpoint(self, endpoint: Resource, request: Request) -> Answer:
        if request.method != "PUT":
            return Answer(body=_body(endpoint))
        wrong = arm.faults(f"{_TYPE}/batchEndpoints", request.body)
        defaults: Json = request.body["properties"].get("defaults") or {}
        named: str = defaults.get("deploymentName", "")
        if named and named not in [one["id"].rpartition("/")[2] for one in self._deployments(endpoint)]:
            wrong.append(f"the default deployment {named} is not there")
        lost = [one for one in ("tags", "identity", "location") if request.body.get(one) != endpoint["inputs"].get(one)]
        wrong += [f"{one} would be lost" for one in lost]
        if wrong:
            raise arm.refused(400, "ValidationError", "; ".join(wrong))

        def end() -> None:
            properties: Json = {**endpoint["inputs"]["properties"], "defaults": {"deploymentName": named}}
            self.service.put({**endpoint, "outputs": {"properties": properties}})

        return self.service.work(endpoint["id"], end, body=_body(endpoint))

    def _deploy(self, endpoint: Resource, id: str, body: Json) -> Answer:
        wrong = arm.faults(f"{_TYPE}/batchEndpoints/deployments", body)
        asset: Json = body["properties"].get("model") or {}
        model = str(asset.get("assetId", ""))
        for one in (model.removeprefix("azureml:"), str(body["properties"].get("compute"))):
            if self.service.store.get(one) is None:
                wrong.append(f"{one} is not there")
        if wrong:
            raise arm.refused(400, "ValidationError", "; ".join(wrong))
        made: Resource = {"id": id, "urn": "", "type": _DEPLOYMENT, "inputs": body, "outputs": {}}
        return self.service.work(endpoint["id"], lambda: self.service.put(made), body=_body(made))

    def _deployments(self, endpoint: Resource) -> list[Resource]:
        known = self.service.store.resources
        return [one for id, one in known.items() if id.startswith(f"{endpoint['id']}/deployments/")]

    def _found(self, id: str) -> Resource:
        found = self.service.store.get(id)
        if found is None:
            raise arm.refused(404, "ResourceNotFound", f"The Resource '{id}' was not found.")
        return found


def answer(version: str, tenure: Any) -> float:
    """What the model of the stand-ins predicts."""
    return float(json.loads(str(tenure))) * int(version)


def _body(resource: Resource) -> Json:
    outputs = {**resource["inputs"], **resource["outputs"]}
    name = resource["id"].rpartition("/")[2]
    kinds = "/".join(resource["id"].partition("/providers/")[2].split("/")[1::2])
    inner: Json = {"provisioningState": "Succeeded", **outputs["properties"]}
    if kinds.endswith("batchEndpoints"):
        inner["scoringUri"] = f"https://{name}.westeurope.inference.ml.azure.com/jobs"
    top = {one: outputs[one] for one in ("location", "tags", "kind", "sku", "identity") if one in outputs}
    return {**top, "id": resource["id"], "name": name, "type": f"Microsoft.MachineLearningServices/{kinds}",
            "properties": inner, "systemData": _SYSTEM}  # fmt: skip
