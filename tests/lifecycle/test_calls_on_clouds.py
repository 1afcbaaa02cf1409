"""How many requests a step of a rollout makes to each cloud, and how often a model is fetched: no more than it needs.

Through the SDKs' real clients; what they ask by themselves (Azure's endpoint lists its deployments, too) counts.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest
from groundplan.lifecycle import rollouts
from groundplan.lifecycle.recorded import folders

import cloud_calls
import serving_kit
from conformance_kit import PLAN, SETTINGS
from conformance_on_clouds import CloudRig
from stand_in import serving

_STEP = {
    "azureml": {"records read": 6, "records written": 5, "looking": 8, "changing": 1, "waiting": 3},
    "vertex": {"records read": 6, "records written": 5, "looking": 4, "changing": 1},
}
_BARE = {
    "azureml": {"looking": 5, "changing": 1, "waiting": 3},
    "vertex": {"looking": 1, "changing": 1},
}


@pytest.fixture(scope="module", params=serving_kit.PLATFORMS)
def started(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generator[serving_kit.Rig]:
    with serving_kit.rig(request.param, tmp_path_factory.mktemp(request.param)) as made:
        yield made


@pytest.fixture
def rig(started: serving_kit.Rig, tmp_path: Path) -> CloudRig:
    return CloudRig(tmp_path, started)


def test_a_step_of_a_rollout_makes_no_more_calls_than_it_needs(rig: CloudRig, started: serving_kit.Rig) -> None:
    cloud_calls.at_half(rig)

    calls = cloud_calls.step(rig)

    assert rig.shares() == {2: 100}
    assert dict(calls) == _STEP[started.platform]


def test_the_sdk_alone_makes_the_calls_that_the_step_is_held_against(rig: CloudRig, started: serving_kit.Rig) -> None:
    cloud_calls.at_half(rig)
    newest = max(serving.traffic(started.service.store.resources[started.endpoint]))

    calls = cloud_calls.bare_step(started, {newest: 100})

    assert rig.shares() == {2: 100}
    assert dict(calls) == _BARE[started.platform]


def test_a_model_is_fetched_once_for_a_command_and_again_after_a_while(
    rig: CloudRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.promote(rig.register("a"))
    platform = rig.platform()
    plan = rig.plan()
    rig.service.requests.clear()

    rollouts.start(platform, PLAN, SETTINGS, plan, who="ada", now=rig.at(0))
    once = _fetched(rig)
    monkeypatch.setattr(folders, "FRESH_SECONDS", 0.0)
    platform.models.verify(platform.models.get("churn", 1))

    assert rig.shares() == {1: 100}
    assert (once, _fetched(rig)) == (1, 2)


def _fetched(rig: CloudRig) -> int:
    return rig.service.asked("GET", "model.skops")
