"""Azure ML's run history beside ARM: runs of steps with times and errors, logs, and where their outputs are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from . import arm
from .http import Answer, Json, Request
from .job_places import ARTIFACTS
from .job_runs import PlayedJob
from .job_steps import Step
from .monitors import PlayedMonitor

if TYPE_CHECKING:
    from .azureml import AzureMLService

_WORKSPACE = (
    r"/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.MachineLearningServices/workspaces/(?P<name>[^/]+)"
)
_RUN = re.compile(rf"/history/v1\.0{_WORKSPACE}/runs/(?P<id>[^/]+)(?P<what>/children|/details)?")
_DATA = re.compile(rf"/history/v1\.0{_WORKSPACE}/rundata")
_URIS = re.compile(rf"/(?P<service>data|modelregistry)/v1\.0{_WORKSPACE}/(?:dataversion|models)/batchGetResolvedUris")
_ASSET = re.compile(r"azureml://locations/westeurope/workspaces/[^/]+/(?:data|models)/(?P<id>[^/]+)/(?P<port>[^/]+)")
_DISCOVERY = "/discovery/workspaces/"
_TYPES = {"mlflow_model": "MLFlowModel"}


class History:
    """The runs; ``page`` is the most of them in an answer."""

    def __init__(self, service: AzureMLService) -> None:
        self._service = service
        self.page = 100

    def discovery(self, workspace: str) -> str:
        """The address at which a workspace tells the others."""
        return f"{self._service.address}{_DISCOVERY}{workspace}"

    def knows(self, id: str) -> bool:
        """Whether there is a run with this id."""
        return id in self._jobs or id in self._steps

    def discovered(self, request: Request) -> Answer | None:
        """Where the others are, which anybody may ask; None for another address."""
        found = request.path.startswith(_DISCOVERY)
        return Answer(body={"api": self._service.address, "history": self._service.address}) if found else None

    def answer(self, request: Request) -> Answer | None:
        """What it says; None for an address of another service."""
        route, resolved = _RUN.fullmatch(request.path), _URIS.fullmatch(request.path)
        if route is not None and request.method == "GET":
            return self._run(request, route["id"], route["what"] or "")
        if _DATA.fullmatch(request.path) and request.method == "POST":
            return Answer(body={"runMetadata": self._found(request.body["runId"])})
        if resolved is not None and request.method == "POST":
            field = "path" if resolved["service"] == "modelregistry" else "uri"
            return Answer(body={"values": {one: {field: self._uri(one)} for one in request.body["values"]}})
        return None

    @property
    def _jobs(self) -> Mapping[str, PlayedJob]:
        return self._service.jobs.played

    @property
    def _steps(self) -> Mapping[str, tuple[PlayedJob, Step]]:
        return {step.id: (job, step) for job in self._jobs.values() for step in job.steps.values()}

    def _run(self, request: Request, id: str, what: str) -> Answer:
        run = self._found(id)
        if what == "/details":
            return Answer(body={**run, "logFiles": self._logs(id)})
        if not what:
            return Answer(body=run)
        runs = [self._found(one.id) for one in self._jobs[id].steps.values()] if id in self._jobs else []
        begin = int(request.query.get("$continuationtoken", "0"))
        body: Json = {"value": runs[begin : begin + self.page]}
        if begin + self.page < len(runs):
            token = str(begin + self.page)
            link = f"{self._service.address}{request.path}?api-version=v1.0&$continuationtoken={token}"
            body |= {"continuationToken": token, "nextLink": link}
        return Answer(body=body)

    def _found(self, id: str) -> Json:
        if id in self._jobs:
            job = self._jobs[id]
            tags = job.tags if isinstance(job, PlayedMonitor) else {}
            return {"runId": id, "status": job.status, "error": _error(job.error), "properties": {}, "tags": tags,
                    "createdUtc": _text(job.created), "endTimeUtc": _text(job.ended_at)}  # fmt: skip
        if id not in self._steps:
            raise arm.refused(404, "UserError", f"Run {id} was not found.")
        job, step = self._steps[id]
        reused = {"azureml.isreused": "true", "azureml.reusedrunid": step.reused} if step.reused else {}
        return {
            "runId": id, "parentRunId": job.name, "displayName": step.name, "status": step.status,
            "properties": {"azureml.pipelinerunid": job.name, **reused},
            "createdUtc": _text(job.created), "startTimeUtc": _text(step.started), "endTimeUtc": _text(step.ended),
            "error": _error({"code": "UserError", "message": step.error} if step.error else None)
            if step.status == "Failed" else None,
            "cancelationReason": step.error if step.status == "Canceled" else None,
            "compute": {"target": str(step.node["computeId"]).rpartition("/")[2], "targetType": "AmlCompute"},
            "outputs": {
                port: {
                    "assetId": f"azureml://locations/westeurope/workspaces/0a1b/data/{id}/{port}",
                    "type": _TYPES.get(kind := step.spec["outputs"][port]["type"], kind),
                }
                for port in (step.outputs if step.status == "Completed" else ())
            },
        }  # fmt: skip

    def _logs(self, id: str) -> dict[str, str]:
        """The addresses of logs, signed for a while."""
        if id not in self._steps or not self._steps[id][1].started:
            return {}
        job, step = self._steps[id]
        log = "user_logs/std_log.txt"
        place = f"azureml://datastores/{ARTIFACTS}/paths/ExperimentRun/dcid.{step.reused or step.id}/{log}"
        account, container, path = self._service.jobs.places.key(job.workspace, place)
        signed = f"sv=2024-11-04&sr=b&sp=r&sig={self._service.signature}"
        return {log: f"https://{account}.blob.core.windows.net/{container}/{path}?{signed}"}

    def _uri(self, asset: str) -> str:
        found = _ASSET.fullmatch(asset)
        if found is None or found["id"] not in self._steps:
            raise arm.refused(404, "UserError", f"The asset {asset} was not found.")
        job, step = self._steps[found["id"]]
        place = step.outputs[found["port"]].removeprefix("azureml://")
        within = job.workspace.replace("/providers/Microsoft.MachineLearningServices", "")
        return f"azureml:/{within}/{place}"


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _error(error: Json | None) -> Json | None:
    return None if error is None else {"error": error}
