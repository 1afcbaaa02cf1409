"""Every command that changes something in a cloud under the faults of its services, through the SDKs' real clients.

The services are stand-ins. Not proved: in which words a real service refuses, and how long its faults last.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Generator, Mapping
from functools import partial
from pathlib import Path

import pytest
from groundplan.core.errors import ResourceFailedError, TimeoutReachedError
from groundplan.lifecycle import rollouts

import cloud_faults
import serving_kit
from cloud_faults import PASSING, EachOnce
from cloud_verbs import VERBS, Shares, outcome
from conformance_kit import remove_copies
from conformance_on_clouds import CloudRig
from stand_in.services.http import Strike

pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")


@pytest.fixture(scope="module", params=serving_kit.PLATFORMS)
def started(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generator[serving_kit.Rig]:
    with serving_kit.rig(request.param, tmp_path_factory.mktemp(request.param)) as made, cloud_faults.at_once():
        yield made


@pytest.fixture
def rig(started: serving_kit.Rig, tmp_path: Path) -> Generator[CloudRig]:
    yield CloudRig(tmp_path, started, apart=True)
    gc.collect()  # what the SDKs left open of answers that broke off goes now, not under another test


_CHANGING = ("register", "promote", "a rollout's step", "roll back")
"""The others ask nothing that these do not: a rollback starts a version, takes one off, and moves a stage."""


@pytest.mark.parametrize("name", _CHANGING)
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


@pytest.mark.parametrize("name", ["promote", "roll back"])
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


_LASTING: Mapping[str, tuple[Shares, Shares]] = {
    "promote": ({}, {}),
    "deploy the first": ({}, {1: 100}),
    "roll back": ({2: 100}, {1: 100}),
    "undeploy": ({1: 100}, {}),
}
"""Commands that wait for an operation on both clouds: who answers while it lasts, and once it is over."""


@pytest.mark.parametrize("name", _LASTING)
def test_an_operation_that_never_ends_stops_a_command_at_its_limit_and_the_next_one_goes_on(
    rig: CloudRig, name: str
) -> None:
    verb, (before, after) = VERBS[name], _LASTING[name]
    verb.before(rig)
    usual, rig.seconds = rig.seconds, 1.0
    rig.service.patience = float("inf")
    with pytest.raises(TimeoutReachedError, match="did not end before the time limit") as over:
        verb.act(rig)
    meanwhile = dict(rig.shares())
    rig.service.patience, rig.seconds = 3, usual
    for one in rig.service.operations.values():
        one.left = min(one.left, 3)
    verb.act(rig)

    assert "Run the same command again: it goes on from what is done." in over.value.hint
    assert (meanwhile, rig.shares(), rig.there()) == (before, after, sorted(after))
    assert _whole(rig)


@pytest.mark.parametrize("name", _LASTING)
def test_an_operation_that_fails_late_changes_nothing_and_the_next_command_goes_on(rig: CloudRig, name: str) -> None:
    verb, (before, after) = VERBS[name], _LASTING[name]
    verb.before(rig)
    rig.service.late_error = {"code": 13, "message": "an internal error of the cloud"}
    with pytest.raises(ResourceFailedError, match="an internal error of the cloud"):
        verb.act(rig)
    meanwhile = dict(rig.shares())
    rig.service.late_error = None
    verb.act(rig)

    assert (meanwhile, rig.shares(), rig.there()) == (before, after, sorted(after))
    assert _whole(rig)


@pytest.mark.parametrize("name", ["register", "promote", "roll back"])
def test_reads_that_do_not_see_yet_what_was_done_mislead_no_command(rig: CloudRig, name: str) -> None:
    verb = VERBS[name]
    verb.before(rig)
    begun = rig.service.memory()
    verb.act(rig)
    wanted = outcome(rig)
    begun()

    cloud_faults.late_reads(rig.service, 2)
    verb.act(rig)
    cloud_faults.late_reads(rig.service, 0)

    assert [outcome(rig) for _ in range(3)][-1] == wanted  # the first ones may be late, too


def test_whoever_is_refused_is_told_which_role_to_ask_for_and_who_grants_it(
    started: serving_kit.Rig, tmp_path: Path
) -> None:
    known: set[str] = set()
    for name in ("register", "promote", "deploy the first", "a rollout's step", "undeploy"):
        rig, verb = CloudRig(tmp_path / name, started, apart=True), VERBS[name]
        verb.before(rig)
        begun = rig.service.memory()
        for method, path in cloud_faults.asked(rig.service, partial(verb.act, rig)):
            kind = cloud_faults.kind(method, path)
            if kind in known:
                continue
            known.add(kind)
            begun()
            order = cloud_faults.refusal(rig.service, path)
            rig.service.strikes[:] = [Strike(method=method, path=_steady(path), times=99, **order)]
            with pytest.raises(ResourceFailedError) as refused:
                verb.act(rig)
            assert re.match(r"Ask for .+; who (is|has) .+ can grant it\.", refused.value.hint), (kind, refused.value)
        rig.service.strikes.clear()

    assert len(known) > 12


def _steady(path: str) -> str:
    """The part of an address that is the same each time: evidence has the moment in it, and so another digest."""
    start, found, _ = path.partition("evidence")
    return start + found


def _whole(rig: CloudRig) -> bool:
    """Whether records are whole, and nothing is left to do."""
    platform = rig.platform()
    left = platform.rollouts.current("churn", "dev")
    return bool(platform.models.audit_log()) and (left is None or not rollouts.is_left(left))
