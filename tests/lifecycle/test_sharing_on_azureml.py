"""The shares of versions at an online endpoint of Azure ML, and versions that go, through the SDK's real client.

The service is a stand-in that decodes by Azure's published types. Not proved: how long a real operation takes.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import pytest
from groundplan.core.errors import (
    LockedError,
    NotFoundError,
    UsageError,
)

import azure_endpoint
import serving_kit
from azure_endpoint import ENDPOINT, azure, cloud, deploy, in_place, split, unheard
from serving_kit import Rig
from stand_in import serving
from stand_in.services.http import Request


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Generator[Rig]:
    with serving_kit.rig("azureml", tmp_path_factory.mktemp("azureml")) as made:
        yield made


@pytest.fixture
def rig(started: Rig) -> Rig:
    return azure_endpoint.reset(started)


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

    azure(rig).undeploy(models, seconds=120, watcher=unheard)

    assert (in_place(rig), rig.left()) == ((left, {}), sorted(set(shares) - set(gone)))


def test_a_version_that_is_mirrored_to_can_go(rig: Rig) -> None:
    rig.deploy({"v-1": 100, "v-2": 0})
    split(rig, {1: 100}, mirrored=2, mirror_share=10)
    (model,) = (one for one in azure(rig).deployed(ENDPOINT) if one.id == "v-2")

    azure(rig).undeploy([model], seconds=120, watcher=unheard)

    assert (in_place(rig), rig.left()) == (({"v-1": 100}, {}), ["v-1"])


def test_a_step_of_a_rollout_makes_no_more_calls_than_it_needs(rig: Rig) -> None:
    rig.deploy({"v-1": 100})
    azure(rig).deployed(ENDPOINT)
    rig.service.patience = 1

    def methods(act: Callable[[], object]) -> list[str]:
        begin = len(rig.service.requests)
        act()
        return [method for method, _ in rig.service.requests[begin:]]

    # The SDK itself looks at the endpoint and the workspace before it begins, and at what it made in the end.
    assert methods(lambda: deploy(rig, 2)) == [*["GET"] * 4, "PUT", "GET", "GET"]
    assert methods(lambda: deploy(rig, 2)) == ["GET"] * 3
    assert methods(lambda: split(rig, {1: 90, 2: 10})) == [*["GET"] * 3, "PUT", "GET", "GET"]
    assert methods(lambda: split(rig, {1: 90, 2: 10})) == ["GET"] * 2
