"""Monitoring at Azure: who is told of what. Not proved: that the log's tables and metrics hold what queries ask for."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, get_args

import pytest
from groundplan.modules.azureml.catalogue.sizes import SIZES
from groundplan.modules.azureml.drift import STATISTICS, unwatched
from groundplan.modules.azureml.monitoring import Monitoring
from groundplan.modules.contract.context import Tier
from groundplan.modules.contract.endpoint import EndpointOutputs
from groundplan.modules.contract.monitoring import MonitoringArguments, Statistic, WatchedEndpoint

import azure_capability as kit
import azure_oracle

ENDPOINT_ID = f"{kit.WORKSPACE_ID}/onlineEndpoints/churn-1"
ENDPOINTS = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints"
UNPINNED = WatchedEndpoint(
    endpoint="churn", model="churn-model", task="classification", target="left",
    outputs=EndpointOutputs(uri=ENDPOINT_ID, name="churn-1", machine=SIZES["Standard_DS3_v2"]),
)  # fmt: skip
PINNED = replace(UNPINNED, outputs=replace(UNPINNED.outputs, deployment="pinned-1", requests=True))


def monitoring(*endpoints: WatchedEndpoint, tier: Tier = "development", **wanted: Any) -> kit.Capability[Monitoring]:
    def build(base: kit.Base) -> Monitoring:
        common = {key: value for key, value in base.common.items() if key != "network"}
        return Monitoring("monitoring", base.context, MonitoringArguments(endpoints=endpoints, **common, **wanted))

    return kit.make(build, tier=tier)


def alert(metric: str, namespace: str, threshold: float, scope: str, name: str, description: str) -> dict[str, Any]:
    return {
        "resourceGroupName": kit.GROUP,
        "location": "global",
        "ruleName": f"alert-churn-dev-{name}",
        "description": description,
        "enabled": True,
        "autoMitigate": True,
        "severity": 3,
        "scopes": [scope],
        "evaluationFrequency": "PT5M",
        "windowSize": "PT15M",
        "criteria": {
            "odataType": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
            "allOf": [
                {
                    "criterionType": "StaticThresholdCriterion",
                    "name": "threshold",
                    "metricName": metric,
                    "metricNamespace": namespace,
                    "operator": "GreaterThan",
                    "threshold": threshold,
                    "timeAggregation": "Average",
                }
            ],
        },
        "actions": [{"actionGroupId": "<monitoring-action-group.id>"}],
        "tags": kit.TAGS,
    }


def test_an_endpoint_that_the_lifecycle_fills_is_watched_from_outside() -> None:
    found = monitoring(UNPINNED, contacts=("team@example.com",), latency_ms=250.0)

    assert found.types() == {
        "monitoring-action-group": "monitor:ActionGroup",
        "monitoring-churn-latency": "monitor:MetricAlert",
        "monitoring-churn-errors": "monitor:ScheduledQueryRule",
        "monitoring-workbook": "applicationinsights:Workbook",
    }
    assert found.inputs("monitoring-churn-latency") == alert(
        "RequestLatency_P95", ENDPOINTS, 250, ENDPOINT_ID, "churn-latency",
        "The slowest twentieth of the answers of churn take longer than 250 ms.",
    )  # fmt: skip
    assert found.steps() == {"Log requests of the endpoint churn, so that drift can be seen": ""}
    assert dict(found.component.outputs.monitors) == {}


def test_what_the_lifecycle_deploys_is_judged_by_groundplan_where_it_is_logged() -> None:
    logged = replace(UNPINNED, outputs=replace(UNPINNED.outputs, requests=True))

    assert monitoring(logged).steps() == {
        "Look at what the endpoint churn is asked, by the clock": "groundplan monitor run churn -e dev"
    }


def test_people_are_told_or_else_the_owners() -> None:
    told = monitoring(contacts=("team@example.com", "team@example.com")).inputs("monitoring-action-group")
    owners = monitoring().inputs("monitoring-action-group")

    assert told == {
        "actionGroupName": "ag-churn-dev",
        "groupShortName": "dev",
        "resourceGroupName": kit.GROUP,
        "location": "global",
        "enabled": True,
        "emailReceivers": [
            {"name": "team@example.com", "emailAddress": "team@example.com", "useCommonAlertSchema": True}
        ],
        "armRoleReceivers": [],
        "tags": kit.TAGS,
    }
    assert (owners["emailReceivers"], owners["armRoleReceivers"]) == (
        [],
        [{"name": "owners", "roleId": "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "useCommonAlertSchema": True}],
    )


def test_failed_requests_are_judged_by_their_share() -> None:
    found = monitoring(UNPINNED, error_share=0.025)
    rule = found.inputs("monitoring-churn-errors")

    assert rule["criteria"]["allOf"][0]["query"] == (
        'AmlOnlineEndpointTrafficLog | where EndpointName == "churn-1" | extend Code = toint(ResponseCode)'
        " | summarize Requests = count(), Failed = countif(Code >= 500 or Code == 429)"
        " | where Failed > Requests * 0.025"
    )
    assert rule["description"] == "More than 2.50% of the requests of churn fail."
    assert (rule["scopes"], rule["skipQueryValidation"]) == (["<logs>"], True)
    assert rule["actions"] == {"actionGroups": ["<monitoring-action-group.id>"]}


@pytest.mark.parametrize(("tier", "severity"), [("development", 3), ("staging", 2), ("production", 1)])
def test_an_alert_weighs_as_much_as_its_environment(tier: Tier, severity: int) -> None:
    found = monitoring(PINNED, tier=tier)

    assert {one.properties["severity"] for one in found.made.values() if "severity" in one.properties} == {severity}


def test_the_machines_of_a_pinned_deployment_are_watched() -> None:
    found = monitoring(PINNED, saturation=0.9)
    deployment = f"{kit.WORKSPACE_ID}/onlineEndpoints/churn-1/deployments/pinned-1"

    for what, metric in (("cpu", "CpuUtilizationPercentage"), ("memory", "CpuMemoryUtilizationPercentage")):
        assert found.inputs(f"monitoring-churn-{what}") == alert(
            metric, f"{ENDPOINTS}/deployments", 90, deployment, f"churn-{what}",
            f"The machines of churn use more than 90% of their {what}.",
        )  # fmt: skip
    assert "monitoring-churn-gpu" not in found.made


def test_gpus_are_watched_where_there_are_some() -> None:
    machine = SIZES["Standard_NC4as_T4_v3"]

    assert "monitoring-churn-gpu" in monitoring(replace(PINNED, outputs=replace(PINNED.outputs, machine=machine))).made


def window(asset: str, ago: int) -> dict[str, Any]:
    return {
        "inputDataType": "Rolling", "jobInputType": "uri_folder", "uri": f"azureml:churn-1-pinned-1-{asset}:1",
        "windowOffset": f"P{ago}D", "windowSize": "P2D",
    }  # fmt: skip


def test_drift_of_a_pinned_deployment_is_seen_each_day() -> None:
    found = monitoring(PINNED, contacts=("team@example.com",), window_seconds=2 * 86400, threshold=0.3)
    properties = found.inputs("monitoring-churn-drift")["properties"]
    definition = properties["action"]["monitorDefinition"]
    psi = [
        {"dataType": kind, "metric": "PopulationStabilityIndex", "threshold": {"value": 0.3}}
        for kind in ("Numerical", "Categorical")
    ]
    quality = [
        {"dataType": kind, "metric": metric, "threshold": {"value": value}}
        for metric, value in (("NullValueRate", 0.05), ("DataTypeErrorRate", 0.02), ("OutOfBoundsRate", 0.02))
        for kind in ("Numerical", "Categorical")
    ]
    inputs = {"productionData": window("model_inputs", 0), "referenceData": window("model_inputs", 2)}
    outputs = {"productionData": window("model_outputs", 0), "referenceData": window("model_outputs", 2)}

    assert properties["trigger"] == {"triggerType": "Cron", "expression": "0 3 * * *", "timeZone": "UTC"}
    assert definition == {
        "computeConfiguration": {
            "computeType": "ServerlessSpark",
            "computeIdentity": {
                "computeIdentityType": "ManagedIdentity",
                "identity": {"type": "UserAssigned", "userAssignedIdentities": ["<pipeline>"]},
            },
            "instanceType": "standard_e4s_v3",
            "runtimeVersion": "3.4",
        },
        "monitoringTarget": {"taskType": "Classification", "deploymentId": "azureml:churn-1:pinned-1"},
        "alertNotificationSettings": {"emailNotificationSettings": {"emails": ["team@example.com"]}},
        "signals": {
            "data-drift": {"signalType": "DataDrift", "metricThresholds": psi, **inputs},
            "prediction-drift": {"signalType": "PredictionDrift", "metricThresholds": psi, **outputs},
            "data-quality": {"signalType": "DataQuality", "metricThresholds": quality, **inputs},
        },
    }
    assert dict(found.component.outputs.monitors) != {}
    assert found.steps() == {}


def test_a_pinned_model_is_compared_with_what_it_learned_from_and_by_what_decides_where_the_config_names_that() -> None:
    found = monitoring(replace(PINNED, training="azureml:churn-training:1"), window_seconds=2 * 86400)
    drift, attribution = (
        found.inputs(f"monitoring-churn-{part}")["properties"]["action"]["monitorDefinition"]
        for part in ("drift", "attribution")
    )
    training = {
        "inputDataType": "Fixed", "jobInputType": "mltable", "dataContext": "training",
        "uri": "azureml:churn-training:1",
    }  # fmt: skip

    assert {name: one["referenceData"] for name, one in drift["signals"].items()} == {
        "data-drift": training, "data-quality": training, "prediction-drift": window("model_outputs", 2),
    }  # fmt: skip
    assert attribution["signals"] == {
        "attribution-drift": {
            "signalType": "FeatureAttributionDrift",
            "productionData": [window("model_inputs", 0), window("model_outputs", 0)],
            "referenceData": {**training, "columns": {"target_column": "left"}},
            "featureImportanceSettings": {"mode": "Enabled", "targetColumn": "left"},
            "metricThreshold": {"metric": "NormalizedDiscountedCumulativeGain", "threshold": {"value": 0.9}},
        }
    }
    assert {key: attribution[key] for key in drift if key != "signals"} == {
        key: value for key, value in drift.items() if key != "signals"
    }
    assert (
        azure_oracle.problems([found.made["monitoring-churn-drift"], found.made["monitoring-churn-attribution"]]) == []
    )


def test_without_logged_requests_there_is_nothing_to_compare() -> None:
    found = monitoring(replace(PINNED, outputs=replace(PINNED.outputs, requests=False)))

    assert "monitoring-churn-drift" not in found.made
    assert list(found.steps()) == ["Log requests of the endpoint churn, so that drift can be seen"]


def test_every_statistic_judges_the_columns_that_azure_has_it_for() -> None:
    assert set(STATISTICS) == set(get_args(Statistic))
    assert {one: unwatched(one) for one in STATISTICS} == {
        "psi": "", "jensen_shannon": "", "kolmogorov_smirnov": "categorical", "wasserstein": "categorical",
        "chi_squared": "numerical",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("statistic", "limit"),
    [("psi", 0.3), ("wasserstein", 0.3), ("kolmogorov_smirnov", 0.01), ("chi_squared", 0.01)],
)
def test_a_test_is_held_against_its_own_chance(statistic: Statistic, limit: float) -> None:
    found = monitoring(PINNED, statistic=statistic, threshold=0.3, alpha=0.01).inputs("monitoring-churn-drift")
    signals = found["properties"]["action"]["monitorDefinition"]["signals"]

    for name in ("data-drift", "prediction-drift"):
        assert {one["threshold"]["value"] for one in signals[name]["metricThresholds"]} == {limit}


@pytest.mark.parametrize("statistic", get_args(Statistic))
def test_azures_description_knows_the_metrics_of_every_statistic(statistic: Statistic) -> None:
    found = monitoring(PINNED, statistic=statistic)

    assert azure_oracle.problems([found.made["monitoring-churn-drift"]]) == []


def test_columns_that_a_statistic_cannot_judge_are_told_of() -> None:
    [step] = monitoring(PINNED, statistic="wasserstein").component.steps

    assert step.title == "Know that drift of categorical columns of churn is not seen"


def test_the_workbook_shows_each_endpoint_and_stays_the_same() -> None:
    first, again = (monitoring(UNPINNED).inputs("monitoring-workbook") for _ in range(2))
    content = json.loads(first["serializedData"])

    assert first == again
    assert [one["name"] for one in content["items"]] == [
        "title", "runs", "churn-heading", "churn-requests", "churn-latency",
    ]  # fmt: skip
    assert (first["kind"], first["category"], first["sourceId"]) == ("shared", "workbook", "<logs>")
    assert 'EndpointName == "churn-1"' in content["items"][-1]["content"]["query"]
