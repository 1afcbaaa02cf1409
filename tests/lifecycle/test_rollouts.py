"""Rollouts carried out on endpoints and a registry in memory: what is put in place, logged, refused and taken back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from groundplan.core.errors import (
    GateFailedError,
    NotFoundError,
    PolicyError,
    ResourceFailedError,
    StoreCorruptedError,
    UsageError,
)
from groundplan.core.layout import Layout
from groundplan.lifecycle import rollout, rollout_guard, rollouts
from groundplan.lifecycle.contract.rollout import Rollout
from groundplan.lifecycle.contract.traffic import Traffic
from groundplan.lifecycle.local.rollouts import LocalRollouts
from groundplan.lifecycle.rollout import Push

from rollout_kit import MODEL, NOW, SETTINGS, World, begun, make_plan, make_version, minutes, observed

ASKED = Push(who="ada", reason="it looks good")


@pytest.fixture
def world() -> World:
    """Version 1 answers, version 2 is promoted, all is well."""
    made = World()
    made.serve(1)
    made.promote(2)
    made.told = lambda since: [observed(2, mirrored=100), observed(1)]
    return made


def _start(world: World, strategy: Any = "canary", **changes: Any) -> Rollout | None:
    plan = make_plan(strategy, **changes)
    return rollouts.start(world.platform, MODEL, SETTINGS, plan, who="ada", now=NOW)


def _current(world: World) -> Rollout:
    state = world.platform.rollouts.current("churn", "prod")
    assert state is not None
    return state


def _look(world: World, minute: float) -> Rollout:
    return rollouts.look(world.platform, _current(world), who="watch", now=minutes(minute))


def _completed(world: World) -> Rollout:
    _start(world)
    for minute in (2, 4, 6, 8):
        _look(world, minute)
    return _current(world)


def _stage(world: World) -> list[int]:
    return [one.version for one in world.staged.values() if one.stage == "prod"]


def test_a_canary_goes_from_a_copy_of_the_requests_to_all_of_them_and_then_stops_the_one_before(world: World) -> None:
    state = _completed(world)

    assert world.splits[1:] == [
        Traffic(shares={1: 100}, mirrored=2, mirror_share=100), Traffic(shares={1: 90, 2: 10}),
        Traffic(shares={1: 50, 2: 50}), Traffic(shares={2: 100}),
    ]  # fmt: skip
    assert (state.status, list(world.there), _stage(world)) == ("completed", [2], [2])
    assert [one.kind for one in state.history] == ["started", "advanced", "advanced", "advanced", "completed"]
    assert [(one.action, one.version, one.details["kind"]) for one in world.entries] == [
        ("rollout", 2, kind) for kind in ("started", "advanced", "advanced", "advanced", "completed")
    ]
    assert (world.entries[1].who, world.entries[1].reason) == ("watch", "good for 2 min 00 s, 200 copies")


def test_the_version_before_stands_by_until_its_time_is_over(world: World) -> None:
    _start(world, "blue-green")

    _look(world, 2)
    standing = (dict(world.shares), sorted(world.there))
    _look(world, 2.5)

    assert standing == ({2: 100}, [1, 2])
    assert (sorted(world.there), _current(world).status) == ([1, 2], "running")


def test_a_broken_condition_sends_everything_back_and_takes_the_stage_back(world: World) -> None:
    _start(world)
    _look(world, 2)
    world.told = lambda since: [observed(2, 20, errors=9)]

    state = _look(world, 2.1)

    assert (state.status, dict(world.shares), list(world.there), _stage(world)) == ("rolled-back", {1: 100}, [1], [1])
    last = world.entries[-1]
    assert (last.action, last.version, last.reason) == (
        "rollback", 2, "version 2: 9 of 20 requests failed, more than 5 %"
    )  # fmt: skip
    assert last.details["evidence"] == {
        "seconds": 6.0, "cause": "condition", "before": {"version": 1},
        "new": {"version": 2, "requests": 20, "errors": 9, "latency_p50_ms": 2.0, "latency_p95_ms": 5.0},
    }  # fmt: skip


def test_an_aborted_rollout_leaves_the_stage_and_can_begin_again(world: World) -> None:
    _start(world)
    _look(world, 2)

    aborted = rollouts.change(
        world.platform, _current(world), lambda one: rollout.abort(one, who="ada", reason="too late", now=minutes(3))
    )
    again = _start(world)

    assert (aborted.status, _stage(world)) == ("aborted", [2])
    assert again is not None
    assert (again.status, again.id != aborted.id, len(world.platform.rollouts.history("churn", "prod"))) == (
        "running", True, 2
    )  # fmt: skip


@pytest.mark.parametrize("strategy", ["canary", "direct"])
def test_a_version_that_does_not_come_to_serve_aborts_the_rollout_and_says_why(world: World, strategy: Any) -> None:
    world.unfit = {2}

    with pytest.raises(ResourceFailedError, match="version 2 did not become ready"):
        _start(world, strategy)

    state = _current(world)
    assert (state.status, dict(world.shares), list(world.there), _stage(world)) == ("aborted", {1: 100}, [1], [2])
    assert state.history[-1].reason == "its traffic could not be put in place: version 2 did not become ready"
    assert [one.details["kind"] for one in world.entries] == ["started", "aborted"]
    assert not rollouts.is_left(state)


def test_the_first_version_of_an_endpoint_answers_at_once_whatever_the_strategy() -> None:
    world = World()
    world.promote(2)

    state = _start(world)

    assert state is not None
    assert (state.status, dict(world.shares), state.history[0].reason) == (
        "completed", {2: 100}, "version 2: nothing answered before, so all requests go to it at once"
    )  # fmt: skip
    with pytest.raises(NotFoundError, match="nothing answered at churn@prod before version 2"):
        rollouts.roll_back(world.platform, "churn", "prod", who="ada", reason="so")


def test_the_version_that_answers_already_is_served_anew_without_a_rollout(world: World) -> None:
    world.serve(2)

    assert _start(world) is None
    assert (world.order, [one.action for one in world.entries]) == ([], ["deploy"])


def test_without_evidence_nothing_begins(world: World) -> None:
    world.staged[2] = make_version(2, stage="prod", evidence=None)

    with pytest.raises(GateFailedError):
        _start(world)

    assert (world.order, world.changes) == ([], 0)


def test_a_person_advances_what_waits_for_a_person(world: World) -> None:
    _start(world, "shadow", approval=("eve",))
    held = _look(world, 2)

    with pytest.raises(PolicyError, match="cannot go on yet: it needs the approval of eve"):
        rollouts.advance(world.platform, _current(world), push=ASKED, now=minutes(3))
    state = rollouts.advance(world.platform, _current(world), push=ASKED, approved_by="eve", now=minutes(4))

    assert (held.phase, held.history[-1].evidence["cause"]) == (0, "approval")
    assert (state.phase, state.approved_by, dict(world.shares)) == (1, "eve", {2: 100})
    assert world.entries[-1].details["approved_by"] == "eve"


def test_to_force_needs_a_reason(world: World) -> None:
    _start(world)

    with pytest.raises(UsageError):
        rollouts.advance(world.platform, _current(world), push=Push(who="ada", force=True), now=minutes(1))


@pytest.mark.parametrize("minute", [0.1, 2, 4, 6])
def test_a_rollback_returns_at_once_from_every_phase(world: World, minute: float) -> None:
    _start(world)
    for passed in (2, 4, 6):
        if passed <= minute:
            _look(world, passed)

    state = rollouts.roll_back(world.platform, "churn", "prod", who="ada", reason="errors", now=minutes(minute))

    assert (state.status, dict(world.shares), list(world.there), _stage(world)) == ("rolled-back", {1: 100}, [1], [1])
    assert (state.history[-1].who, state.history[-1].reason) == ("ada", "errors")


def test_after_the_end_the_version_before_is_started_again_from_the_registry(world: World) -> None:
    _completed(world)

    state = rollouts.roll_back(world.platform, "churn", "prod", who="ada", reason="slow", now=minutes(60))

    assert (state.status, dict(world.shares), list(world.there), _stage(world)) == ("rolled-back", {1: 100}, [1], [1])
    assert world.served[1].digest == world.staged[1].digest


def test_a_second_rollback_would_go_too_far_and_must_be_meant(world: World) -> None:
    _completed(world)
    world.promote(3)
    world.told = lambda since: [observed(3, mirrored=100), observed(2)]
    _start(world, "direct")
    rollouts.roll_back(world.platform, "churn", "prod", who="ada", reason="bad", now=minutes(70))

    with pytest.raises(PolicyError, match="version 2 is the last good one and answers already") as refused:
        rollouts.roll_back(world.platform, "churn", "prod", who="ada", reason="bad", now=minutes(71))
    rollouts.roll_back(world.platform, "churn", "prod", who="ada", reason="bad", to=1, now=minutes(72))

    assert refused.value.hint == "To go further back: groundplan rollback churn -e prod --to 1"
    assert (dict(world.shares), _stage(world)) == ({1: 100}, [1])


def test_a_rollback_needs_a_reason_and_goes_only_where_it_leads(world: World) -> None:
    _start(world)

    with pytest.raises(UsageError):
        rollouts.roll_back(world.platform, "churn", "prod", who="ada", reason="")
    with pytest.raises(PolicyError, match="goes back to version 1, not 7"):
        rollouts.roll_back(world.platform, "churn", "prod", who="ada", reason="so", to=7)

    assert _current(world).status == "running"


def test_a_rejected_version_is_not_started_again(world: World) -> None:
    _completed(world)
    world.staged[1] = replace(world.staged[1], status="rejected")

    with pytest.raises(PolicyError, match="churn version 1 was rejected and is not served again"):
        rollouts.roll_back(world.platform, "churn", "prod", who="ada", reason="so", now=minutes(60))

    assert dict(world.shares) == {2: 100}


def test_what_is_being_rolled_out_stays_where_it_is_in_the_registry(world: World) -> None:
    _start(world)

    with pytest.raises(PolicyError) as refused:
        rollout_guard.demand_none(world.platform, "churn", "prod", "the promotion")
    rollout_guard.demand_none(world.platform, "churn", "dev", "the promotion")
    rollouts.roll_back(world.platform, "churn", "prod", who="ada", reason="so", now=minutes(1))
    rollout_guard.demand_none(world.platform, "churn", "prod", "the promotion")

    assert refused.value.message == (
        "the rollout of churn version 2 at churn@prod is under way, so the promotion must wait"
    )


def test_what_is_kept_reads_back_as_it_was_and_the_ones_before_stay(tmp_path: Path) -> None:
    store = LocalRollouts(Layout(tmp_path))
    first = begun(make_plan("ab", approval=("eve",), sticky="customer"))
    decision = rollout.decide(
        replace(first, phase=1),
        [observed(n, 300, labelled=300, metrics={"accuracy": 0.81}) for n in (1, 2)],
        minutes(9),
    )
    first = rollout.follow(replace(first, phase=1), decision, who="watch", now=minutes(9))
    second = replace(first, id="s", champion=None)

    nothing = (store.current("churn", "prod"), store.history("churn", "prod"), store.all())
    for state in (first, first, second):
        store.keep(state)

    assert nothing == (None, (), ())
    assert len(first.looks) == 1
    assert store.history("churn", "prod") == (first, second)
    assert (store.current("churn", "prod"), store.all()) == (second, (second,))


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"id": 7}'])
def test_a_damaged_record_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / ".groundplan" / "endpoints" / "churn@prod" / "rollout.json"
    path.parent.mkdir(parents=True)
    path.write_text(content)

    with pytest.raises(StoreCorruptedError) as damaged:
        LocalRollouts(Layout(tmp_path)).all()

    assert (damaged.value.where, "groundplan deploy" in damaged.value.hint) == (str(path), True)
