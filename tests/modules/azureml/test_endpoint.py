"""Endpoints at Azure ML and the models pinned to them. Not proved: that a deployment comes up and answers."""

from __future__ import annotations

import re
from typing import Any, Literal

import pytest
from groundplan.modules.azureml.catalogue.sizes import SIZES
from groundplan.modules.azureml.endpoint import Endpoint
from groundplan.modules.azureml.names import endpoint_name
from groundplan.modules.azureml.rules.endpoint import RULES
from groundplan.modules.contract.context import Tier
from groundplan.modules.contract.endpoint import EndpointArguments, PinnedModel
from hypothesis import given
from hypothesis import strategies as st

import azure_capability as kit
import azure_stack

NAME = endpoint_name(azure_stack.context(), "churn")
MODEL = PinnedModel(
    uri="azureml://registries/mlr-churn/models/churn/versions/3",
    environment_uri="azureml://registries/mlr-churn/environments/serve/versions/1",
)
IDENTITY = {"type": "UserAssigned", "userAssignedIdentities": ["<endpoint>"]}
SHELL = {**kit.PLACE, "location": "westeurope", "endpointName": NAME}
ML = "machinelearningservices"


def endpoint(*, public: bool = False, tier: Tier = "development", kind: Literal["online", "batch"] = "online",
             **wanted: Any) -> kit.Capability[Endpoint]:  # fmt: skip
    def build(base: kit.Base) -> Endpoint:
        arguments = EndpointArguments(endpoint="churn", model="churn", kind=kind, **base.common, **wanted)
        return Endpoint("endpoint-churn", base.context, arguments)

    return kit.make(build, public=public, tier=tier)


def pinned_name(**wanted: Any) -> str:
    deployment = endpoint(pinned=MODEL, **wanted).component.outputs.deployment
    assert re.fullmatch(r"pinned-[0-9a-f]{8}", deployment)
    return deployment


def test_an_online_endpoint_is_private_and_takes_tokens_only() -> None:
    found = endpoint(min_instances=2, max_instances=5)

    assert found.types() == {
        "endpoint-churn-endpoint": f"{ML}:OnlineEndpoint",
        "endpoint-churn-diagnostics": "monitor:DiagnosticSetting",
    }
    assert found.inputs("endpoint-churn-endpoint") == {
        **SHELL,
        "kind": "Managed",
        "identity": IDENTITY,
        "properties": {
            "authMode": "AADToken",
            "description": "Serves the model churn.",
            "publicNetworkAccess": "Disabled",
        },
        "tags": {
            **kit.TAGS, "machine-type": "Standard_DS3_v2", "min-instances": "2", "max-instances": "5",
        },
    }  # fmt: skip
    assert found.waits_for("endpoint-churn-endpoint") == {kit.ENVIRONMENT}
    assert found.component.outputs.machine == SIZES["Standard_DS3_v2"]
    assert found.component.outputs.scoring_uri == f"https://{NAME}.westeurope.inference.ml.azure.com/score"


def test_no_up_touches_traffic_or_the_default_deployment() -> None:
    online, batch = endpoint(), endpoint(kind="batch")

    assert online.made["endpoint-churn-endpoint"].ignore_changes == ("properties.traffic", "properties.mirrorTraffic")
    assert batch.made["endpoint-churn-endpoint"].ignore_changes == ("properties.defaults",)
    assert "traffic" not in online.inputs("endpoint-churn-endpoint")["properties"]


def test_an_endpoint_is_protected_in_production_only() -> None:
    assert endpoint(tier="production").made["endpoint-churn-endpoint"].protect
    assert not endpoint(tier="staging").made["endpoint-churn-endpoint"].protect


def test_only_public_access_opens_an_endpoint() -> None:
    properties = endpoint(public=True).inputs("endpoint-churn-endpoint")["properties"]

    assert (properties["publicNetworkAccess"], properties["authMode"]) == ("Enabled", "AADToken")


def test_the_first_model_is_deployed_by_the_lifecycle() -> None:
    assert endpoint().steps() == {"Deploy a model to the endpoint churn": "groundplan deploy churn -e dev"}


