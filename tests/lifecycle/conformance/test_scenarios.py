"""A model's life in an environment, told once for every platform: what holds on the laptop holds on a cloud.

On the laptop the processes of an endpoint are told here; test_router.py and test_endpoints.py have real ones.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from groundplan.core import clock
from groundplan.core.errors import (
    NotFoundError,
    PolicyError,
    ResourceFailedError,
    StoreCorruptedError,
    UsageError,
)
from groundplan.lifecycle import promotion, rollout, rollouts
from groundplan.lifecycle.rollout import Push

from conformance_kit import PLAN, Rig, good, transitions


def test_without_a_model_there_is_nothing_to_deploy(rig: Rig) -> None:
    with pytest.raises(NotFoundError, match="no version of churn is in 'dev' yet"):
        rig.deploy()

    assert rig.shares() == {}


def test_the_first_version_answers_everything_at_once_whatever_the_strategy(rig: Rig) -> None:
    rig.promote(rig.register("a"))

    state = rig.deploy("canary")

    assert state is not None
    assert (state.status, transitions(state)) == ("completed", ["started", "completed"])
    assert rig.shares() == {1: 100}
    assert rig.platform().endpoints.traffic("churn", "dev").shares == {1: 100}


def test_a_canary_takes_over_in_its_steps(rig: Rig) -> None:
    rig.serve("a")
    rig.promote(rig.register("b"))
    rig.tell(good(1), good(2, mirrored=100))

    rig.deploy("canary")
    seen = [(dict(rig.shares()), rig.mirrored())]
    for minute in (2, 4, 6, 8):
        rig.look(minute)
        seen.append((dict(rig.shares()), rig.mirrored()))

    assert seen == [
        ({1: 100}, 2 if rig.copies else None),
        ({1: 90, 2: 10}, None),
        ({1: 50, 2: 50}, None),
        ({2: 100}, None),
        ({2: 100}, None),
    ]
    assert transitions(rig.current()) == ["started", "advanced", "advanced", "advanced", "completed"]
    assert [one.version for one in rig.platform().endpoints.versions("churn", "dev")] == [2]


def test_a_step_whose_lines_are_written_again_is_in_the_log_once(rig: Rig) -> None:
    rig.serve("a")
    before = rig.platform().models.audit_log()

    rollouts.finish(rig.platform(), replace(rig.current(), audited=0))

    assert rig.platform().models.audit_log() == before
    assert not rollouts.is_left(rig.current())


def test_a_rollout_that_is_aborted_half_way_leaves_what_answered_before(rig: Rig) -> None:
    rig.serve("a")
    rig.promote(rig.register("b"))
    rig.tell(good(1), good(2, mirrored=100))
    rig.deploy("canary")
    rig.look(2)

    state = rollouts.change(
        rig.platform(), rig.current(), partial(rollout.abort, who="bob", reason="by mistake", now=rig.at(3))
    )

    assert (state.status, rig.shares()) == ("aborted", {1: 100})
    assert [one.version for one in rig.platform().endpoints.versions("churn", "dev")] == [1]
    assert rig.stages() == {1: (None, "retired"), 2: ("dev", "registered")}


@pytest.mark.parametrize("looks", [(), (2, 4), (2, 4, 6, 8)])
def test_a_rollback_puts_the_traffic_back_as_it_was_from_any_phase(rig: Rig, looks: tuple[float, ...]) -> None:
    rig.serve("a")
    before = rig.platform().endpoints.traffic("churn", "dev")
    rig.promote(rig.register("b"))
    rig.tell(good(1), good(2, mirrored=100))
    rig.deploy("canary")
    for minute in looks:
        rig.look(minute)

    rollouts.roll_back(rig.platform(), "churn", "dev", who="bob", reason="errors", now=rig.at(9))

    after = rig.platform().endpoints.traffic("churn", "dev")
    assert ({v: s for v, s in after.shares.items() if s}, after.mirrored) == (dict(before.shares), before.mirrored)
    assert rig.stages() == {1: ("dev", "registered"), 2: (None, "retired")}
    lines = [(one.action, one.version) for one in rig.platform().models.audit_log()][-1:]
    assert lines == [("rollback", 2)]


def test_a_version_whose_requests_fail_is_turned_back(rig: Rig) -> None:
    rig.serve("a")
    rig.promote(rig.register("b"))
    rig.tell(good(1), good(2, mirrored=100))
    rig.deploy("canary")
    rig.look(2)
    rig.tell(good(1), good(2, errors=30))

    state = rig.look(4)

    assert (state.status, rig.shares()) == ("rolled-back", {1: 100})
    assert state.history[-1].reason == "version 2: 30 of 100 requests failed, more than 5 %"


def test_a_machine_whose_clock_goes_behind_holds_a_rollout_and_changes_nothing(rig: Rig) -> None:
    rig.serve("a")
    rig.promote(rig.register("b"))
    rig.tell(good(1), good(2, mirrored=100))
    rig.deploy("canary")

    held = rig.look(-30)

    assert (held.status, held.phase, rig.shares()) == ("running", 0, {1: 100})
    assert (rig.look(2).phase, rig.shares()) == (1, {1: 90, 2: 10})


def test_a_shadow_answers_nobody_and_waits_for_a_person_or_is_refused_where_there_are_no_copies(rig: Rig) -> None:
    rig.serve("a")
    rig.promote(rig.register("b"))
    rig.tell(good(1), good(2, requests=0, mirrored=100))
    if not rig.copies:
        with pytest.raises(UsageError, match=r"can be mirrored here|sends no copies of requests"):
            rig.deploy("shadow", mirror_share=100)
        assert (rig.current().status, rig.shares(), rig.mirrored()) == ("aborted", {1: 100}, None)
        return
    rig.deploy("shadow")

    held = rig.look(2)

    assert (held.status, rig.shares(), rig.mirrored()) == ("running", {1: 100}, 2)
    assert held.history[-1].evidence["cause"] == "person"
    rollouts.advance(rig.platform(), rig.current(), push=Push(who="ada"), now=rig.at(3))
    assert (rig.shares(), rig.mirrored()) == ({2: 100}, None)


def test_where_an_approval_is_asked_for_nobody_is_answered_before_it_is_given(rig: Rig) -> None:
    rig.serve("a")
    rig.promote(rig.register("b"))
    rig.tell(good(1), good(2, mirrored=100))
    rig.deploy("canary", approval=("eve",))
    rig.look(2)
    assert rig.shares() == {1: 100}

    rollouts.advance(rig.platform(), rig.current(), push=Push(who="ada"), approved_by="eve", now=rig.at(3))

    assert rig.shares() == {1: 90, 2: 10}


def test_while_one_version_is_rolled_out_no_other_is_promoted_or_deployed(rig: Rig) -> None:
    rig.serve("a")
    rig.promote(rig.register("b"))
    rig.tell(good(1), good(2, mirrored=100))
    rig.deploy("canary")

    with pytest.raises(PolicyError, match="the rollout of churn version 2 at churn@dev is under way, so the promotion"):
        rig.promote(rig.register("c"))

    again = rig.deploy("canary", after=0.1)
    assert again is not None
    assert again.challenger == 2
    assert len(rig.platform().rollouts.history("churn", "dev")) == 2


def test_evidence_that_is_too_old_promotes_nothing_when_its_run_is_gone(rig: Rig) -> None:
    old = clock.to_text(clock.now() - timedelta(days=40))
    version = rig.register("a", made=old)

    with pytest.raises(PolicyError, match="the evidence of churn v1 does not suffice, and it cannot be judged anew"):
        rig.promote(version)

    assert rig.stages() == {1: (None, "registered")}


def test_a_model_that_was_changed_after_its_gate_is_neither_promoted_nor_deployed(rig: Rig) -> None:
    rig.serve("a")
    changed = rig.promote(rig.register("b"))
    rig.tamper(changed)

    with pytest.raises(StoreCorruptedError, match=r"churn v(ersion )?2 was changed: expected sha256:"):
        rig.deploy("canary")
    with pytest.raises(StoreCorruptedError, match=r"churn v(ersion )?2 was changed"):
        rig.promote(changed)

    assert rig.shares() == {1: 100}
    assert rig.stages()[2] == ("dev", "registered")


def test_a_version_that_does_not_become_healthy_changes_nothing(rig: Rig) -> None:
    rig.serve("a")
    rig.promote(rig.register("b"))
    rig.spoil(2)

    with pytest.raises(ResourceFailedError, match="version 2 did not become"):
        rig.deploy("canary")

    assert (rig.current().status, rig.shares()) == ("aborted", {1: 100})
    assert [one.version for one in rig.platform().endpoints.versions("churn", "dev")] == [1]


def test_an_endpoint_that_was_deleted_behind_our_back_is_missed_plainly(rig: Rig) -> None:
    rig.serve("a")
    rig.promote(rig.register("b"))
    rig.tell(good(1), good(2, mirrored=100))
    rig.deploy("canary")
    rig.lose_endpoint()

    with pytest.raises(NotFoundError, match="nothing is deployed"):
        rig.look(2)


def test_a_name_that_somebody_else_uses_is_shared_and_their_version_left_alone(rig: Rig) -> None:
    rig.occupy()

    version = rig.register("a")

    assert version.version == 2
    assert rig.stages() == {2: (None, "registered")}
    rig.promote(version)
    rig.deploy()
    assert rig.shares() == {2: 100}


def test_a_stage_goes_back_one_version_at_a_time_and_what_was_rejected_never(rig: Rig) -> None:
    versions = [rig.promote(rig.register(marker)) for marker in ("a", "b", "c")]
    platform = rig.platform()
    promotion.reject(platform, PLAN, platform.models.get("churn", versions[1].version), who="bob", reason="bad data")

    restored = promotion.rollback(rig.platform(), PLAN, "dev", who="bob", reason="errors")

    assert restored.version == 1
    assert rig.stages() == {1: ("dev", "registered"), 2: (None, "rejected"), 3: (None, "retired")}
    with pytest.raises(NotFoundError, match="churn has no version to go back to in dev"):
        promotion.rollback(rig.platform(), PLAN, "dev", who="bob", reason="errors")
