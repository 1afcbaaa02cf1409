"""Batch predictions on Vertex AI: Cloud Scheduler asks the API for a job, with the pipeline's identity and no key."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_gcp import cloudscheduler

from ..contract.catalogue import MachineSize
from ..contract.component import Component
from ..contract.context import AfterUp, Context
from ..contract.endpoint import EndpointArguments
from ..contract.identity import workloads
from . import chosen_names, machines, names
from .labels import labels

_SCOPE = "https://www.googleapis.com/auth/cloud-platform"


@dataclass(frozen=True, kw_only=True)
class Batch:
    """What starts the predictions: its id, or where they read their input when only people start them."""

    uri: pulumi.Input[str]
    steps: tuple[AfterUp, ...]
    ready: tuple[pulumi.Resource, ...] = ()


def start(component: Component, arguments: EndpointArguments, type: str, machine: MachineSize | None) -> Batch:
    """Start the predictions by the clock, where the endpoint has a schedule."""
    read = f"{arguments.storage.data_uri}/batch/{arguments.endpoint}"
    if arguments.schedule is None:
        return Batch(uri=read, steps=(_step(arguments, read, "by hand, as the config names no schedule"),))
    job = _job(component, arguments, _body(component.context, arguments, read, type, machine))
    return Batch(uri=job.id, steps=(_step(arguments, read, f"at {arguments.schedule} UTC"),), ready=(job,))


def model(context: Context, arguments: EndpointArguments) -> str:
    """The model that predicts: the pinned one, or the default version of the model with this name."""
    if arguments.pinned is not None:
        return arguments.pinned.uri
    return f"{names.location_path(context)}/models/{chosen_names.model(context, arguments.model)}"


def _job(component: Component, arguments: EndpointArguments, body: dict[str, Any]) -> cloudscheduler.Job:
    context = component.context
    host = f"https://{context.region}-aiplatform.googleapis.com"
    encoded = pulumi.Output.json_dumps(body, sort_keys=True).apply(
        lambda text: base64.b64encode(text.encode()).decode()
    )
    return cloudscheduler.Job(
        f"{component.name}-schedule",
        project=context.account.project,
        region=context.region,
        name=chosen_names.hyphenated(context, arguments.endpoint),
        description=f"Batch predictions of {arguments.model}",
        schedule=arguments.schedule,
        time_zone="Etc/UTC",
        attempt_deadline="180s",
        retry_config={"retry_count": 3, "min_backoff_duration": "60s"},
        http_target={
            "uri": f"{host}/v1/{names.location_path(context)}/batchPredictionJobs",
            "http_method": "POST",
            "headers": {"Content-Type": "application/json"},
            "body": encoded,
            "oauth_token": {"service_account_email": workloads(arguments.identity).pipeline.id, "scope": _SCOPE},
        },
        opts=component.child(depends_on=[*arguments.workspace.ready, *arguments.identity.ready]),
    )


def _body(
    context: Context, arguments: EndpointArguments, read: str, type: str, machine: MachineSize | None
) -> dict[str, Any]:
    """A BatchPredictionJob as the API takes it; each job writes a folder of its own."""
    camel = {
        "machine_type": "machineType",
        "accelerator_type": "acceleratorType",
        "accelerator_count": "acceleratorCount",
    }
    body: dict[str, Any] = {
        "displayName": chosen_names.hyphenated(context, arguments.endpoint),
        "model": model(context, arguments),
        "inputConfig": {"instancesFormat": "jsonl", "gcsSource": {"uris": [f"{read}/*.jsonl"]}},
        "outputConfig": {
            "predictionsFormat": "jsonl",
            "gcsDestination": {"outputUriPrefix": f"{arguments.storage.artifacts_uri}/batch/{arguments.endpoint}"},
        },
        "dedicatedResources": {
            "machineSpec": {camel[key]: value for key, value in machines.spec(type, machine).items()},
            "startingReplicaCount": arguments.min_instances,
            "maxReplicaCount": max(arguments.min_instances, arguments.max_instances),
        },
        "serviceAccount": names.service_account_email(context, "endpoint"),
        "labels": labels(context, endpoint=arguments.endpoint),
    }
    if arguments.encryption is not None:
        body["encryptionSpec"] = {"kmsKeyName": arguments.encryption.key_id}
    return body


def _step(arguments: EndpointArguments, read: str, when: str) -> AfterUp:
    return AfterUp(
        title=f"Bring requests for batch endpoint {arguments.endpoint}",
        reason=f"Vertex AI has no batch endpoint: jobs read {read}/*.jsonl {when}, and fail as long as no version of "
        f"{arguments.model} is registered",
    )