def test_the_lifecycle_is_told_which_share_of_the_requests_to_log() -> None:
    shares = {share: endpoint(log_sample=share).inputs("endpoint-churn-endpoint")["tags"] for share in (0.0, 0.25)}

    assert (shares[0.25]["log-sample"], "log-sample" in shares[0.0]) == ("0.25", False)


def test_the_lifecycle_is_told_to_log_what_azures_own_monitors_read_where_anything_is_logged() -> None:
    tags = [
        endpoint(log_sample=share, managed_monitors=on).inputs("endpoint-churn-endpoint")["tags"]
        for share, on in ((0.25, True), (0.25, False), (0.0, True))
    ]

    assert [one.get("managed-monitors") for one in tags] == ["true", None, None]


def test_a_pinned_model_becomes_a_deployment_that_logs_and_scales() -> None:
    found = endpoint(
        pinned=MODEL, size="Standard_D4s_v5", min_instances=1, max_instances=3, log_sample=0.25, timeout_seconds=20
    )
    name = found.component.outputs.deployment
    collected = {
        kind: {
            "dataCollectionMode": "Enabled",
            "dataId": f"<endpoint-churn-{kind.replace('_', '-')}.id>",
            "samplingRate": 0.25,
        }
        for kind in ("model_inputs", "model_outputs")
    }

    assert found.types() == {
        "endpoint-churn-endpoint": f"{ML}:OnlineEndpoint",
        "endpoint-churn-diagnostics": "monitor:DiagnosticSetting",
        "endpoint-churn-deployment": f"{ML}:OnlineDeployment",
        "endpoint-churn-model-inputs": f"{ML}:DataVersion",
        "endpoint-churn-model-outputs": f"{ML}:DataVersion",
        "endpoint-churn-autoscale": "monitor:AutoscaleSetting",
    }
    assert found.inputs("endpoint-churn-deployment") == {
        **SHELL,
        "deploymentName": name,
        "kind": "Managed",
        "sku": {"name": "Default", "capacity": 1},
        "properties": {
            "endpointComputeType": "Managed",
            "instanceType": "Standard_D4s_v5",
            "model": MODEL.uri,
            "environmentId": MODEL.environment_uri,
            "appInsightsEnabled": True,
            "egressPublicNetworkAccess": "Disabled",
            "dataCollector": {"collections": collected, "rollingRate": "Hour"},
            "requestSettings": {
                "requestTimeout": "PT20S", "maxConcurrentRequestsPerInstance": 4, "maxQueueWait": "PT0.5S",
            },
            "scaleSettings": {"scaleType": "Default"},
        },
        "tags": kit.TAGS,
    }  # fmt: skip
    deployment = found.made["endpoint-churn-deployment"]
    assert deployment.retain_on_delete, "it may still have traffic"
    assert deployment.ignore_changes == ("sku.capacity",), "the autoscaler sets it"
    assert (found.component.outputs.requests, name) == (True, name)


def test_logged_requests_are_kept_in_their_own_container() -> None:
    found = endpoint(pinned=MODEL, log_sample=1.0)
    name = found.component.outputs.deployment

    assert found.inputs("endpoint-churn-model-inputs") == {
        **kit.PLACE,
        "name": f"{NAME}-{name}-model_inputs",
        "version": "1",
        "properties": {
            "dataType": "uri_folder",
            "dataUri": f"azureml://datastores/requests/paths/{NAME}/{name}/model_inputs",
            "isAnonymous": False,
            "isArchived": False,
            "tags": kit.TAGS,
        },
    }


def test_nothing_is_logged_or_scaled_unasked() -> None:
    found = endpoint(pinned=MODEL)
    deployment = found.made["endpoint-churn-deployment"]

    assert not [name for name in found.made if "model-" in name or "autoscale" in name]
    assert "dataCollector" not in found.inputs("endpoint-churn-deployment")["properties"]
    assert deployment.ignore_changes == ()
    assert found.component.outputs.requests is False


