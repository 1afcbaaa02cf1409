"""Azure ML's part of the suite of jobs: components as ``up`` registers them, jobs that the stand-in really runs."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from groundplan.lifecycle.azureml.jobs import AzureMLJobs
from groundplan.lifecycle.contract.jobs import Submission
from groundplan.lifecycle.contract.pipeline import Pipeline
from groundplan.lifecycle.patience import Pace
from groundplan.modules.azureml import pipeline as component
from groundplan.modules.azureml import step_code
from groundplan.modules.azureml.compute import cluster_name
from groundplan.modules.azureml.submission import submission
from groundplan.modules.contract.compute import ComputeOutputs
from groundplan.modules.contract.pipeline import PipelineArguments
from groundplan.modules.contract.registry import RegistryOutputs
from groundplan.modules.contract.submission import SubmissionArguments, SubmittedCompute

import azure_capability
import azure_stack
from jobs_kit import PACE, JobsRig
from stand_in.services import AzureMLService
from stand_in.services.job_places import OUTPUTS
from stand_in.store import Resource

WORKSPACE = azure_capability.WORKSPACE_ID
CLUSTER = cluster_name("default", "Standard_DS3_v2", spot=False)
SHORT = (
    "Operation results in exceeding quota limits of Core. Requested family: standardDSv2Family, region: westeurope. "
    "Maximum allowed: 24, Current in use: 22, Additional requested: 4."
)
_GROUP = azure_capability.GROUP_ID
_ML = "azure-native:machinelearningservices"
_IDENTITY = f"{_GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-churn-dev-pipeline"
_KINDS = {"CodeVersion": "codes", "EnvironmentVersion": "environments", "ComponentVersion": "components",
          "Schedule": "schedules"}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class AzureJobsRig(JobsRig):
    """An environment of Azure ML."""

    service: AzureMLService

    def jobs(self, pace: Pace = PACE, *, seconds: float = 60) -> AzureMLJobs:
        return AzureMLJobs(WORKSPACE, environment="dev", pace=pace, seconds=seconds)

    def reset(self) -> None:
        service, store = self.service, self.service.store
        with store.changing() as content:
            content["resources"] = {id: _resource(id, *one) for id, one in _foundation().items()}
        for one in (service.requests, service.strikes, service.operations, service.blobs.content):
            one.clear()
        service.jobs.reset()
        service.history.page = service.schedules.page = 100
        service.tracking.forget()
        service.patience, service.meanwhile, service.token, service.token_seconds = 1, None, "first", 3600
        self.write()

    def register(self, pipeline: Pipeline, version: str) -> None:
        with self.service.store.changing() as content:
            for kind, inputs in _registered(self.folder, pipeline, version):
                id = f"{WORKSPACE}/{_KINDS[kind.rpartition(':')[2]]}/{inputs['name']}"
                id += f"/versions/{inputs['version']}" if "version" in inputs else ""
                content["resources"][id] = _resource(id, kind, inputs)

    def submission_of(self, arguments: SubmissionArguments) -> Submission:
        return submission(azure_stack.context(), replace(arguments, computes={"default": SubmittedCompute()}))

    def fire(self, submission: Submission, *, ago: timedelta = timedelta()) -> str:
        jobs = self.service.jobs
        before, jobs.skew = jobs.skew, jobs.skew - ago
        name = jobs.fire(WORKSPACE, submission.pipeline)
        jobs.skew = before
        return name

    def copied(self, text: str) -> None:
        self.service.blobs.put("stchurn", "data", "main.csv", text.encode())

    def pages(self, size: int) -> None:
        self.service.schedules.page = size

    def started(self) -> list[str]:
        return list(self.service.jobs.played)

    def uploaded(self) -> dict[str, bytes]:
        return {
            f"azureml://datastores/data/paths/{name}": one.content
            for (_, container, name), one in self.service.blobs.content.items()
            if container == "data"
        }

    def content(self, place: str) -> bytes:
        home = WORKSPACE.removeprefix("/").replace("resourceGroups", "resourcegroups")
        home = home.replace("providers/Microsoft.MachineLearningServices/", "")
        path = place.removeprefix(f"azureml://{home}/datastores/{OUTPUTS}/paths/")
        return next(one.content for (_, _, name), one in self.service.blobs.content.items() if name == path)

    def never_end(self) -> None:
        self.service.jobs.endless = True

    def quota(self) -> dict[str, Any]:
        return {"status": 400, "body": {"error": {"code": "UserError", "message": SHORT}}, "times": 9}

    def run_short(self) -> None:
        self.service.jobs.early_error = {"code": "UserError", "message": SHORT}

    def expire(self) -> None:
        self.service.token = "second"

    def short_lived(self) -> None:
        self.service.token_seconds = 0

    def recorded(self) -> dict[str, Any]:
        (job,) = self.started()
        data = self.service.tracking.run(job).data
        start = "groundplan.model."
        models = {name.removeprefix(start): value for name, value in data.tags.items() if name.startswith(start)}
        return {"parameters": dict(data.params), "metrics": dict(data.metrics), "models": models}

    def refusal(self) -> dict[str, Any]:
        message = "The client does not have authorization to perform action 'workspaces/jobs/write'."
        return {"status": 403, "body": {"error": {"code": "AuthorizationFailed", "message": message}}}

    @property
    def role(self) -> str:
        return (
            "Ask for AzureML Data Scientist, on resource group "
            f"{azure_capability.GROUP}; who is Owner or Role Based Access Control Administrator there can grant it."
        )


def _foundation() -> dict[str, tuple[str, Mapping[str, Any]]]:
    """What is there before a pipeline is registered: kind and inputs of each resource by its id."""
    containers = f"{_GROUP}/providers/Microsoft.Storage/storageAccounts/stchurn/blobServices/default/containers"
    found: dict[str, tuple[str, Mapping[str, Any]]] = {
        WORKSPACE: (f"{_ML}:Workspace", {"location": "westeurope"}),
        f"{WORKSPACE}/computes/{CLUSTER}": (f"{_ML}:Compute", {"properties": {"computeType": "AmlCompute"}}),
        _IDENTITY: ("azure-native:managedidentity:UserAssignedIdentity", {"clientId": "<pipeline-client>"}),
    }
    for name in ("artifacts", "data"):
        store = {
            "datastoreType": "AzureBlob", "accountName": "stchurn", "containerName": name,
            "endpoint": "core.windows.net", "protocol": "https", "credentials": {"credentialsType": "None"},
        }  # fmt: skip
        found[f"{containers}/{name}"] = ("azure-native:storage:BlobContainer", {})
        found[f"{WORKSPACE}/datastores/{name}"] = (f"{_ML}:Datastore", {"properties": store})
    return found


def _resource(id: str, kind: str, inputs: Mapping[str, Any]) -> Resource:
    return {"id": id, "urn": "", "type": kind, "inputs": dict(inputs), "outputs": dict(inputs)}


_REGISTERED: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}


def _registered(root: Path, pipeline: Pipeline, version: str) -> list[tuple[str, Mapping[str, Any]]]:
    """Kind and inputs of each resource that the component makes; the same pipeline is made once."""

    def build(base: azure_capability.Base) -> component.Pipeline:
        arguments = PipelineArguments(
            pipeline=pipeline, version=version, root=root, registry=RegistryOutputs(),
            computes={"default": ComputeOutputs(name=CLUSTER, id=f"{WORKSPACE}/computes/{CLUSTER}")},
            data_uris={"main": "azureml://datastores/data/paths/main.csv"}, schedule="0 4 * * 1", **base.common,
        )  # fmt: skip
        return component.Pipeline("pipeline-train", base.context, arguments)

    key = repr((root, pipeline, version, step_code.version(root, step_code.paths(root, pipeline))))
    if key not in _REGISTERED:
        _REGISTERED[key] = [
            (one.type, json.loads(json.dumps(dict(one.properties), default=str)))
            for one in azure_capability.make(build, public=True).resources
        ]
    return _REGISTERED[key]


def rig(service: AzureMLService, folder: Path) -> AzureJobsRig:
    """The environment."""
    jobs = f"{WORKSPACE}/jobs/"
    return AzureJobsRig(
        platform="azureml", service=service, folder=folder, starting=("PUT", jobs), looking=("GET", jobs),
        listing=("GET", f"{WORKSPACE}/jobs"),
        reading=("GET", "/components/train/versions/"), logging=("GET", "/details"), recording="/runs/log-batch",
        short=("standardDSv2Family", "westeurope", "4 more cores"),
    )  # fmt: skip


@contextmanager
def impatient() -> Generator[None]:
    """MLflow's own client asks again at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "0")
        patch.setenv("MLFLOW_HTTP_REQUEST_BACKOFF_JITTER", "0")
        yield
