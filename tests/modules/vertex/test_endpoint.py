"""Endpoints on Vertex AI: the shell in every form, what is left to the lifecycle, and batch predictions by the clock.

Not proved: that Vertex AI logs requests of a private endpoint, and what a forwarding rule needs beside its target.
"""

from __future__ import annotations

import base64
import json
import shlex
from typing import Any

import pytest
from groundplan.modules.contract.endpoint import EndpointArguments, PinnedModel
from groundplan.modules.vertex import chosen_names
from groundplan.modules.vertex.catalogue.sizes import SIZES
from groundplan.modules.vertex.endpoint import Endpoint

from vertex_parts import BUCKET, DEV, ENCRYPTION, PROD, Recorded, account, labels, network, parts, refused

NAME = chosen_names.endpoint(DEV, "churn")
PINNED = PinnedModel(uri="projects/acme-churn/locations/europe-west4/models/churn@3")


def made(context: Any = DEV, endpoint: str = "churn", **arguments: Any) -> Recorded:
    given = EndpointArguments(endpoint=endpoint, model="churn", **parts(**arguments))
    return Recorded(lambda: Endpoint("endpoint", context, given))


def test_an_endpoint_is_private_and_says_what_its_deployments_run_on() -> None:
    endpoint = made(max_instances=3)

    assert endpoint.names == ["endpoint-endpoint"]
    assert endpoint.inputs("endpoint-endpoint") == {
        "project": "acme-churn",
        "location": "europe-west4",
        "region": "europe-west4",
        "name": NAME,
        "displayName": "churn-dev-churn",
        "description": "Answers with the model churn",
        "privateServiceConnectConfig": {"enablePrivateServiceConnect": True, "projectAllowlists": ["acme-churn"]},
        "labels": labels(
            endpoint="churn",
            model="churn",
            account="churn-dev-endpoint",
            **{"machine-type": "n1-standard-4", "min-instances": "1", "max-instances": "3"},
        ),
    }
    assert endpoint.component.outputs.name == NAME
    assert endpoint.component.outputs.machine == SIZES["n1-standard-4"]
    assert endpoint.component.outputs.requests is False


def test_traffic_is_neither_set_nor_taken_back() -> None:
    child = made().children["endpoint-endpoint"]

    assert child.ignore_changes == ("trafficSplit",)
    assert "trafficSplit" not in child.properties


def test_the_lifecycle_deploys_and_callers_are_connected_after_up() -> None:
    steps = made().steps

    assert [step.title for step in steps] == ["Deploy a model to endpoint churn", "Connect callers to endpoint churn"]
    assert steps[0].command == "groundplan deploy churn --environment dev"
    assert NAME in steps[1].command


def test_a_peered_endpoint_names_the_network_by_the_projects_number() -> None:
    endpoint = made(network=network(connection="peering"))
    inputs = endpoint.inputs("endpoint-endpoint")

    assert inputs["network"] == "projects/123456789012/global/networks/churn-dev"
    assert not {"privateServiceConnectConfig", "dedicatedEndpointEnabled"} & inputs.keys()
    assert endpoint.titles == ["Deploy a model to endpoint churn"]


def test_a_public_endpoint_has_an_address_of_its_own() -> None:
    endpoint = made(access="public")
    inputs = endpoint.inputs("endpoint-endpoint")

    assert inputs["dedicatedEndpointEnabled"] is True
    assert not {"privateServiceConnectConfig", "network"} & inputs.keys()
    assert endpoint.component.outputs.scoring_uri == (
        f"https://{NAME}.europe-west4-123456789012.prediction.vertexai.goog"
        f"/v1/projects/acme-churn/locations/europe-west4/endpoints/{NAME}:predict"
    )


def test_a_share_of_the_requests_is_logged_in_a_table_of_the_endpoint() -> None:
    endpoint = made(endpoint="churn-eu", log_sample=0.1)

    assert endpoint.inputs("endpoint-endpoint")["predictRequestResponseLoggingConfig"] == {
        "enabled": True,
        "samplingRate": 0.1,
        "bigqueryDestination": {"outputUri": "bq://acme-churn.churn_dev_requests.churn_eu"},
    }
    assert endpoint.component.outputs.requests is True


@pytest.mark.parametrize(("context", "protected"), [(DEV, False), (PROD, True)])
def test_an_endpoint_of_production_is_protected(context: Any, protected: bool) -> None:
    assert made(context, encryption=ENCRYPTION).children["endpoint-endpoint"].protect is protected


