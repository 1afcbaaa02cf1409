"""Putting versions on Vertex AI's endpoints, through the SDK's real clients and real HTTP.

The service is a stand-in that decodes by Google's discovery documents. Not proved: how long real work takes, in which
words a real service refuses, when a metric can be seen.
"""

from __future__ import annotations

import threading
from collections.abc import Generator
from typing import Any

import pytest
from groundplan.core import digests
from groundplan.core.errors import (
    NotFoundError,
    ResourceFailedError,
    StoreCorruptedError,
    TimeoutReachedError,
)
from groundplan.lifecycle.contract.traffic import Traffic

import serving_kit
from serving_kit import LOCATION, Rig
from vertex_kit import BEGINS, FAULTS, MACHINES, deploy, route, serve, versions, vertex


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Generator[Rig]:
    with serving_kit.rig("vertex", tmp_path_factory.mktemp("vertex")) as made:
        yield made


@pytest.fixture
def rig(started: Rig) -> Rig:
    started.reset()
    return started


def test_a_version_comes_beside_the_others_and_gets_no_traffic(rig: Rig) -> None:
    first, second = deploy(rig, 1, 2)

    assert [(one.model, one.version, one.traffic, one.health) for one in (first, second)] == [
        ("churn", "1", 0, "ready"),
        ("churn", "2", 0, "ready"),
    ]
    assert rig.adapter.deployed(rig.endpoint) == [first, second]
    assert versions(rig) == {"churn-v1": 0, "churn-v2": 0}


def test_a_version_that_is_there_is_deployed_only_once(rig: Rig) -> None:
    served = serve(rig, 1)
    first = rig.adapter.deploy(rig.endpoint, served, MACHINES, seconds=120)
    again = rig.adapter.deploy(rig.endpoint, served, MACHINES, seconds=120)

    assert (again, rig.work()) == (first, ["POST"])


def test_traffic_that_is_there_stays_as_it_is_when_a_version_comes(rig: Rig) -> None:
    deploy(rig, 1)
    route(rig, {1: 100})

    deploy(rig, 2)

    assert versions(rig) == {"churn-v1": 100, "churn-v2": 0}


@FAULTS
def test_what_passes_is_asked_again_while_deploying(rig: Rig, order: dict[str, Any]) -> None:
    for part in ("endpoints/123456789", "/operations/"):
        rig.service.strike(**{"path": part, **order})
    rig.service.strike(**{**order, **BEGINS})

    deploy(rig, 1)

    assert (versions(rig), [one.times for one in rig.service.strikes]) == ({"churn-v1": 0}, [0, 0, 0])


def test_a_deployment_whose_answer_was_lost_is_not_begun_a_second_time(rig: Rig) -> None:
    rig.service.strike(kind="reset", done=True, **BEGINS)

    deploy(rig, 1)

    assert (versions(rig), len(rig.service.operations)) == ({"churn-v1": 0}, 1)


def test_a_kill_at_any_request_of_a_rollout_step_is_repaired_by_the_next_command(rig: Rig) -> None:
    number = kills = 0
    while True:
        rig.reset()
        rig.service.patience = 1
        served = serve(rig, 2)
        deploy(rig, 1)
        route(rig, {1: 100})
        rig.service.strike(kind="reset", after=number, path="/v1/", done=number % 2 == 0)
        try:
            rig.impatient.deploy(rig.endpoint, served, MACHINES, seconds=120)
            rig.impatient.route(rig.endpoint, Traffic(shares={1: 90, 2: 10}), seconds=120)
        except ResourceFailedError:
            kills += 1
            rig.adapter.deploy(rig.endpoint, served, MACHINES, seconds=120)
            route(rig, {1: 90, 2: 10})
        assert versions(rig) == {"churn-v1": 90, "churn-v2": 10}
        if rig.service.strikes[0].times:
            break
        number += 1

    assert kills >= 7


