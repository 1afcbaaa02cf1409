"""What holds for every rollout, however it goes: whole traffic, tiers in order, a way back, and a kill that changes
nothing in the end. What is served is in memory here; tests/cli/test_rollout.py has the real endpoint."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, get_args

import pytest
from groundplan.core import clock
from groundplan.core.errors import PolicyError
from groundplan.lifecycle import rollout, rollouts
from groundplan.lifecycle.contract.rollout import Rollout, Strategy
from groundplan.lifecycle.contract.traffic import Observation
from groundplan.lifecycle.rollout import Push
from hypothesis import given, settings
from hypothesis import strategies as some

from rollout_kit import MODEL, NOW, SETTINGS, Killed, World, begun, make_plan, observed

STRATEGIES: tuple[Strategy, ...] = get_args(Strategy)
ASKED = Push(who="ada", reason="it looks good")
FORCED = replace(ASKED, force=True)

sights = some.builds(
    observed,
    version=some.just(2),
    requests=some.sampled_from([0, 10, 50, 400]),
    mirrored=some.sampled_from([0, 49, 50, 300]),
    errors=some.sampled_from([0, 0, 0, 1, 30]),
    labelled=some.sampled_from([0, 100, 300]),
    metrics=some.sampled_from([{}, {"accuracy": 0.8}, {"accuracy": 0.95}, {"accuracy": 0.3}]),
)
acts = some.tuples(
    some.sampled_from(["look", "look", "ask", "force", "pause", "resume", "approve", "abort", "back"]),
    sights,
    some.sampled_from([-30.0, 0.0, 30.0, 61.0, 600.0]),
)


def _act(state: Rollout, act: str, seen: Observation, now: datetime) -> Rollout:
    other = observed(1, labelled=300, metrics={"accuracy": 0.8})
    how: dict[str, Any] = {"who": "ada", "reason": "so", "now": now}
    match act:
        case "pause":
            return rollout.pause(state, **how)
        case "resume":
            return rollout.resume(state, **how) if state.status == "paused" else state
        case "approve":
            return rollout.approve(state, "eve")
        case "abort":
            return rollout.abort(state, **how)
        case "back":
            return rollout.roll_back(state, **how)
        case _:
            push = {"ask": ASKED, "force": FORCED}.get(act)
            return rollout.follow(state, rollout.decide(state, [seen, other], now, push=push), who="ada", now=now)


@settings(max_examples=300, deadline=None)
@given(some.sampled_from(STRATEGIES), some.booleans(), some.lists(acts, max_size=14))
def test_traffic_is_whole_no_tier_is_skipped_and_there_is_always_a_way_back(
    strategy: Strategy, approval: bool, steps: Sequence[tuple[str, Observation, float]]
) -> None:
    plan = make_plan(strategy, approval=("eve",) if approval else None)
    state, now = begun(plan), NOW
    for act, seen, seconds in steps:
        if state.is_final:
            break
        now += timedelta(seconds=seconds)
        before, state = state, _act(state, act, seen, now)

        assert sum(rollout.traffic(state).shares.values()) == 100
        assert rollout.traffic(rollout.roll_back(before, who="ada", reason="so", now=now)).shares == {1: 100}
        _demand_tiers(before, state, seen)
        if state.status in ("rolled-back", "aborted"):
            assert rollout.traffic(state).shares == {1: 100}
        if state != before and (state.phase, state.status) != (before.phase, before.status):
            assert len(state.history) == len(before.history) + 1, "every move stands in the history"
            assert state.history[-1].reason


def _demand_tiers(before: Rollout, after: Rollout, seen: Observation) -> None:
    """One phase at a time, and out of each only with what it is there to show."""
    phases = after.plan.phases
    assert after.phase in (before.phase, before.phase + 1)
    if after.plan.strategy == "direct":
        assert len(phases) == 1
        return
    assert [phase.kind for phase in phases] == ["shadow"] + ["online"] * (len(phases) - 1)
    assert phases[-1].traffic == 100
    if after.status == "completed":
        assert before.phase == len(phases) - 1
    if after.phase == before.phase:
        return
    assert before.status == "running"
    assert seen.requests + seen.mirrored >= phases[before.phase].min_requests
    if phases[before.phase].kind == "shadow" and after.plan.approval is not None:
        assert after.approved_by == "eve"
    if after.plan.strategy == "ab" and before.phase == 1:
        assert after.looks
        assert after.looks[-1].z >= after.looks[-1].bound


def _told(outcomes: Sequence[str], world: World) -> Sequence[Observation]:
    """What is seen in each phase: all is well, or errors, or nobody asks."""
    state = world.kept[world.order[-1]]
    outcome = outcomes[min(state.phase, len(outcomes) - 1)]
    seen = {"good": {"requests": 100}, "errors": {"requests": 100, "errors": 60}, "few": {"requests": 3}}[outcome]
    labels: dict[str, Any] = {"labelled": 300, "metrics": {"accuracy": 0.95}}
    return [observed(2, **seen, **labels), observed(1, labelled=300, metrics={"accuracy": 0.8})]


def _world(served: bool, outcomes: Sequence[str]) -> World:
    world = World()
    if served:
        world.serve(1)
    world.promote(2)
    world.told = lambda since: _told(outcomes, world)
    return world


def _to_the_end(world: World, strategy: Strategy, last: str) -> None:
    """What people and ``watch`` type, each again when it was killed, until nothing more happens."""
    _again(world, "start", NOW, strategy)
    now = NOW
    for _ in range(5):
        now += timedelta(minutes=2)
        if not _current(world).is_final:
            _again(world, "ask" if strategy == "shadow" and _current(world).phase == 0 else "look", now, strategy)
    if not _current(world).is_final:
        _again(world, last, now, strategy)


def _again(world: World, command: str, now: datetime, strategy: Strategy) -> None:
    try:
        _type(world, command, now, strategy)
    except Killed:
        _type(world, command, now, strategy)


def _type(world: World, command: str, now: datetime, strategy: Strategy) -> None:
    platform = world.platform
    match command:
        case "start":
            rollouts.start(platform, MODEL, SETTINGS, make_plan(strategy), who="ada", now=now)
        case "look":
            rollouts.look(platform, _current(world), who="watch", now=now)
        case "ask":
            with contextlib.suppress(PolicyError):
                rollouts.advance(platform, _current(world), push=ASKED, now=now)
        case "rollback":
            rollouts.roll_back(platform, "churn", "prod", who="ada", reason="worse", now=now)
        case "abort":
            state = rollouts.finish(platform, _current(world), now=now)
            if not state.is_final:
                rollouts.change(platform, state, partial(rollout.abort, who="ada", reason="so", now=now), now=now)
        case _:
            pass


def _current(world: World) -> Rollout:
    state = world.platform.rollouts.current("churn", "prod")
    assert state is not None
    return state


def _end(world: World) -> dict[str, object]:
    state = _current(world)
    return {
        "rollouts": len(world.order), "status": state.status, "phase": state.phase, "applying": state.applying,
        "history": [(one.kind, one.phase, one.traffic) for one in state.history if one.kind != "held"],
        "audit": [(one.action, one.details["kind"]) for one in world.entries if one.details["kind"] != "held"],
        "written once": len({one.details["transition"] for one in world.entries}) == len(world.entries),
        "all written": state.audited == len(state.history) == len(world.entries),
        "split": world.split, "there": sorted(world.there),
        "stage": [one.version for one in world.staged.values() if one.stage == "prod"],
    }  # fmt: skip


@settings(max_examples=250, deadline=None)
@given(
    some.sampled_from(STRATEGIES), some.booleans(),
    some.lists(some.sampled_from(["good", "good", "errors", "few"]), min_size=1, max_size=4),
    some.sampled_from(["", "rollback", "abort"]), some.integers(0, 45),
)  # fmt: skip
def test_a_kill_at_any_step_leads_to_the_same_end(
    strategy: Strategy, served: bool, outcomes: Sequence[str], last: str, fuse: int
) -> None:
    untouched, killed = _world(served, outcomes), _world(served, outcomes)
    killed.fuse = fuse

    _to_the_end(untouched, strategy, last)
    _to_the_end(killed, strategy, last)

    assert _end(killed) == _end(untouched)
    assert all(sum(split.shares.values()) == 100 for split in killed.splits)


def test_every_change_of_the_longest_rollouts_is_among_the_kills() -> None:
    counts: list[int] = []
    for strategy in STRATEGIES:
        world = _world(served=True, outcomes=["good"])
        _to_the_end(world, strategy, "")
        assert _current(world).status == "completed"
        counts.append(world.changes)

    assert max(counts) <= 45


@given(some.sampled_from(STRATEGIES), some.integers(0, 12))
@settings(max_examples=60, deadline=None)
def test_two_starts_give_one_rollout_also_when_the_first_is_killed(strategy: Strategy, fuse: int) -> None:
    world = _world(served=True, outcomes=["few"])
    world.fuse = fuse

    for _ in range(2):
        with contextlib.suppress(Killed):
            rollouts.start(world.platform, MODEL, SETTINGS, make_plan(strategy), who="ada", now=NOW)
    world.fuse = None
    rollouts.start(world.platform, MODEL, SETTINGS, make_plan(strategy), who="ada", now=NOW)

    assert len(world.order) == 1
    assert [one.kind for one in _current(world).history].count("started") == 1
    assert [one.details["kind"] for one in world.entries if "kind" in one.details].count("started") == 1


def test_another_version_waits_until_the_rollout_has_ended() -> None:
    world = _world(served=True, outcomes=["few"])
    rollouts.start(world.platform, MODEL, SETTINGS, make_plan(), who="ada", now=NOW)
    before = _end(world)
    world.promote(3)

    with pytest.raises(PolicyError) as refused:
        rollouts.start(world.platform, MODEL, SETTINGS, make_plan(), who="bob", now=NOW)

    since = clock.for_people(clock.to_text(NOW))
    assert refused.value.message == (
        f"the rollout of churn version 2 at churn@prod is under way since {since}, begun by ada"
    )
    assert {**_end(world), "stage": [2]} == before
