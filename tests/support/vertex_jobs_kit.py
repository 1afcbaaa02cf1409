"""Vertex AI's part of the suite of jobs: the template as ``up`` uploads it, jobs that the stand-in really runs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from groundplan.lifecycle.contract.jobs import Submission
from groundplan.lifecycle.contract.pipeline import Pipeline
from groundplan.lifecycle.patience import Pace
from groundplan.lifecycle.vertex.jobs import VertexJobs
from groundplan.modules.contract.submission import SubmissionArguments
from groundplan.modules.vertex import compiling, names, pipeline_job, step_code, step_environment
from groundplan.modules.vertex.submission import submission

from google_stack import context
from jobs_kit import PACE, JobsRig
from serving_kit import LOCATION
from stand_in.services import VertexService

DEV = context()
ARTIFACTS, DATA = names.artifacts_bucket(DEV), names.data_bucket(DEV)
_SHORT = "The following quota metrics exceed quota limits: aiplatform.googleapis.com/custom_model_training_n2_cpus"
ACCOUNT = names.service_account_email(DEV, "pipeline")


@dataclass(frozen=True, kw_only=True)
class VertexJobsRig(JobsRig):
    """An environment of Vertex AI."""

    service: VertexService

    def jobs(self, pace: Pace = PACE, *, seconds: float = 60) -> VertexJobs:
        return VertexJobs(LOCATION, product="churn", environment="dev", pace=pace, seconds=seconds)

    def reset(self) -> None:
        service, store = self.service, self.service.store
        with store.changing() as content:
            content["resources"].clear()
        for one in (service.requests, service.strikes, service.operations):
            one.clear()
        service.reset()
        service.patience, service.late_error, service.meanwhile = 1, None, None
        for bucket in (ARTIFACTS, DATA):
            service.buckets.make(bucket)
        store.occupy(f"projects/acme-churn/serviceAccounts/{ACCOUNT}", "gcp:serviceaccount/account:Account",
                     email=ACCOUNT)  # fmt: skip
        store.occupy(f"{LOCATION}/metadataStores/default", "gcp:vertex/aiMetadataStore:AiMetadataStore", name="default")
        self.write()

    def register(self, pipeline: Pipeline, version: str) -> None:
        code = step_code.archive(self.folder, pipeline)
        target = compiling.Target(
            images={step.name: step_environment.of(step) for step in pipeline.steps.values()},
            data_uris={"main": f"gs://{DATA}/main.csv"},
            machines={},
            code_uri=pipeline_job.uri(DEV, pipeline, version, "code.tar.base64"),
        )
        self._put(pipeline, version, "code.tar.base64", code)
        steps = pipeline_job.steps(self.folder, pipeline)
        self._put(
            pipeline, version, pipeline_job.TEMPLATE, json.dumps(compiling.compile(pipeline, target)), steps=steps
        )

    def _put(self, pipeline: Pipeline, version: str, file: str, content: str, **metadata: str) -> None:
        name = f"{pipeline_job.folder(pipeline, version)}/{file}"
        self.service.store.occupy(
            f"{ARTIFACTS}-{name}", "gcp:storage/bucketObject:BucketObject", bucket=ARTIFACTS, name=name,
            content=content, contentType="text/plain", metadata=metadata,
        )  # fmt: skip

    def submission_of(self, arguments: SubmissionArguments) -> Submission:
        return submission(DEV, arguments)

    def fire(self, submission: Submission, *, ago: timedelta = timedelta()) -> str:
        """What the component makes of a schedule is a run's job with the template as text: see test_submission.py."""
        bucket, _, name = submission.definition.removeprefix("gs://").partition("/")
        (template,) = (one["inputs"] for one in self.service.store.of_type(":BucketObject")
                       if (one["inputs"]["bucket"], one["inputs"]["name"]) == (bucket, name))  # fmt: skip
        settings = submission.settings
        runtime = {"gcsOutputDirectory": settings["pipeline_root"], "failurePolicy": settings["failure_policy"]}
        job = {
            "displayName": settings["display_name"], "pipelineSpec": template["content"], "labels": submission.labels,
            "serviceAccount": submission.account, "runtimeConfig": runtime,
        }  # fmt: skip
        self.service.store.occupy(
            f"{LOCATION}/schedules/7", "gcp:colab/schedule:Schedule", displayName=settings["display_name"],
            createPipelineJobRequest={"parent": LOCATION, "pipelineJob": job},
        )  # fmt: skip
        jobs = self.service.jobs
        before, jobs.skew = jobs.skew, jobs.skew - ago
        started = jobs.fire(settings["display_name"])
        jobs.skew = before
        return started

    def copied(self, text: str) -> None:
        self.service.buckets.put(DATA, "main.csv", text.encode())

    def pages(self, size: int) -> None:
        self.service.jobs.page = size

    def started(self) -> list[str]:
        return [name.rpartition("/")[2] for name in self.service.jobs.content]

    def uploaded(self) -> dict[str, bytes]:
        return {f"gs://{DATA}/{name}": one.content for name, one in self.service.buckets.content[DATA].items()}

    def content(self, place: str) -> bytes:
        bucket, _, name = place.removeprefix("gs://").partition("/")
        return self.service.buckets.content[bucket][name].content

    def never_end(self) -> None:
        self.service.jobs.looks = float("inf")

    def quota(self) -> dict[str, Any]:
        return {"status": 429, "body": {"error": {"code": 429, "message": _SHORT, "status": "RESOURCE_EXHAUSTED"}}}

    def run_short(self) -> None:
        self.service.jobs.late_error = {"code": 8, "message": _SHORT}

    def expire(self) -> None:
        self.service.token = "second"

    def recorded(self) -> dict[str, Any]:
        (run,) = (one for one in self.service.contexts.content.values() if one["schemaTitle"] == "system.ExperimentRun")
        shown = run["metadata"]["_params"]
        parameters = {name: str(int(value)) for name, value in shown.items() if not name.startswith("model.")}
        models = {name.removeprefix("model."): value for name, value in shown.items() if name.startswith("model.")}
        return {"parameters": parameters, "metrics": run["metadata"]["_metrics"], "models": models}

    def refusal(self) -> dict[str, Any]:
        message = f"Permission 'aiplatform.pipelineJobs.create' denied on resource '//aiplatform/{LOCATION}'."
        return {"status": 403, "body": {"error": {"code": 403, "message": message, "status": "PERMISSION_DENIED"}}}

    @property
    def role(self) -> str:
        return (
            "Ask for roles/aiplatform.user, or groundplan's own role Pipeline runner, on project acme-churn; who has "
            "roles/resourcemanager.projectIamAdmin there can grant it."
        )


def rig(service: VertexService, folder: Path) -> VertexJobsRig:
    """The environment."""
    jobs, short = f"/v1/{LOCATION}/pipelineJobs", "aiplatform.googleapis.com/custom_model_training_n2_cpus"
    return VertexJobsRig(
        platform="vertex",
        service=service,
        folder=folder,
        starting=("POST", jobs),
        looking=("GET", f"{jobs}/"),
        listing=("GET", jobs),
        reading=("GET", "pipeline.json"),
        logging=("POST", "/v2/entries:list"),
        recording="/metadataStores/default/contexts",
        short=(short, "europe-west4", "1 n2-standard-4"),
    )
