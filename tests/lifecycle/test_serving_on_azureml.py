"""Versions at an online endpoint of Azure ML, through the SDK's real clients over HTTPS.

The service is a stand-in that decodes by Azure's published types. Not proved: how long a real operation takes, in which
words a real service refuses, whether its metrics count copies as requests of the deployment that gets them.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from groundplan.core import clock
from groundplan.core.errors import (
    AuthenticationError,
    LockedError,
    NotFoundError,
    ResourceFailedError,
    StoreCorruptedError,
    TimeoutReachedError,
    UsageError,
)
from groundplan.lifecycle.azureml.endpoints import AzureMLEndpoints
from groundplan.lifecycle.contract.serving import DeployedModel
from groundplan.lifecycle.contract.traffic import Observation, Traffic
from groundplan.lifecycle.patience import Pace

import serving_kit
from serving_kit import MACHINES, WORKSPACE, Rig, served
from stand_in import serving
from stand_in.services import AzureMLService
from stand_in.services.http import Answer, Request
from stand_in.services.insights import Point

ENDPOINT = serving_kit.ENDPOINTS["azureml"]
PACE = Pace(first_seconds=0.005, longest_seconds=0.02, tries=4)
QUOTA = (
    "InferencingClient HttpRequest error, error detail: Not enough quota available for Standard_DS3_v2 in "
    "SubscriptionId 00000000-0000-4000-8000-000000000001. Current usage/limit: 4/6. Additional needed: 8 Please see "
    "troubleshooting guide"
)


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Generator[Rig]:
    with serving_kit.rig("azureml", tmp_path_factory.mktemp("azureml")) as made:
        yield made


@pytest.fixture
def rig(started: Rig) -> Rig:
    started.reset()
    cloud(started).insights.points.clear()
    cloud(started).online.logs.clear()
    cloud(started).online.answering = None
    cloud(started).stale = 0
    return started


def cloud(rig: Rig) -> AzureMLService:
    return cast("AzureMLService", rig.service)


def azure(rig: Rig) -> AzureMLEndpoints:
    return cast("AzureMLEndpoints", rig.adapter)


def impatient(rig: Rig) -> AzureMLEndpoints:
    return cast("AzureMLEndpoints", rig.impatient)


def deploy(rig: Rig, version: int, *, seconds: float = 20) -> DeployedModel:
    return azure(rig).deploy(ENDPOINT, served(version), MACHINES, seconds=seconds)


def split(rig: Rig, shares: dict[int, int], **more: Any) -> None:
    azure(rig).route(ENDPOINT, Traffic(shares=shares, **more), seconds=20)


def in_place(rig: Rig) -> tuple[dict[str, int], dict[str, int]]:
    endpoint = rig.service.store.resources[ENDPOINT]
    return serving.traffic(endpoint), serving.mirrored(endpoint)


def puts(rig: Rig) -> list[str]:
    return [path.rpartition("/")[2] for method, path in rig.service.requests if method == "PUT"]


def unheard(*told: object) -> None:
    del told


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

    made = AzureMLEndpoints(pace=PACE, registry="mlr-churn").deploy(ENDPOINT, served(2), MACHINES, seconds=20)

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
        endpoints.deploy(ENDPOINT, served(2), MACHINES, seconds=20)
        endpoints.route(ENDPOINT, Traffic(shares={1: 90, 2: 10}), seconds=20)
        kept = [one for one in endpoints.deployed(ENDPOINT) if one.id == "v-3"]
        endpoints.undeploy(kept, seconds=20, watcher=unheard)

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


def test_shares_and_a_mirror_are_put_in_place_in_one_change_and_again_is_none(rig: Rig) -> None:
    rig.deploy({"v-1": 100, "v-2": 0, "v-3": 0})

    split(rig, {1: 90, 2: 10}, mirrored=3, mirror_share=50)
    split(rig, {1: 90, 2: 10}, mirrored=3, mirror_share=50)

    assert (in_place(rig), rig.work()) == (({"v-1": 90, "v-2": 10}, {"v-3": 50}), ["PUT"])
    shown = [(one.id, one.traffic, one.mirrored) for one in azure(rig).deployed(ENDPOINT)]
    assert shown == [("v-1", 90, 0), ("v-2", 10, 0), ("v-3", 0, 50)]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"mirrored": 2, "mirror_share": 51}, "mirrors at most 50 % of the requests, not 51 %"),
        ({"sticky": "customer"}, "keeps no caller with a version, neither by 'customer' nor otherwise"),
    ],
)
def test_what_azure_cannot_do_is_refused_before_anything_is_asked(rig: Rig, more: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        split(rig, {1: 100}, **more)

    assert rig.service.requests == []


def test_a_version_that_is_not_there_gets_no_share(rig: Rig) -> None:
    rig.deploy({"v-1": 100})

    with pytest.raises(NotFoundError, match="no deployment v-2 at this endpoint"):
        split(rig, {1: 90, 2: 10})

    assert (in_place(rig), rig.work()) == (({"v-1": 100}, {}), [])


def test_a_version_that_a_list_does_not_show_yet_gets_its_share(rig: Rig) -> None:
    rig.deploy({"v-1": 100})
    deploy(rig, 2)
    cloud(rig).stale = 2

    split(rig, {1: 90, 2: 10})

    assert in_place(rig) == ({"v-1": 90, "v-2": 10}, {})


def test_shares_that_a_read_does_not_show_yet_are_no_other_operators(rig: Rig) -> None:
    rig.deploy({"v-1": 100, "v-2": 0})

    def meanwhile(request: Request) -> None:
        if any(one.done for one in rig.service.operations.values()) and request.method == "GET":
            rig.service.meanwhile, cloud(rig).stale = None, 3

    rig.service.meanwhile = meanwhile

    split(rig, {1: 90, 2: 10})

    assert (in_place(rig), cloud(rig).stale) == (({"v-1": 90, "v-2": 10}, {}), 0)


def test_who_finds_that_another_operator_changed_the_shares_afterwards_is_told(rig: Rig) -> None:
    rig.deploy({"v-1": 100, "v-2": 0})

    def meanwhile(request: Request) -> None:
        if request.method == "GET" and any(one.done for one in rig.service.operations.values()):
            with rig.service.store.changing() as content:
                serving.set_traffic(content["resources"][ENDPOINT], {"v-2": 100})

    rig.service.meanwhile = meanwhile

    with pytest.raises(LockedError, match="changed the shares of churn-dev-0a1b meanwhile; they are 100 % to v-2"):
        split(rig, {1: 90, 2: 10})

    assert in_place(rig) == ({"v-2": 100}, {})


def test_who_waits_for_another_operator_changes_nothing_of_what_that_one_did(rig: Rig) -> None:
    rig.deploy({"v-1": 100, "v-2": 0})

    def meanwhile(request: Request) -> None:
        if request.method == "PUT":
            rig.service.meanwhile = None

            def act() -> None:
                with rig.service.store.changing() as content:
                    serving.set_traffic(content["resources"][ENDPOINT], {"v-2": 100})

            rig.service.begin("other", ENDPOINT, act)

    rig.service.meanwhile = meanwhile

    with pytest.raises(LockedError, match="they are 100 % to v-2"):
        split(rig, {1: 90, 2: 10})

    assert in_place(rig) == ({"v-2": 100}, {})


@pytest.mark.parametrize(
    ("shares", "gone", "left"),
    [
        ({"v-1": 0, "v-2": 100}, ["v-1"], {"v-2": 100}),
        ({"v-1": 30, "v-2": 70}, ["v-1"], {"v-2": 100}),
        ({"v-1": 30, "v-2": 30, "v-3": 40}, ["v-1"], {"v-2": 30, "v-3": 70}),
        ({"v-1": 100, "v-2": 0}, ["v-1"], {}),
    ],
    ids=["stands by", "the smaller", "one of three", "the only one"],
)
def test_a_version_that_goes_leaves_its_share_to_those_that_stay(
    rig: Rig, shares: dict[str, int], gone: list[str], left: dict[str, int]
) -> None:
    rig.deploy(shares)
    models = [one for one in azure(rig).deployed(ENDPOINT) if one.id in gone]

    azure(rig).undeploy(models, seconds=20, watcher=unheard)

    assert (in_place(rig), rig.left()) == ((left, {}), sorted(set(shares) - set(gone)))


def test_a_version_that_is_mirrored_to_can_go(rig: Rig) -> None:
    rig.deploy({"v-1": 100, "v-2": 0})
    split(rig, {1: 100}, mirrored=2, mirror_share=10)
    (model,) = (one for one in azure(rig).deployed(ENDPOINT) if one.id == "v-2")

    azure(rig).undeploy([model], seconds=20, watcher=unheard)

    assert (in_place(rig), rig.left()) == (({"v-1": 100}, {}), ["v-1"])


def test_predictions_are_asked_as_azure_serves_a_model_of_mlflow_and_the_shares_decide_who_answers(rig: Rig) -> None:
    rig.deploy({"v-1": 100})

    answer = azure(rig).predict(ENDPOINT, [{"tenure": 1, "plan": "a"}, {"tenure": 2}])

    assert (answer, azure(rig).address(ENDPOINT)) == (
        {"predictions": ["v-1", "v-1"]}, "https://churn-dev-0a1b.westeurope.inference.ml.azure.com/score"
    )  # fmt: skip


def test_an_answer_that_is_an_object_is_passed_through(rig: Rig) -> None:
    rig.deploy({"v-1": 100})
    cloud(rig).online.answering = Answer(body={"predictions": [1], "model": "churn"})

    assert azure(rig).predict(ENDPOINT, [{"tenure": 1}]) == {"predictions": [1], "model": "churn"}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(status=424, body={"error": {"message": "model 500: no column tenure"}}), "no column tenure"),
        (Answer(content=b"<html>", headers={"Content-Type": "text/html"}), "did not answer in JSON: <html>"),
        (Answer(status=502, content=b"bad gateway", headers={"Content-Type": "text/plain"}), "bad gateway"),
    ],
    ids=["the model fails", "no JSON", "no JSON in a failure"],
)
def test_an_answer_that_is_none_is_told_in_its_own_words(rig: Rig, answer: Answer, said: str) -> None:
    rig.deploy({"v-1": 100})
    cloud(rig).online.answering = answer

    with pytest.raises(ResourceFailedError, match=said):
        azure(rig).predict(ENDPOINT, [{"tenure": 1}])


def test_who_may_not_ask_for_predictions_is_told_the_role_for_that(rig: Rig) -> None:
    rig.deploy({"v-1": 100})
    rig.service.strike(path="/score", status=403, body={"error": {"message": "no permission"}})

    with pytest.raises(ResourceFailedError) as refused:
        azure(rig).predict(ENDPOINT, [{"tenure": 1}])

    assert refused.value.hint.startswith(
        "Ask for groundplan's own role Endpoint Invoker, on resource group rg-churn-dev"
    )


def test_a_sign_in_that_the_endpoint_does_not_take_is_an_authentication_error(rig: Rig) -> None:
    rig.deploy({"v-1": 100})
    rig.service.strike(path="/score", status=401, body={"error": {"message": "token expired"}}, times=9)

    with pytest.raises(AuthenticationError):
        azure(rig).predict(ENDPOINT, [{"tenure": 1}])


SINCE = datetime(2026, 11, 27, 10, 0, 30, tzinfo=UTC)
FIRST = datetime(2026, 11, 27, 10, 1, tzinfo=UTC)


def requests(version: str, minute: datetime, value: float | None, code: str = "2xx") -> Point:
    dimensions = (("deployment", version), ("statusCodeClass", code))
    return Point(metric="RequestsPerMinute", minute=minute, value=value, dimensions=dimensions)


def latency(version: str, minute: datetime, p50: float, p95: float) -> list[Point]:
    return [
        Point(metric=f"RequestLatency_{name}", minute=minute, value=value, dimensions=(("deployment", version),))
        for name, value in (("P50", p50), ("P95", p95))
    ]


def observed(version: int, **known: Any) -> Observation:
    nothing: dict[str, Any] = {"requests": 0, "errors": 0, "latency_p50_ms": None, "latency_p95_ms": None}
    return Observation(version=version, since=clock.to_text(SINCE), **{**nothing, **known})


def test_what_versions_did_is_counted_by_whole_minutes_since_the_moment(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: FIRST + timedelta(days=2, hours=3))
    rig.deploy({"v-1": 90, "v-2": 10, "v-4": 0, "blue": 0})
    split(rig, {1: 90, 2: 10}, mirrored=4, mirror_share=20)
    next_minute, next_day = FIRST + timedelta(minutes=1), FIRST + timedelta(days=1, hours=1)
    cloud(rig).insights.points += [
        requests("v-1", FIRST - timedelta(minutes=1), 500),
        requests("v-1", FIRST, 30), requests("v-1", next_day, 10), requests("v-1", FIRST, 2, "5xx"),
        requests("v-1", FIRST, 3, "4xx"), requests("v-1", next_minute, None),
        *latency("v-1", FIRST, 10.0, 40.0), *latency("v-1", next_day, 28.0, 130.0),
        *latency("v-1", next_minute, 9.0, 9.0), requests("v-3", FIRST, 7),
        requests("v-4", FIRST, 9), requests("v-4", FIRST, 1, "5xx"), requests("blue", FIRST, 5),
    ]  # fmt: skip

    seen = azure(rig).observe(ENDPOINT, clock.to_text(SINCE))

    p50, p95 = (10.0 * 35 + 28.0 * 10) / 45, (40.0 * 35 + 130.0 * 10) / 45
    assert seen == [
        observed(1, requests=45, errors=2, latency_p50_ms=p50, latency_p95_ms=p95),
        observed(2),
        observed(3, requests=7),
        observed(4, mirrored=10, errors=1),
    ]


def test_no_version_is_left_out_however_many_there_are(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: FIRST + timedelta(hours=1))
    cloud(rig).insights.points += [requests(f"v-{number}", FIRST, number) for number in range(1, 31)]

    seen = azure(rig).observe(ENDPOINT, clock.to_text(SINCE))

    assert [(one.version, one.requests) for one in seen] == [(number, number) for number in range(1, 31)]


def test_a_moment_that_is_not_a_minute_ago_has_nothing_to_count(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: SINCE + timedelta(seconds=5))
    rig.deploy({"v-1": 100})

    assert azure(rig).observe(ENDPOINT, clock.to_text(SINCE)) == [observed(1)]
    assert [path for _, path in rig.service.requests if "Insights" in path] == []


def test_who_may_not_read_metrics_is_told_the_role_for_that(rig: Rig) -> None:
    body = {"error": {"code": "AuthorizationFailed", "message": "does not have authorization"}}
    rig.service.strike(path="/metrics", status=403, body=body)

    with pytest.raises(ResourceFailedError) as refused:
        azure(rig).observe(ENDPOINT, "2026-11-27T10:00:00.000Z")

    assert refused.value.hint.startswith("Ask for Monitoring Reader, on resource group rg-churn-dev")


def test_the_last_lines_of_a_versions_container_are_given(rig: Rig) -> None:
    rig.deploy({"v-1": 100})
    cloud(rig).online.logs["v-1"] = "one\ntwo\nthree\n"

    assert azure(rig).log(ENDPOINT, 1, lines=2) == "two\nthree\n"
    with pytest.raises(NotFoundError, match="no deployment v-9 at this endpoint"):
        azure(rig).log(ENDPOINT, 9, lines=2)


def test_what_azure_reads_of_a_request_is_json_that_names_no_deployment(rig: Rig) -> None:
    rig.deploy({"v-1": 100})
    seen: list[Request] = []
    rig.service.meanwhile = lambda request: seen.append(request) if request.path == "/score" else None

    azure(rig).predict(ENDPOINT, [{"tenure": 1, "plan": None}])

    (request,) = seen
    assert json.loads(request.content) == {
        "input_data": {"columns": ["tenure", "plan"], "index": [0], "data": [[1, None]]}
    }
    assert "azureml-model-deployment" not in request.headers
