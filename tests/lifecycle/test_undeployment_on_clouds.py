"""One suite for what both clouds' adapters do with models on endpoints, through the SDKs' real clients and real HTTP.

The services are stand-ins that decode by the clouds' published descriptions. Not proved: how long a real operation
takes, and in which words a real service refuses.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest
from groundplan.core.errors import AuthenticationError, PolicyError, ResourceFailedError, TimeoutReachedError
from groundplan.lifecycle import undeployment
from groundplan.lifecycle.contract.serving import DeployedModel, Stage

import serving_kit
from serving_kit import CANARY, LOCATION, Rig
from stand_in import serving

VERTEX_ALONE = pytest.mark.parametrize("started", ["vertex"], indirect=True)
BEGINS = {"azureml": ("DELETE", "/deployments/"), "vertex": ("POST", ":undeployModel")}


@pytest.fixture(scope="module", params=serving_kit.PLATFORMS)
def started(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generator[Rig]:
    with serving_kit.rig(request.param, tmp_path_factory.mktemp(request.param)) as made:
        yield made


@pytest.fixture
def rig(started: Rig) -> Rig:
    started.reset()
    return started


def unheard(model: DeployedModel, stage: Stage) -> None:
    del model, stage


def test_a_canary_is_shown_with_its_shares_and_taken_off_without_traffic_first(rig: Rig) -> None:
    rig.deploy(CANARY)

    shown = undeployment.deployed(rig.adapter, [rig.endpoint, "/not/an/endpoint"])
    rig.undeploy()

    assert [(one.id, one.model, one.version, one.traffic) for one in shown] == [
        ("333", "churn", "3", 0),
        ("222", "churn", "2", 10),
        ("111", "churn", "1", 90),
    ]
    assert (rig.left(), rig.shares()) == ([], {})
    assert rig.told == [(stage, id) for id in ("333", "222", "111") for stage in ("undeploying", "undeployed")]
    assert rig.work() == {"azureml": ["PUT", *["DELETE"] * 3], "vertex": ["POST"] * 3}[rig.platform]


def test_where_nothing_is_deployed_one_look_is_all(rig: Rig) -> None:
    shown = undeployment.deployed(rig.adapter, [rig.endpoint])
    looks = [path for _, path in rig.service.requests if "ndpoints/" in path and "metadata" not in path]

    assert (shown, len(looks), rig.work()) == ((), 1, [])


def test_an_endpoint_that_is_gone_has_nothing_on_it(rig: Rig) -> None:
    rig.deploy(CANARY)
    shown = undeployment.deployed(rig.adapter, [rig.endpoint])
    rig.service.store.delete(rig.endpoint)

    rig.adapter.undeploy(shown, seconds=120, watcher=unheard)

    assert (rig.adapter.deployed(rig.endpoint), rig.work()) == ([], [])


def test_a_model_that_nobody_was_shown_stops_the_work_before_it_begins(rig: Rig) -> None:
    rig.deploy({"111": 100})
    shown = undeployment.deployed(rig.adapter, [rig.endpoint])
    rig.deploy(CANARY)

    with pytest.raises(PolicyError, match="churn version 3 was deployed to this endpoint since you were asked"):
        undeployment.undeploy(rig.adapter, [rig.endpoint], shown=shown, seconds=120, watcher=unheard)

    assert (sorted(rig.left()), rig.work()) == (["111", "222", "333"], [])


@pytest.mark.parametrize(
    "order",
    [
        {"status": 429, "headers": {"Retry-After": "0"}},
        {"status": 500, "times": 2},
        {"status": 503, "method": "GET"},
        {"kind": "reset", "method": "GET"},
        {"kind": "cut", "method": "GET", "done": True},
    ],
    ids=["throttled", "fault", "unavailable", "reset", "cut"],
)
def test_what_passes_is_asked_again(rig: Rig, order: dict[str, Any]) -> None:
    rig.deploy(CANARY)
    method, path = BEGINS[rig.platform]
    for part in ({"path": "churn-dev-0a1b/"}, {"path": "endpoints/123456789"}, {"path": "/operations/"}):
        rig.service.strike(**part, **order)
    rig.service.strike(**{**order, "method": method, "path": path})

    rig.undeploy()

    assert (rig.left(), [one.times for one in rig.service.strikes][-2:]) == ([], [0, 0])


def test_an_answer_that_is_lost_begins_nothing_a_second_time(rig: Rig) -> None:
    rig.deploy(CANARY)
    method, path = BEGINS[rig.platform]
    rig.service.strike(kind="reset", method=method, path=path, done=True)

    rig.undeploy()

    assert (rig.left(), len(rig.service.operations)) == ([], {"azureml": 4, "vertex": 3}[rig.platform])


def test_a_kill_at_any_request_is_repaired_by_the_next_command(rig: Rig) -> None:
    number = kills = 0
    rig.impatient.deployed(rig.endpoint)
    while True:
        rig.reset()
        rig.service.patience = 1
        rig.deploy({"111": 90, "222": 10})
        rig.service.strike(kind="reset", after=number, path="churn" if rig.platform == "azureml" else "/v1/",
                           done=number % 2 == 0)  # fmt: skip
        try:
            rig.undeploy(adapter=rig.impatient)
        except ResourceFailedError:
            kills += 1
            rig.undeploy()
        assert (rig.left(), rig.shares()) == ([], {})
        if rig.service.strikes[0].times:
            break
        number += 1

    assert kills >= 8


def test_an_operation_that_never_ends_stops_at_the_limit_and_the_next_command_goes_on(rig: Rig) -> None:
    rig.deploy(CANARY)
    rig.service.patience = float("inf")

    with pytest.raises(TimeoutReachedError, match="did not end before the time limit") as stopped:
        rig.undeploy(seconds=0.3)
    before = len(rig.left())
    for one in rig.service.operations.values():
        one.left = 8
    rig.service.patience = 3
    rig.undeploy()

    assert "Run the same command again" in stopped.value.hint
    assert (before, rig.left()) == (3, [])


def test_an_operation_that_fails_late_says_why_and_leaves_the_rest(rig: Rig) -> None:
    rig.deploy({"111": 0, "222": 0})
    rig.service.late_error = {"code": 13 if rig.platform == "vertex" else "InternalError", "message": "node is stuck"}

    with pytest.raises(ResourceFailedError, match=r"could not undeploy churn version 1: .*node is stuck") as failed:
        rig.undeploy()

    where = failed.value.problems[0].where.rpartition("/")[2]
    begun = len(rig.service.operations)
    assert (where, begun, rig.left()) == (rig.endpoint.rpartition("/")[2], 1, ["111", "222"])


def test_who_may_not_is_told_which_role_to_ask_for(rig: Rig) -> None:
    rig.deploy({"111": 0})
    method, path = BEGINS[rig.platform]
    body = {
        "vertex": {"error": {"code": 403, "message": "Permission 'aiplatform.endpoints.undeploy' denied",
                             "status": "PERMISSION_DENIED"}},
        "azureml": {"error": {"code": "AuthorizationFailed", "message": "does not have authorization"}},
    }[rig.platform]  # fmt: skip
    rig.service.strike(method=method, path=path, status=403, body=body)

    with pytest.raises(ResourceFailedError) as refused:
        rig.undeploy()

    role = {"vertex": "roles/aiplatform.user", "azureml": "AzureML Data Scientist"}[rig.platform]
    assert role in refused.value.hint
    assert {"vertex": "project 123456789012", "azureml": "resource group rg-churn-dev"}[rig.platform] in (
        refused.value.hint
    )
    assert rig.left() == ["111"]


@VERTEX_ALONE
def test_an_api_that_is_switched_off_is_told_with_the_command_that_switches_it_on(rig: Rig) -> None:
    message = "Vertex AI API has not been used in project acme-churn before or it is disabled."
    rig.service.strike(path="/v1/", status=403, body={"error": {"code": 403, "message": message}})

    with pytest.raises(ResourceFailedError, match="has not been used") as refused:
        rig.adapter.deployed(rig.endpoint)

    assert refused.value.hint == "gcloud services enable aiplatform.googleapis.com --project=acme-churn"


def test_who_is_not_signed_in_is_told_how(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GOOGLE_APPLICATION_CREDENTIALS", "IDENTITY_ENDPOINT", "IDENTITY_HEADER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential")

    with pytest.raises(AuthenticationError) as stopped:
        type(rig.adapter)().deployed(rig.endpoint)

    assert {"vertex": "gcloud auth application-default login", "azureml": "az login"}[rig.platform] in (
        stopped.value.hint
    )


def test_an_answer_that_is_no_sign_in_any_more_is_an_authentication_error(rig: Rig) -> None:
    rig.deploy(CANARY)
    rig.service.strike(path="ndpoints/1234" if rig.platform == "vertex" else "churn-dev", status=401, times=9)

    with pytest.raises(AuthenticationError):
        rig.undeploy()


@VERTEX_ALONE
def test_models_on_the_machines_of_a_pool_go_wherever_they_are_deployed(rig: Rig) -> None:
    store, pool, other = rig.service.store, f"{LOCATION}/deploymentResourcePools/churn", f"{LOCATION}/endpoints/9"
    store.occupy(pool, "gcp:vertex/aiDeploymentResourcePool:AiDeploymentResourcePool", name="churn")
    store.occupy(other, "gcp:vertex/aiEndpoint:AiEndpoint", displayName="other")
    serving.deploy_to_vertex(store, other, {"444": 40, "555": 60}, pool=pool)
    with store.changing() as content:
        del content["resources"][other]["outputs"]["deployedModels"][1]["sharedResources"]

    shown = undeployment.deployed(rig.adapter, [rig.endpoint, pool])
    undeployment.undeploy(rig.adapter, [rig.endpoint, pool], shown=shown, seconds=120, watcher=unheard)

    assert [(one.id, one.pool) for one in shown] == [("444", pool)]
    after = store.resources[other]
    assert ([one["id"] for one in serving.deployed_models(after)], serving.traffic(after)) == (["555"], {"555": 100})
