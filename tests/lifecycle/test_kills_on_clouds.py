"""A kill at every request of a command to a cloud: the next command comes to the same end, and nothing is orphaned.

Through the SDKs' real clients and real HTTP; the services are stand-ins. The next command is another machine's, which
has nothing of what the killed one fetched.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from pathlib import Path

import pytest
from groundplan.lifecycle import rollouts

import cloud_kills
import serving_kit
from cloud_verbs import VERBS, at_half, outcome, roll_back, step
from conformance_kit import remove_copies
from conformance_on_clouds import CloudRig


@pytest.fixture(scope="module", params=serving_kit.PLATFORMS)
def started(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generator[serving_kit.Rig]:
    with serving_kit.rig(request.param, tmp_path_factory.mktemp(request.param)) as made:
        yield made


@pytest.fixture
def rig(started: serving_kit.Rig, tmp_path: Path) -> CloudRig:
    return CloudRig(tmp_path, started, apart=True)


@pytest.mark.parametrize("name", VERBS)
def test_killed_at_any_request_the_next_command_comes_to_the_same_end(rig: CloudRig, name: str) -> None:
    verb = VERBS[name]
    verb.before(rig)
    states = cloud_kills.left_by_kills(rig.service, lambda: verb.act(rig))
    wanted = outcome(rig)

    for left in states[:-1]:  # after the last one nothing is left to do
        left.put_back()
        remove_copies(rig.folder)
        assert rig.shares() in verb.allowed, f"killed after {left.requests} requests"
        assert set(rig.there()) <= _on_record(rig), f"killed after {left.requests} requests"
        verb.act(rig)
        assert outcome(rig) == wanted, f"killed after {left.requests} requests"

    assert len(states) >= 4


def _on_record(rig: CloudRig) -> set[int]:
    """What any command knows to be on the endpoint, whatever was cut short."""
    found = rig.records().read("deployments/churn.json")
    kept = None if found is None else json.loads(found.text)
    return set() if kept is None else {one["version"] for one in (kept["served"], *kept["beside"])}


def test_killed_in_a_step_the_rollout_can_be_rolled_back_at_once(rig: CloudRig) -> None:
    at_half(rig)

    for left in cloud_kills.left_by_kills(rig.service, lambda: step(rig)):
        left.put_back()
        remove_copies(rig.folder)
        roll_back(rig)
        assert (rig.shares(), rig.there()) == ({1: 100}, [1]), f"killed after {left.requests} requests"
        assert rig.stages() == {1: ("dev", "registered"), 2: (None, "retired")}
        assert (rig.current().status, rollouts.is_left(rig.current())) == ("rolled-back", False)


def test_a_process_that_is_killed_leaves_one_of_the_states_that_were_remembered(rig: CloudRig) -> None:
    verb = VERBS["deploy the first"]
    verb.before(rig)
    begun = rig.service.memory()
    states = cloud_kills.left_by_kills(rig.service, lambda: verb.act(rig))
    wanted, remembered = outcome(rig), list[object]()
    for left in states:
        left.put_back()
        remembered.append(_seen(rig))

    for quarter in (1, 2, 3):
        begun()
        cloud_kills.kill(rig.service, states[-1].requests * quarter // 4, lambda: verb.act(rig))
        assert _seen(rig) in remembered[:-1]
        verb.act(rig)
        assert outcome(rig) == wanted


def _seen(rig: CloudRig) -> object:
    """What lies in the cloud, apart from moments and tags."""
    names = [
        name
        for folder in ("audit", "deployments", "evidence", "models", "rollouts")
        for name in rig.records().names(f"{folder}/")
    ]
    return names, rig.there(), dict(rig.shares()), rig.stages()