def test_a_deployment_that_never_ends_stops_at_the_limit_and_the_next_command_waits_for_it(rig: Rig) -> None:
    served = serve(rig, 1)
    rig.service.patience = float("inf")

    with pytest.raises(TimeoutReachedError, match=r"deploy churn version 1 did not end before the time limit"):
        rig.adapter.deploy(rig.endpoint, served, MACHINES, seconds=0.3)
    for one in rig.service.operations.values():
        one.left = 6
    found = rig.adapter.deploy(rig.endpoint, served, MACHINES, seconds=120)

    assert (found.version, len(rig.service.operations), versions(rig)) == ("1", 1, {"churn-v1": 0})


def test_a_version_whose_container_does_not_come_up_is_taken_away_and_the_traffic_stays(rig: Rig) -> None:
    deploy(rig, 1)
    route(rig, {1: 100})
    vertex(rig).half_way = True
    rig.service.late_error = {"code": 9, "message": "Model server never became ready. Please validate the container."}
    served = serve(rig, 2)
    # What failed is taken away; that work succeeds.
    rig.service.meanwhile = lambda request: _heal(rig) if ":undeployModel" in request.path else None

    with pytest.raises(ResourceFailedError, match="never became ready") as failed:
        rig.adapter.deploy(rig.endpoint, served, MACHINES, seconds=120)

    assert versions(rig) == {"churn-v1": 100}
    assert "the traffic is as it was. What its container wrote: gcloud logging read" in failed.value.hint


def test_what_a_killed_command_left_of_a_version_that_does_not_come_up_is_put_there_anew(
    rig: Rig,
) -> None:
    (left,) = deploy(rig, 1)
    with rig.service.store.changing() as content:
        (model,) = content["resources"][rig.endpoint]["outputs"]["deployedModels"]
        model["status"] = {"availableReplicaCount": 0, "message": "the container does not start"}

    made = rig.adapter.deploy(rig.endpoint, serving_kit.served(1), MACHINES, seconds=120)

    assert (made.health, made.id == left.id, versions(rig)) == ("ready", False, {"churn-v1": 0})


def _heal(rig: Rig) -> None:
    rig.service.late_error = None


def test_a_quota_says_of_what_where_and_how_much(rig: Rig) -> None:
    rig.service.late_error = {
        "code": 8,
        "message": "The following quota metrics exceed quota limits: "
        "aiplatform.googleapis.com/custom_model_serving_nvidia_t4_gpus",
    }

    with pytest.raises(ResourceFailedError) as failed:
        deploy(rig, 1)

    assert failed.value.hint == (
        "Ask for more of aiplatform.googleapis.com/custom_model_serving_nvidia_t4_gpus in europe-west4 for 1 to 3 "
        "machines n1-standard-4 (in the console: IAM & Admin, Quotas, project acme-churn), or set another size of the "
        "endpoint in groundplan.yaml."
    )


def test_a_quota_that_is_refused_at_once_is_not_asked_for_again(rig: Rig) -> None:
    message = "The following quota metrics exceed quota limits: aiplatform.googleapis.com/custom_model_serving_cpus"
    body = {"error": {"code": 429, "message": message, "status": "RESOURCE_EXHAUSTED"}}
    rig.service.strike(status=429, body=body, times=9, **BEGINS)

    with pytest.raises(ResourceFailedError, match="custom_model_serving_cpus"):
        deploy(rig, 1)

    assert rig.service.strikes[0].times == 8


def test_a_token_that_expires_while_an_operation_goes_on_is_renewed(rig: Rig) -> None:
    vertex(rig).token = "second"

    deploy(rig, 1)
    vertex(rig).token = "first"
    deploy(rig, 2)

    assert versions(rig) == {"churn-v1": 0, "churn-v2": 0}


GRANTS = {
    "aiplatform.endpoints.deploy": "roles/aiplatform.user, or groundplan's own role Deployer, on project acme-churn; "
    "who has roles/resourcemanager.projectIamAdmin there can grant it.",
    "iam.serviceAccounts.actAs": "roles/iam.serviceAccountUser on the service account of the endpoint; "
    "who has roles/iam.serviceAccountAdmin there can grant it.",
}


