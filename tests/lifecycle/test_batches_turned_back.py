"""A batch endpoint goes back to the version that worked before: on record, in its stage, in the audit log; and kills.

A cloud in memory stands in for a real one here; test_batch_on_clouds.py has the clouds' own adapters.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest
from groundplan.core.errors import LockedError, NotFoundError, PolicyError, StoreCorruptedError, UsageError
from groundplan.lifecycle import batches, deployment, promotion
from groundplan.lifecycle.contract.batch import BatchDeployment, BatchState
from groundplan.lifecycle.contract.deployment import EndpointSettings

from conformance_kit import PLAN, RecordedRig
from memory_cloud import Killed

SETTINGS = EndpointSettings(name="nightly", environment="dev", model="churn", kind="batch")


@pytest.fixture
def rig(tmp_path: Path) -> RecordedRig:
    return RecordedRig(tmp_path, copies=50)


def work(rig: RecordedRig, *markers: str) -> None:
    """These models are registered, promoted and work, one after the other."""
    for marker in markers:
        version = rig.promote(rig.register(marker))
        platform = rig.platform()
        served = deployment.demand(platform, PLAN, version, "dev")
        batches.work(platform, SETTINGS, served, who="ada")


def roll_back(rig: RecordedRig, to: int | None = None, reason: str = "errors") -> BatchDeployment:
    return batches.roll_back(rig.platform(), "nightly", "dev", who="bob", reason=reason, to=to)


def state(rig: RecordedRig) -> BatchState:
    known = rig.platform().batches
    assert known is not None
    (found,) = known.states()
    return found


def logged(rig: RecordedRig) -> Sequence[tuple[str, int | None, str, object]]:
    """What the audit log says of who works at batch endpoints."""
    lines = [one for one in rig.platform().models.audit_log() if "endpoint" in one.details]
    return [(one.action, one.version, one.reason, one.details.get("back")) for one in lines]


def outcome(rig: RecordedRig) -> object:
    there = state(rig).deployment
    turned = None if there.turned is None else (there.turned.version, there.turned.reason, there.turned.logged)
    before = [one.version for one in there.before]
    return there.served.version, before, turned, rig.batches.deployed[-1], rig.stages(), logged(rig)


def test_the_version_that_worked_before_works_again_and_the_other_leaves_its_stage(rig: RecordedRig) -> None:
    work(rig, "a", "b")

    made = roll_back(rig)

    assert (made.served.version, made.served.digest) == (1, rig.platform().models.get("churn", 1).digest)
    assert outcome(rig) == (
        1, [], (2, "errors", True), 1, {1: ("dev", "registered"), 2: (None, "retired")},
        [("deploy", 1, "", None), ("deploy", 2, "", None), ("rollback", 2, "errors", 1)],
    )  # fmt: skip


def test_again_it_says_that_the_last_good_version_works_already(rig: RecordedRig) -> None:
    work(rig, "a", "b", "c")
    roll_back(rig)

    with pytest.raises(PolicyError, match="version 2 is the last good one and works already: version 3 was") as caught:
        roll_back(rig)

    assert caught.value.problems[0].hint == "To go further back: groundplan rollback nightly -e dev --to 1"
    assert roll_back(rig, to=1).served.version == 1
    assert [one[:2] for one in logged(rig)][-2:] == [("rollback", 3), ("rollback", 2)]


def test_what_works_anew_goes_back_to_what_worked_before_it_not_to_what_was_turned_back(rig: RecordedRig) -> None:
    work(rig, "a", "b")
    roll_back(rig)
    work(rig, "c")

    assert roll_back(rig).served.version == 1


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_killed_at_any_write_the_next_command_comes_to_the_same_end(tmp_path: Path, done: bool) -> None:
    whole = RecordedRig(tmp_path / "whole", copies=50)
    work(whole, "a", "b")
    whole.cloud.fuse.changes = 0
    roll_back(whole)
    wanted, writes = outcome(whole), whole.cloud.fuse.changes

    for number in range(writes):
        rig = RecordedRig(tmp_path / str(number), copies=50)
        work(rig, "a", "b")
        rig.cloud.fuse.left, rig.cloud.fuse.done = number, done
        with pytest.raises(Killed):
            roll_back(rig)
        rig.cloud.fuse.left = None
        if number < writes - 1 or not done:
            roll_back(rig)
        assert outcome(rig) == wanted, f"killed at write {number} of {writes}"

    assert writes > 5


def test_what_a_kill_left_is_ended_by_the_next_deployment_too(rig: RecordedRig) -> None:
    work(rig, "a", "b")
    rig.cloud.fuse.left, rig.cloud.fuse.done = 0, True
    with pytest.raises(Killed):
        roll_back(rig)
    rig.cloud.fuse.left = None
    assert batches.is_left(state(rig).deployment)

    work(rig, "c")

    assert [one[:2] for one in logged(rig)] == [("deploy", 1), ("deploy", 2), ("rollback", 2), ("deploy", 3)]
    assert [one.version for one in state(rig).deployment.before] == [1]


def test_of_two_operators_the_second_is_told_what_the_first_did(rig: RecordedRig) -> None:
    work(rig, "a", "b", "c")
    rig.cloud.records["dev"].meanwhile = lambda name: roll_back(rig) and None

    with pytest.raises(LockedError, match="what works at nightly@dev was changed meanwhile: bob let version 2 work"):
        roll_back(rig)

    assert [one[:2] for one in logged(rig)][3:] == [("rollback", 3)]
    assert state(rig).deployment.served.version == 2


def test_what_cannot_be_is_refused_before_anything_changes(rig: RecordedRig) -> None:
    work(rig, "a")
    with pytest.raises(NotFoundError, match="nothing worked at nightly@dev before version 1"):
        roll_back(rig)
    work(rig, "b")
    before = outcome(rig)

    with pytest.raises(UsageError, match="a rollback needs a reason"):
        roll_back(rig, reason="")
    with pytest.raises(NotFoundError, match="version 7 did not work at nightly@dev before version 2"):
        roll_back(rig, to=7)
    rig.tamper(rig.platform().models.get("churn", 1))
    with pytest.raises(StoreCorruptedError):
        roll_back(rig)

    assert outcome(rig) == before


def test_a_version_that_was_rejected_does_not_work_again(rig: RecordedRig) -> None:
    work(rig, "a", "b")
    platform = rig.platform()
    promotion.reject(platform, PLAN, platform.models.get("churn", 1), who="eve", reason="bad data")

    with pytest.raises(PolicyError, match="churn version 1 was rejected and is not served again"):
        roll_back(rig)


def test_the_status_has_the_version_its_place_and_the_job_that_was_begun_last(rig: RecordedRig) -> None:
    work(rig, "a")
    known = rig.platform().batches
    assert known is not None
    before = state(rig).job
    predict = partial(known.predict, state(rig).deployment, who="ada", told=lambda _: None)
    predict([{"tenure": 1}])
    predict([{"tenure": 2}, {"tenure": 3}])

    found = state(rig)

    assert (before, found.place.id, found.deployment.served.version) == (None, "nightly", 1)
    assert found.job is not None
    assert (found.job.status, found.job.rows, found.job.version, found.job.begun_by) == ("succeeded", 2, 1, "ada")
