"""Sharing the requests of Vertex AI's endpoints, through the SDK's real clients and real HTTP.

The service is a stand-in that decodes by Google's discovery documents. Not proved: how long real work takes, in which
words a real service refuses, when a metric can be seen.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest
from groundplan.core.errors import (
    LockedError,
    NotFoundError,
    UsageError,
)
from groundplan.lifecycle.contract.traffic import Traffic

import serving_kit
from serving_kit import Rig
from stand_in import serving
from stand_in.services.http import Request
from vertex_kit import FAULTS, SHARES, deploy, route, versions


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Generator[Rig]:
    with serving_kit.rig("vertex", tmp_path_factory.mktemp("vertex")) as made:
        yield made


@pytest.fixture
def rig(started: Rig) -> Rig:
    started.reset()
    return started


def test_shares_change_in_one_step_and_the_same_again_changes_nothing(rig: Rig) -> None:
    deploy(rig, 1, 2)
    rig.service.requests.clear()

    route(rig, {1: 90, 2: 10})
    step = [method for method, path in rig.service.requests if "/v1/" in path]
    route(rig, {1: 90, 2: 10})

    assert versions(rig) == {"churn-v1": 90, "churn-v2": 10}
    assert (step, rig.work()) == (["GET", "PATCH", "GET"], ["PATCH"])


def test_an_endpoint_can_have_no_traffic_at_all(rig: Rig) -> None:
    deploy(rig, 1)
    route(rig, {1: 100})

    route(rig, {})

    assert (versions(rig), rig.shares()) == ({"churn-v1": 0}, {})


def test_a_version_that_is_not_there_gets_no_share(rig: Rig) -> None:
    deploy(rig, 1)
    rig.service.requests.clear()

    with pytest.raises(NotFoundError, match="not at the endpoint: version 2; there: 1"):
        route(rig, {1: 90, 2: 10})

    assert rig.work() == []


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Traffic(shares={1: 100}, mirrored=2, mirror_share=10), "Vertex AI sends no copies of requests"),
        (Traffic(shares={1: 100}, sticky="customer"), "does not keep a caller with a version by the field 'customer'"),
    ],
    ids=["mirrored", "sticky"],
)
def test_what_vertex_cannot_do_is_refused_before_anything_is_asked(rig: Rig, wanted: Traffic, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        rig.adapter.route(rig.endpoint, wanted, seconds=120)

    assert rig.service.requests == []


@FAULTS
def test_what_passes_is_asked_again_while_sharing(rig: Rig, order: dict[str, Any]) -> None:
    deploy(rig, 1)
    rig.service.strike(path="endpoints/123456789", **order)

    route(rig, {1: 100})

    assert (versions(rig), rig.service.strikes[0].times) == ({"churn-v1": 100}, 0)


def test_shares_whose_answer_was_lost_are_not_put_in_place_twice(rig: Rig) -> None:
    deploy(rig, 1)
    rig.service.strike(kind="reset", done=True, **SHARES)
    rig.service.requests.clear()

    route(rig, {1: 100})

    assert (versions(rig), rig.work()) == ({"churn-v1": 100}, ["PATCH"])


def test_traffic_that_somebody_else_changed_meanwhile_is_left_as_he_put_it(rig: Rig) -> None:
    deploy(rig, 1, 2)
    first, second = rig.left()
    route(rig, {1: 100})

    def meanwhile(request: Request) -> None:
        if request.method == "PATCH":
            rig.service.meanwhile = None
            with rig.service.store.changing() as content:
                serving.set_traffic(content["resources"][rig.endpoint], {second: 100})

    rig.service.meanwhile = meanwhile
    with pytest.raises(LockedError, match="somebody else changed the traffic meanwhile") as locked:
        route(rig, {1: 90, 2: 10})

    assert f"it was 100 % to {first} and is 100 % to {second} now" in str(locked.value)
    assert versions(rig) == {"churn-v1": 0, "churn-v2": 100}


def test_an_endpoint_that_changed_otherwise_meanwhile_still_gets_its_shares(rig: Rig) -> None:
    deploy(rig, 1)
    body = {"error": {"code": 409, "message": "The etag does not match.", "status": "ABORTED"}}
    rig.service.strike(method="PATCH", path="/endpoints/", status=409, body=body)

    route(rig, {1: 100})

    assert versions(rig) == {"churn-v1": 100}