@pytest.mark.parametrize("permission", GRANTS)
def test_who_may_not_deploy_is_told_the_role_and_who_grants_it(rig: Rig, permission: str) -> None:
    body = {"error": {"code": 403, "message": f"Permission '{permission}' denied", "status": "PERMISSION_DENIED"}}
    rig.service.strike(status=403, body=body, **BEGINS)

    with pytest.raises(ResourceFailedError) as refused:
        deploy(rig, 1)

    assert (refused.value.hint, versions(rig)) == (f"Ask for {GRANTS[permission]}", {})


def test_an_endpoint_that_is_gone_is_not_found(rig: Rig) -> None:
    served = serve(rig, 1)
    rig.service.store.delete(rig.endpoint)

    for act in (
        lambda: rig.adapter.deploy(rig.endpoint, served, MACHINES, seconds=120),
        lambda: rig.adapter.route(rig.endpoint, Traffic(shares={1: 100}), seconds=120),
        lambda: rig.adapter.address(rig.endpoint),
        lambda: rig.adapter.predict(rig.endpoint, [{"age": 1}]),
    ):
        with pytest.raises(NotFoundError, match="there is no endpoint"):
            act()

    assert rig.work() == []


def test_a_version_that_is_not_registered_there_is_not_deployed(rig: Rig) -> None:
    served = serve(rig, 1)
    vertex(rig).models.clear()

    with pytest.raises(NotFoundError, match=f"churn version 1 is not in the registry of {LOCATION}"):
        rig.adapter.deploy(rig.endpoint, served, MACHINES, seconds=120)

    assert rig.work() == []


def test_a_version_of_another_folder_is_not_deployed(rig: Rig) -> None:
    served = serve(rig, 1)
    address = f"gs://churn-dev/other/{digests.of_value('other').removeprefix('sha256:')}"
    vertex(rig).models.content[f"{LOCATION}/models/churn--churn"][0]["artifactUri"] = address

    with pytest.raises(StoreCorruptedError, match="is not of the folder sha256"):
        rig.adapter.deploy(rig.endpoint, served, MACHINES, seconds=120)

    assert rig.work() == []


def test_what_was_done_and_is_not_seen_yet_is_waited_for(rig: Rig) -> None:
    vertex(rig).lag = 3

    (made,) = deploy(rig, 1)

    assert (made.version, len(rig.service.operations)) == ("1", 1)


def test_a_version_runs_on_the_machines_the_gpus_and_as_the_account_that_the_endpoint_names(rig: Rig) -> None:
    labels = {**serving_kit.VERTEX_LABELS, "gpu": "nvidia-l4", "gpus": "2"}
    rig.service.store.change(rig.endpoint, {"labels": labels})

    deploy(rig, 1)
    (made,) = rig.service.store.resources[rig.endpoint]["outputs"]["deployedModels"]

    assert made["serviceAccount"] == "churn-dev-endpoint@acme-churn.iam.gserviceaccount.com"
    assert made["dedicatedResources"] == {
        "machineSpec": {"machineType": "n1-standard-4", "acceleratorType": _enum("NVIDIA_L4"), "acceleratorCount": 2},
        "minReplicaCount": 1,
        "maxReplicaCount": 3,
    }


def _enum(name: str) -> int:
    from google.cloud.aiplatform_v1 import AcceleratorType

    return AcceleratorType[name].value


def test_a_version_goes_on_the_machines_of_the_pool_that_the_endpoint_names(rig: Rig) -> None:
    pool = f"{LOCATION}/deploymentResourcePools/churn-dev"
    rig.service.store.occupy(pool, "gcp:vertex/aiDeploymentResourcePool:AiDeploymentResourcePool", name="churn-dev")
    rig.service.store.change(rig.endpoint, {"labels": {**serving_kit.VERTEX_LABELS, "pool": "churn-dev"}})

    (made,) = deploy(rig, 1)

    assert (made.pool, rig.adapter.deployed(pool)) == (pool, [made])


def test_two_who_deploy_at_once_both_get_what_they_asked_for(rig: Rig) -> None:
    both = [serve(rig, 1), serve(rig, 2)]
    rig.adapter.deployed(rig.endpoint)
    threads = [
        threading.Thread(target=rig.adapter.deploy, args=(rig.endpoint, one, MACHINES), kwargs={"seconds": 60})
        for one in both
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert versions(rig) == {"churn-v1": 0, "churn-v2": 0}