def test_models_share_the_machines_of_a_pool() -> None:
    endpoint = made(shared_pool=True, size="g2-standard-4", min_instances=2, max_instances=4, pinned=PINNED)
    shell: Any = endpoint.inputs("endpoint-endpoint")

    assert endpoint.inputs("endpoint-pool") == {
        "project": "acme-churn",
        "region": "europe-west4",
        "name": "churn-dev-churn",
        "dedicatedResources": {
            "machineSpec": {"machineType": "g2-standard-4", "acceleratorType": "NVIDIA_L4", "acceleratorCount": 1},
            "minReplicaCount": 2,
            "maxReplicaCount": 4,
        },
    }
    assert [shell["labels"][one] for one in ("pool", "gpu", "gpus")] == ["churn-dev-churn", "nvidia-l4", "1"]
    assert "--shared-resources=projects/acme-churn/locations/europe-west4/deploymentResourcePools/churn-dev-churn" in (
        shlex.split(endpoint.steps[0].command)
    )


def test_a_pinned_model_is_deployed_by_a_command_as_no_resource_does() -> None:
    step = made(pinned=PINNED, size="g2-standard-8", max_instances=2).steps[0]

    assert step.title == "Deploy the pinned model to endpoint churn"
    assert shlex.split(step.command) == [
        "gcloud", "ai", "endpoints", "deploy-model", NAME, "--project=acme-churn", "--region=europe-west4",
        f"--model={PINNED.uri}", "--display-name=churn", f"--service-account={account('endpoint')}",
        "--traffic-split=0=100", "--machine-type=g2-standard-8", "--min-replica-count=1", "--max-replica-count=2",
        "--accelerator=type=nvidia-l4,count=1",
    ]  # fmt: skip


def test_a_batch_endpoint_asks_for_a_job_by_the_clock_as_the_pipeline() -> None:
    batch = made(endpoint="nightly", kind="batch", schedule="0 2 * * *", encryption=ENCRYPTION)
    job: Any = dict(batch.inputs("endpoint-schedule"))
    target = job.pop("httpTarget")

    assert job == {
        "project": "acme-churn",
        "region": "europe-west4",
        "name": "churn-dev-nightly",
        "description": "Batch predictions of churn",
        "schedule": "0 2 * * *",
        "timeZone": "Etc/UTC",
        "attemptDeadline": "180s",
        "retryConfig": {"retryCount": 3, "minBackoffDuration": "60s"},
    }
    assert json.loads(base64.b64decode(target.pop("body"))) == {
        "displayName": "churn-dev-nightly",
        "model": "projects/acme-churn/locations/europe-west4/models/churn--churn",
        "inputConfig": {"instancesFormat": "jsonl", "gcsSource": {"uris": ["gs://churn-data/batch/nightly/*.jsonl"]}},
        "outputConfig": {
            "predictionsFormat": "jsonl",
            "gcsDestination": {"outputUriPrefix": f"gs://{BUCKET}/artifacts/batch/nightly"},
        },
        "dedicatedResources": {
            "machineSpec": {"machineType": "n1-standard-4"}, "startingReplicaCount": 1, "maxReplicaCount": 1
        },
        "serviceAccount": account("endpoint"),
        "labels": labels(endpoint="nightly"),
        "encryptionSpec": {"kmsKeyName": ENCRYPTION.key_id},
    }  # fmt: skip
    assert target == {
        "uri": "https://europe-west4-aiplatform.googleapis.com"
        "/v1/projects/acme-churn/locations/europe-west4/batchPredictionJobs",
        "httpMethod": "POST",
        "headers": {"Content-Type": "application/json"},
        "oauthToken": {
            "serviceAccountEmail": account("pipeline"), "scope": "https://www.googleapis.com/auth/cloud-platform"
        },
    }  # fmt: skip
    assert batch.titles == ["Bring requests for batch endpoint nightly"]


def test_a_batch_endpoint_without_a_schedule_is_no_resource() -> None:
    batch = made(endpoint="nightly", kind="batch")

    assert batch.names == []
    assert batch.component.outputs.uri == "gs://churn-data/batch/nightly"
    assert "by hand" in batch.steps[0].reason


def test_a_pinned_model_predicts_in_batches_too() -> None:
    job: Any = made(kind="batch", schedule="0 2 * * *", pinned=PINNED).inputs("endpoint-schedule")

    assert json.loads(base64.b64decode(job["httpTarget"]["body"]))["model"] == PINNED.uri


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"access": "public", "log_sample": 0.5},
        {"network": network(connection="peering"), "encryption": ENCRYPTION},
        {"shared_pool": True, "log_sample": 1.0},
        {"kind": "batch", "schedule": "0 2 * * *"},
    ],
)
def test_google_would_take_it(arguments: dict[str, Any]) -> None:
    assert refused(made(**arguments).resources) == []
