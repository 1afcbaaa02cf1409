"""Versions that start at an online endpoint of Azure ML, through the SDK's real client over HTTPS.

The service is a stand-in that decodes by Azure's published types. Not proved: how long a real operation takes, in which
words a real service refuses.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest
from groundplan.core.errors import (
    NotFoundError,
    ResourceFailedError,
    StoreCorruptedError,
    TimeoutReachedError,
)
from groundplan.lifecycle.azureml.endpoints import AzureMLEndpoints
from groundplan.lifecycle.contract.deployment import Machines
from groundplan.lifecycle.contract.serving import DeployedModel
from groundplan.lifecycle.contract.traffic import Traffic

import azure_endpoint
import serving_kit
from azure_endpoint import ENDPOINT, PACE, azure, cloud, deploy, impatient, in_place, puts, split, unheard
from serving_kit import MACHINES, WORKSPACE, Rig, served
from stand_in.services.http import Request

LONG = "The request is invalid. " * 30
QUOTA = (
    f"{LONG}InferencingClient HttpRequest error, error detail: Not enough quota available for Standard_DS3_v2 in "
    "SubscriptionId 00000000-0000-4000-8000-000000000001. Current usage/limit: 4/6. Additional needed: 8 Please see "
    "troubleshooting guide"
)


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Generator[Rig]:
    with serving_kit.rig("azureml", tmp_path_factory.mktemp("azureml")) as made:
        yield made


@pytest.fixture
def rig(started: Rig) -> Rig:
    return azure_endpoint.reset(started)


def test_a_version_starts_beside_the_others_without_traffic_and_again_is_the_same_as_once(
    rig: Rig, capfd: pytest.CaptureFixture[str]
) -> None:
    rig.deploy({"v-1": 100})

    made = deploy(rig, 2)
    again = deploy(rig, 2)

    assert made == again == DeployedModel(endpoint=ENDPOINT, id="v-2", model="churn", version="2", traffic=0)
    assert (in_place(rig), puts(rig)) == (({"v-1": 100}, {}), ["v-2"])
    assert rig.service.store.resources[f"{ENDPOINT}/deployments/v-2"]["inputs"] == {
        "location": "westeurope",
        "tags": {"model": "churn", "version": "2", "digest": served(2).digest},
        "sku": {"name": "Default", "capacity": 2},
        "properties": {
            "endpointComputeType": "Managed",
            "model": f"{WORKSPACE}/models/churn/versions/2",
            "instanceType": "Standard_DS3_v2",
            "appInsightsEnabled": True,
            "egressPublicNetworkAccess": "Disabled",
            "requestSettings": {"requestTimeout": "PT30S"},
            "scaleSettings": {"scaleType": "Default"},
            "environmentVariables": {},
            "properties": {},
        },
    }
    assert capfd.readouterr() == ("", "")


def test_a_version_comes_from_the_registry_that_environments_share(rig: Rig) -> None:
    shared = "azureml://registries/mlr-churn/models/churn/versions/2"
    rig.service.store.occupy(shared, "azure-native:machinelearningservices:RegistryModelVersion")

    made = AzureMLEndpoints(pace=PACE, registry="mlr-churn").deploy(ENDPOINT, served(2), MACHINES, seconds=120)

    assert (made.model, made.version) == ("churn", "2")
    inputs = rig.service.store.resources[f"{ENDPOINT}/deployments/v-2"]["inputs"]
    assert inputs["properties"]["model"] == shared


def test_a_version_that_does_not_become_healthy_is_taken_away_and_its_log_told(rig: Rig) -> None:
    rig.deploy({"v-1": 100})
    rig.service.late_error = {"code": "ResourceNotReady", "message": "User container has crashed or terminated."}
    cloud(rig).online.logs["v-2"] = "loading\nValueError: no column tenure\n"
    rig.service.meanwhile = heal_after(rig, "/getLogs")

    with pytest.raises(ResourceFailedError) as failed:
        deploy(rig, 2)

    assert "could not deploy churn version 2: " in failed.value.message
    assert "User container has crashed or terminated." in failed.value.message
    assert failed.value.problems[0].hint.endswith("Its container wrote last:\nloading\nValueError: no column tenure")
    assert (rig.left(), in_place(rig)) == (["v-1"], ({"v-1": 100}, {}))


@pytest.mark.parametrize("status", [404, 400])
def test_a_version_that_never_wrote_a_log_is_taken_away_all_the_same(rig: Rig, status: int) -> None:
    rig.service.late_error = {"code": "ImageBuildFailure", "message": "The environment could not be built."}
    rig.service.meanwhile = heal_after(rig, "/getLogs")
    rig.service.strike(path="/getLogs", status=status, body={"error": {"message": "no container yet"}})

    with pytest.raises(ResourceFailedError, match=r"The environment could not be built\.") as failed:
        deploy(rig, 2)

    assert (rig.left(), "still there" in failed.value.problems[0].hint) == ([], False)


def heal_after(rig: Rig, path: str) -> Any:
    """What begins after this request does not fail any more."""

    def meanwhile(request: Request) -> None:
        if request.path.endswith(path):
            rig.service.late_error = None

    return meanwhile


@pytest.mark.parametrize("late", [False, True], ids=["at once", "late"])
def test_a_quota_that_is_too_small_is_told_with_what_to_ask_for(rig: Rig, late: bool) -> None:
    error = {"code": "InferencingClientCreateDeploymentFailed", "message": QUOTA}
    if late:
        rig.service.late_error = error
        rig.service.meanwhile = heal_after(rig, "/getLogs")
    else:
        rig.service.strike(method="PUT", path="/deployments/", status=400, body={"error": error})

    with pytest.raises(ResourceFailedError) as refused:
        deploy(rig, 2)

    assert refused.value.problems[0].hint.startswith(
        "8 more cores of Standard_DS3_v2 are needed in the endpoint's region, 4 of 6 are in use: ask for 6 more"
    )
    assert rig.left() == []


def test_a_quota_of_a_family_is_told_with_its_region(rig: Rig) -> None:
    message = (
        "Operation results in exceeding quota limits of resource type MachineLearningServices.dedicatedCores. "
        "Requested family: standardNCASv3_T4Family, region: westeurope. Maximum allowed: 0, Current in use: 0, "
        "Additional requested: 8."
    )
    body = {"error": {"code": "ClusterCoreQuotaReached", "message": message}}
    rig.service.strike(method="PUT", path="/deployments/", status=400, body=body)

    with pytest.raises(ResourceFailedError) as refused:
        deploy(rig, 2)

    assert refused.value.hint.startswith(
        "8 more cores of standardNCASv3_T4Family are needed in westeurope, 0 of 0 are in use: ask for 8 more"
    )


def test_an_endpoint_that_is_gone_is_not_found(rig: Rig) -> None:
    rig.service.store.delete(ENDPOINT)
    endpoints = azure(rig)
    asked: list[Any] = [
        lambda: deploy(rig, 2),
        lambda: split(rig, {2: 100}),
        lambda: endpoints.address(ENDPOINT),
        lambda: endpoints.predict(ENDPOINT, [{}]),
        lambda: endpoints.observe(ENDPOINT, "2026-11-28T00:00:00.000Z"),
        lambda: endpoints.log(ENDPOINT, 2, lines=5),
    ]

    for act in asked:
        with pytest.raises(NotFoundError):
            act()

    assert puts(rig) == []


def test_another_deployment_under_the_name_of_a_version_is_not_taken_for_it(rig: Rig) -> None:
    rig.deploy({"v-1": 0})
    rig.service.store.change(f"{ENDPOINT}/deployments/v-1", {"tags.digest": "sha256:other"})

    with pytest.raises(StoreCorruptedError, match="the deployment v-1 is churn version 1 with sha256:other, not churn"):
        deploy(rig, 1)

    assert (rig.left(), rig.work()) == (["v-1"], [])


@pytest.mark.parametrize("state", ["Failed", "Canceled"])
def test_what_failed_under_a_command_that_was_killed_is_made_anew(rig: Rig, state: str) -> None:
    rig.deploy({"v-1": 100, "v-2": 0})
    rig.service.store.change(f"{ENDPOINT}/deployments/v-2", {"properties.provisioningState": state})

    assert deploy(rig, 2).health == "ready"
    assert (rig.work(), rig.left()) == (["DELETE", "PUT"], ["v-1", "v-2"])


def test_an_operation_that_never_ends_stops_at_the_limit_and_the_next_command_goes_on_with_it(rig: Rig) -> None:
    rig.service.patience = float("inf")

    with pytest.raises(TimeoutReachedError, match="deploy churn version 2 did not end before the time limit"):
        deploy(rig, 2, seconds=0.5)
    shown = azure(rig).deployed(ENDPOINT)
    for one in rig.service.operations.values():
        one.left = 8
    made = deploy(rig, 2)

    assert [(one.id, one.health, one.detail) for one in shown] == [("v-2", "starting", "Azure ML says: Creating")]
    assert (made.health, rig.work()) == ("ready", ["PUT"])


PASSING = [
    pytest.param({"status": 429, "headers": {"Retry-After": "0"}}, id="throttled"),
    pytest.param({"status": 500, "times": 2}, id="fault"),
    pytest.param({"kind": "reset"}, id="reset"),
    pytest.param({"kind": "cut", "method": "GET", "done": True}, id="cut"),
]


@pytest.mark.parametrize("order", PASSING)
def test_what_passes_is_asked_again(rig: Rig, order: dict[str, Any]) -> None:
    rig.deploy({"v-1": 100})
    for path in ("churn-dev-0a1b", "/deployments", "/operations/"):
        rig.service.strike(**{"path": path, **order})
    if "kind" not in order:
        rig.service.strike(method="PUT", path="/deployments/", **order)

    deploy(rig, 2)
    split(rig, {1: 90, 2: 10})

    assert (in_place(rig), [one.times for one in rig.service.strikes]) == (
        ({"v-1": 90, "v-2": 10}, {}), [0] * len(rig.service.strikes)
    )  # fmt: skip


def test_an_answer_that_is_lost_begins_nothing_a_second_time(rig: Rig) -> None:
    rig.deploy({"v-1": 100})
    rig.service.strike(kind="reset", method="PUT", path="/deployments/v-2", done=True)
    deploy(rig, 2)
    rig.service.strike(kind="reset", method="PUT", path="churn-dev-0a1b", done=True)
    split(rig, {1: 50, 2: 50})

    assert (in_place(rig), rig.left(), len(rig.service.operations)) == (
        ({"v-1": 50, "v-2": 50}, {}), ["v-1", "v-2"], 2
    )  # fmt: skip


def test_a_token_that_expires_while_an_operation_goes_on_is_replaced(rig: Rig) -> None:
    service = cloud(rig)
    service.token_seconds, service.patience = 1, 12

    def meanwhile(request: Request) -> None:
        if request.path == "/token" and service.operations:
            service.token = f"token after {len(service.requests)} requests"

    service.meanwhile = meanwhile
    try:
        made = AzureMLEndpoints(pace=PACE).deploy(ENDPOINT, served(2), MACHINES, seconds=60)
    finally:
        replaced, service.token, service.token_seconds = service.token, "first", 3600

    assert (made.health, replaced == "first", rig.work()) == ("ready", False, ["PUT"])


def test_who_may_not_deploy_is_told_which_role_to_ask_for_and_who_grants_it(rig: Rig) -> None:
    body = {"error": {"code": "AuthorizationFailed", "message": "does not have authorization to perform action"}}
    rig.service.strike(method="PUT", path="/deployments/", status=403, body=body)

    with pytest.raises(ResourceFailedError) as refused:
        deploy(rig, 2)

    assert refused.value.hint == (
        "Ask for AzureML Data Scientist, or groundplan's own role MLOps Deployer, on resource group rg-churn-dev; who "
        "is Owner or Role Based Access Control Administrator there can grant it."
    )


def test_a_kill_at_any_request_is_repaired_by_the_next_command(rig: Rig) -> None:
    def act(endpoints: AzureMLEndpoints) -> None:
        endpoints.deploy(ENDPOINT, served(2), MACHINES, seconds=120)
        endpoints.route(ENDPOINT, Traffic(shares={1: 90, 2: 10}), seconds=120)
        kept = [one for one in endpoints.deployed(ENDPOINT) if one.id == "v-3"]
        endpoints.undeploy(kept, seconds=120, watcher=unheard)

    number = kills = 0
    impatient(rig).deployed(ENDPOINT)
    while True:
        rig.reset()
        rig.service.patience = 1
        rig.deploy({"v-1": 100, "v-3": 0})
        rig.service.strike(kind="reset", after=number, path="churn", done=number % 2 == 0)
        try:
            act(impatient(rig))
        except ResourceFailedError:
            kills += 1
            act(azure(rig))
        assert (in_place(rig), rig.left()) == (({"v-1": 90, "v-2": 10}, {}), ["v-1", "v-2"])
        if rig.service.strikes[0].times:
            break
        number += 1

    assert kills >= 12


SCALES = Machines(type="Standard_DS3_v2", least=1, most=3)


def bounds(rig: Rig) -> dict[str, tuple[str, str, str]]:
    """Between how many machines each deployment scales, by the name of the setting."""
    found = rig.service.store.of_type(":AutoscaleSetting")
    settings = {one["id"].rpartition("/")[2]: one["inputs"]["properties"] for one in found}
    capacities = {name: (one["targetResourceUri"], one["profiles"][0]["capacity"]) for name, one in settings.items()}
    return {
        name: (target.rpartition("/")[2], capacity["minimum"], capacity["maximum"])
        for name, (target, capacity) in capacities.items()
    }


def test_a_version_scales_between_its_machines_until_it_goes(rig: Rig) -> None:
    azure(rig).deploy(ENDPOINT, served(2), SCALES, seconds=120)
    azure(rig).deploy(ENDPOINT, served(2), SCALES, seconds=120)
    deploy(rig, 1)
    scaled = bounds(rig)
    azure(rig).undeploy(azure(rig).deployed(ENDPOINT), seconds=120, watcher=unheard)

    assert scaled == {"scale-churn-dev-0a1b-v-2": ("v-2", "1", "3")}
    assert (rig.left(), bounds(rig)) == ([], {})


def test_a_version_whose_command_was_killed_before_it_scaled_scales_after_the_next(rig: Rig) -> None:
    rig.service.strike(kind="reset", method="PUT", path="/autoscalesettings/")
    with pytest.raises(ResourceFailedError):
        impatient(rig).deploy(ENDPOINT, served(2), SCALES, seconds=120)
    before = bounds(rig)

    azure(rig).deploy(ENDPOINT, served(2), SCALES, seconds=120)

    assert (before, list(bounds(rig))) == ({}, ["scale-churn-dev-0a1b-v-2"])


def test_who_may_not_let_it_scale_is_told_the_role_for_that(rig: Rig) -> None:
    body = {"error": {"code": "AuthorizationFailed", "message": "does not have authorization"}}
    rig.service.strike(path="/autoscalesettings/", status=403, body=body)

    with pytest.raises(ResourceFailedError) as refused:
        azure(rig).deploy(ENDPOINT, served(2), SCALES, seconds=120)

    assert refused.value.hint.startswith(
        "Ask for groundplan's own role Endpoint Scaler, or Contributor, on resource group rg-churn-dev"
    )


def test_a_version_logs_its_requests_and_answers_at_the_share_that_the_endpoint_says(
    rig: Rig, capfd: pytest.CaptureFixture[str]
) -> None:
    rig.service.store.change(ENDPOINT, {"tags": {"owner": "ml", "log-sample": "0.1"}})
    rig.service.store.occupy(
        f"{WORKSPACE}/datastores/requests", "azure-native:machinelearningservices:Datastore",
        properties={"datastoreType": "AzureBlob", "accountName": "stchurndev", "containerName": "requests"},
    )  # fmt: skip

    deploy(rig, 2)

    assets = {one: f"{WORKSPACE}/data/churn-dev-0a1b-v-2-{one}/versions/1" for one in ("request", "response")}
    resources = rig.service.store.resources
    assert resources[f"{ENDPOINT}/deployments/v-2"]["inputs"]["properties"]["dataCollector"] == {
        "collections": {
            one: {"dataCollectionMode": "enabled", "dataId": id, "samplingRate": 0.1} for one, id in assets.items()
        },
        "rollingRate": "Hour",
    }
    assert {one: resources[id]["inputs"]["properties"]["dataUri"] for one, id in assets.items()} == {
        one: f"azureml://datastores/requests/paths/churn-dev-0a1b/v-2/{one}" for one in assets
    }
    assert capfd.readouterr() == ("", "")
