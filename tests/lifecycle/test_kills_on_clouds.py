"""A kill at every request of a command to a cloud: the next command comes to the same end, and nothing is orphaned.

Through the SDKs' real clients and real HTTP; the services are stand-ins. The next command is another machine's, which
has nothing of what the killed one fetched.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from groundplan.core.errors import NotFoundError
from groundplan.lifecycle import promotion, rollouts

import cloud_kills
import serving_kit
from cloud_kills import KilledError
from conformance_kit import PLAN, good, remove_copies, transitions
from conformance_on_clouds import CloudRig

Shares = Mapping[int, int]


@dataclass(frozen=True, kw_only=True)
class Verb:
    """A command: what was there ``before`` it, what it does, and who may answer while it is at work."""

    before: Callable[[CloudRig], object]
    act: Callable[[CloudRig], object]
    allowed: tuple[Shares, ...]


def _served(rig: CloudRig) -> None:
    rig.serve("a")
    rig.promote(rig.register("b"))
    rig.tell(good(1), good(2, mirrored=100))


def _at_half(rig: CloudRig) -> None:
    _served(rig)
    rig.deploy("canary")
    for minute in (2, 4):
        rig.look(minute)


def _taken_over(rig: CloudRig) -> None:
    _served(rig)
    rig.deploy()


def _in_staging(rig: CloudRig) -> None:
    rig.promote(rig.promote(rig.register("a")), to="staging")
    rig.promote(rig.register("b"))


def _promote(rig: CloudRig) -> None:
    rig.promote(rig.platform().models.get("churn", 2), to="staging")


def _reject(rig: CloudRig) -> None:
    platform = rig.platform()
    promotion.reject(platform, PLAN, platform.models.get("churn", 1), who="bob", reason="bad data")


def _roll_back(rig: CloudRig) -> None:
    rollouts.roll_back(rig.platform(), "churn", "dev", who="bob", reason="errors", now=rig.at(9))


def _step(rig: CloudRig) -> None:
    if rig.current().phase == 2 or rollouts.is_left(rig.current()):
        rig.look(6)


def _undeploy(rig: CloudRig) -> None:
    with suppress(NotFoundError):  # as the one that was killed may have come to its end
        rig.platform().endpoints.undeploy("churn", "dev")


_VERBS = {
    "register": Verb(before=lambda rig: rig.register("a"), act=lambda rig: rig.register("b"), allowed=({},)),
    "promote": Verb(before=_in_staging, act=_promote, allowed=({},)),
    "reject": Verb(before=lambda rig: rig.promote(rig.register("a")), act=_reject, allowed=({},)),
    "deploy the first": Verb(
        before=lambda rig: rig.promote(rig.register("a")), act=lambda rig: rig.deploy(), allowed=({}, {1: 100})
    ),
    "begin a rollout": Verb(before=_served, act=lambda rig: rig.deploy("blue-green"), allowed=({1: 100},)),
    "a rollout's step": Verb(before=_at_half, act=_step, allowed=({1: 50, 2: 50}, {2: 100})),
    "roll back": Verb(before=_taken_over, act=_roll_back, allowed=({2: 100}, {1: 100})),
    "undeploy": Verb(before=lambda rig: rig.serve("a"), act=_undeploy, allowed=({1: 100}, {})),
}  # fmt: skip


@pytest.fixture(scope="module", params=serving_kit.PLATFORMS)
def started(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generator[serving_kit.Rig]:
    with serving_kit.rig(request.param, tmp_path_factory.mktemp(request.param)) as made:
        yield made


@pytest.fixture
def rig(started: serving_kit.Rig, tmp_path: Path) -> CloudRig:
    return CloudRig(tmp_path, started, apart=True)


@pytest.mark.parametrize("name", _VERBS)
def test_killed_at_any_request_the_next_command_comes_to_the_same_end(rig: CloudRig, name: str) -> None:
    verb = _VERBS[name]
    verb.before(rig)
    states = cloud_kills.left_by_kills(rig.service, lambda: verb.act(rig))
    wanted = _outcome(rig)

    for left in states[:-1]:  # after the last one nothing is left to do
        left.put_back()
        remove_copies(rig.folder)
        assert rig.shares() in verb.allowed, f"killed after {left.requests} requests"
        assert set(rig.there()) <= _on_record(rig), f"killed after {left.requests} requests"
        verb.act(rig)
        assert _outcome(rig) == wanted, f"killed after {left.requests} requests"

    assert len(states) >= 4


def _on_record(rig: CloudRig) -> set[int]:
    """What any command knows to be on the endpoint, whatever was cut short."""
    found = rig.records().read("deployments/churn.json")
    kept = None if found is None else json.loads(found.text)
    return set() if kept is None else {one["version"] for one in (kept["served"], *kept["beside"])}


def _outcome(rig: CloudRig) -> object:
    """All that a kill must not change: stages, labels, traffic, versions, and every line of the log exactly once."""
    platform = rig.platform()
    log = [one for one in platform.models.audit_log() if one.details.get("kind") != "held"]
    lines = [(one.action, one.version, one.environment, one.details.get("kind")) for one in log]
    pages = sorted((one.version, one.digest, one.stages, one.labels) for one in rig.registry().versions("churn"))
    rollout = platform.rollouts.current("churn", "dev")
    served = [
        (one.deployment.served.version, one.health, one.deployment.traffic) for one in platform.endpoints.states()
    ]
    kinds = [] if rollout is None else [rollout.status, rollouts.is_left(rollout), *transitions(rollout)]
    return rig.stages(), pages, dict(rig.shares()), rig.mirrored(), rig.there(), served, kinds, lines


def test_killed_in_a_step_the_rollout_can_be_rolled_back_at_once(rig: CloudRig) -> None:
    _at_half(rig)

    for left in cloud_kills.left_by_kills(rig.service, lambda: _step(rig)):
        left.put_back()
        remove_copies(rig.folder)
        _roll_back(rig)
        assert (rig.shares(), rig.there()) == ({1: 100}, [1]), f"killed after {left.requests} requests"
        assert rig.stages() == {1: ("dev", "registered"), 2: (None, "retired")}
        assert (rig.current().status, rollouts.is_left(rig.current())) == ("rolled-back", False)


def test_a_process_that_is_killed_leaves_one_of_the_states_that_were_remembered(rig: CloudRig) -> None:
    verb = _VERBS["deploy the first"]
    verb.before(rig)
    begun = rig.service.memory()
    states = cloud_kills.left_by_kills(rig.service, lambda: verb.act(rig))
    wanted, remembered = _outcome(rig), list[object]()
    for left in states:
        left.put_back()
        remembered.append(_seen(rig))

    for quarter in (1, 2, 3):
        begun()
        with cloud_kills.killed_after(rig.service, states[-1].requests * quarter // 4), pytest.raises(KilledError):
            verb.act(rig)
        assert _seen(rig) in remembered[:-1]
        verb.act(rig)
        assert _outcome(rig) == wanted


def _seen(rig: CloudRig) -> object:
    """What lies in the cloud, apart from moments and tags."""
    names = [
        name
        for folder in ("audit", "deployments", "evidence", "models", "rollouts")
        for name in rig.records().names(f"{folder}/")
    ]
    return names, rig.there(), dict(rig.shares()), rig.stages()
