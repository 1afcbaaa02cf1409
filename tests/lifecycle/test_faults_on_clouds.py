"""Every command that changes something in a cloud under the faults of its services, through the SDKs' real clients.

The services are stand-ins. Not proved: in which words a real service refuses, and how long its faults last.
"""

from __future__ import annotations

import gc
from collections.abc import Generator
from pathlib import Path

import pytest

import cloud_faults
import serving_kit
from cloud_faults import PASSING, EachOnce
from cloud_verbs import VERBS, outcome
from conformance_kit import remove_copies
from conformance_on_clouds import CloudRig

pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")


@pytest.fixture(scope="module", params=serving_kit.PLATFORMS)
def started(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generator[serving_kit.Rig]:
    with serving_kit.rig(request.param, tmp_path_factory.mktemp(request.param)) as made, cloud_faults.at_once():
        yield made


@pytest.fixture
def rig(started: serving_kit.Rig, tmp_path: Path) -> Generator[CloudRig]:
    yield CloudRig(tmp_path, started, apart=True)
    gc.collect()  # what the SDKs left open of answers that broke off goes now, not under another test


@pytest.mark.parametrize(
    "name", ["register", "promote", "deploy the first", "a rollout's step", "roll back", "undeploy"]
)
def test_whatever_fails_once_a_command_comes_to_the_same_end(rig: CloudRig, name: str) -> None:
    verb = VERBS[name]
    verb.before(rig)
    begun = rig.service.memory()
    verb.act(rig)
    wanted = outcome(rig)

    for kind, order in PASSING.items():
        begun()
        remove_copies(rig.folder)
        strike = EachOnce(**order)
        rig.service.strikes[:] = [strike]
        verb.act(rig)
        rig.service.strikes.clear()
        assert (kind, outcome(rig)) == (kind, wanted)
        assert len(strike.met) >= 5


@pytest.mark.parametrize("name", ["promote", "a rollout's step", "roll back"])
def test_tokens_that_expire_on_the_way_are_replaced(rig: CloudRig, name: str) -> None:
    verb = VERBS[name]
    cloud_faults.short_lived(rig.service)
    try:
        verb.before(rig)
        begun = rig.service.memory()
        verb.act(rig)
        wanted = outcome(rig)
        begun()
        cloud_faults.expiring(rig.service)
        verb.act(rig)
        used = cloud_faults.token(rig.service)
    finally:
        cloud_faults.lasting(rig.service)

    assert used != "first"
    assert outcome(rig) == wanted