def test_machines_follow_the_load_between_their_bounds() -> None:
    found = endpoint(pinned=MODEL, min_instances=2, max_instances=6)
    inputs = found.inputs("endpoint-churn-autoscale")
    [profile] = inputs["profiles"]

    assert inputs["targetResourceUri"] == "<endpoint-churn-deployment.id>"
    assert profile["capacity"] == {"default": "2", "minimum": "2", "maximum": "6"}
    assert [
        (rule["metricTrigger"]["operator"], rule["metricTrigger"]["threshold"], rule["scaleAction"]["direction"])
        for rule in profile["rules"]
    ] == [("GreaterThan", 70, "Increase"), ("LessThan", 30, "Decrease")]


def test_another_model_or_machine_is_another_deployment() -> None:
    other = PinnedModel(uri=MODEL.uri.replace("/3", "/4"), environment_uri=MODEL.environment_uri)

    assert pinned_name() == pinned_name(max_instances=7, log_sample=0.5)
    assert len({pinned_name(), pinned_name(size="Standard_D4s_v5"), pinned_name_of(other)}) == 3


def pinned_name_of(model: PinnedModel) -> str:
    return endpoint(pinned=model).component.outputs.deployment


def test_a_pinned_deployment_gets_its_traffic_after_up() -> None:
    found = endpoint(pinned=MODEL)

    assert found.steps() == {
        "Let the pinned model of the endpoint churn answer": f"az ml online-endpoint update --name {NAME}"
        f" --workspace-name mlw-churn-dev --resource-group {kit.GROUP}"
        f' --traffic "{found.component.outputs.deployment}=100"'
    }


def test_a_batch_endpoint_works_through_files_on_its_cluster() -> None:
    found = endpoint(kind="batch", pinned=MODEL, compute="default-x0", max_instances=2, timeout_seconds=60)

    assert found.inputs("endpoint-churn-endpoint") == {
        **SHELL,
        "identity": IDENTITY,
        "properties": {"authMode": "AADToken", "description": "Works through files with the model churn."},
        "tags": kit.TAGS,
    }
    assert found.inputs("endpoint-churn-deployment") == {
        **SHELL,
        "deploymentName": found.component.outputs.deployment,
        "properties": {
            "compute": f"{kit.WORKSPACE_ID}/computes/default-x0",
            "model": {"referenceType": "Id", "assetId": MODEL.uri},
            "environmentId": MODEL.environment_uri,
            "errorThreshold": 0,
            "loggingLevel": "Info",
            "maxConcurrencyPerInstance": 1,
            "miniBatchSize": 10,
            "outputAction": "AppendRow",
            "outputFileName": "predictions.csv",
            "resources": {"instanceCount": 2},
            "retrySettings": {"maxRetries": 3, "timeout": "PT60S"},
        },
        "tags": kit.TAGS,
    }
    assert found.component.outputs.machine is None
    assert found.component.outputs.scoring_uri == ""


def test_a_batch_endpoint_is_started_by_a_scheduler_of_ones_own() -> None:
    steps = endpoint(kind="batch", schedule="0 2 * * *", compute="default-x0").steps()

    assert steps["Start the batch endpoint churn at '0 2 * * *' (UTC)"] == (
        f"az ml batch-endpoint invoke --name {NAME} --workspace-name mlw-churn-dev --resource-group {kit.GROUP}"
        " --input azureml://datastores/data/paths/churn --input-type uri_folder"
    )


@pytest.mark.parametrize("kind", ["OnlineEndpoint", "BatchEndpoint"])
@given(name=st.from_regex(r"[a-z]([-_]?[a-z0-9]){0,10}", fullmatch=True))
def test_any_short_name_of_the_config_makes_a_name_that_azure_takes(kind: str, name: str) -> None:
    rule = RULES[f"azure-native:machinelearningservices:{kind}"].name
    assert rule is not None
    made = endpoint_name(azure_stack.context(), name)

    assert re.fullmatch(rule.pattern, made)
    assert rule.minimum <= len(made) <= rule.maximum
    assert made != endpoint_name(azure_stack.context("prod"), name)
