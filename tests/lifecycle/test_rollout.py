"""How a rollout goes on, decided from what was observed: no clock, no disk, nothing served."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from groundplan.core import clock
from groundplan.core.errors import PolicyError
from groundplan.lifecycle import rollout
from groundplan.lifecycle.contract.rollout import Conditions, Phase, Rollout
from groundplan.lifecycle.contract.rubric import Bounds
from groundplan.lifecycle.contract.traffic import Traffic, VersionState
from groundplan.lifecycle.rollout import Decision, Push
from groundplan.lifecycle.rollout_phases import phases

from rollout_kit import EXPERIMENT, NOW, begun, make_plan, minutes, observed

GOOD = [observed(2), observed(1)]
ASKED = Push(who="ada", reason="it looks good")
FORCED = replace(ASKED, force=True)
STEPS: dict[str, Any] = {
    "shadow_seconds": 5.0,
    "steps": [(10, 1.0), (50, 2.0)],
    "stand_by_seconds": 3.0,
    "min_requests": 7,
}


def _in_phase(phase: int, strategy: Any = "canary", **changes: Any) -> Rollout:
    """A rollout whose phase began at NOW."""
    return replace(begun(make_plan(strategy, **changes)), phase=phase, applying=False)


def _shadow(requests: int = 100, **more: Any) -> Any:
    return [observed(2, 0, mirrored=requests, **more), observed(1)]


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        ("direct", [("online", 100, 0, 0)]),
        ("canary", [("shadow", 0, 5, 7), ("online", 10, 1, 7), ("online", 50, 2, 7), ("online", 100, 3, 7)]),
        ("ab", [("shadow", 0, 5, 7), ("online", 10, 1, 7), ("online", 100, 3, 7)]),
        ("blue-green", [("shadow", 0, 5, 7), ("online", 100, 3, 7)]),
        ("shadow", [("shadow", 0, 5, 7), ("online", 100, 3, 7)]),
    ],
)
def test_each_strategy_has_its_phases(strategy: Any, expected: list[Any]) -> None:
    assert phases(strategy, **STEPS) == tuple(
        Phase(kind=kind, traffic=share, bake_seconds=bake, min_requests=least) for kind, share, bake, least in expected
    )


def test_who_answers_in_each_phase() -> None:
    assert [rollout.traffic(_in_phase(phase, sticky="customer")) for phase in range(4)] == [
        Traffic(shares={1: 100}, mirrored=2, mirror_share=100, sticky="customer"),
        Traffic(shares={1: 90, 2: 10}, sticky="customer"),
        Traffic(shares={1: 50, 2: 50}, sticky="customer"),
        Traffic(shares={2: 100}, sticky="customer"),
    ]


def test_a_phase_that_was_good_for_its_time_and_requests_leads_to_the_next() -> None:
    state = _in_phase(1)

    decision = rollout.decide(state, GOOD, minutes(1))
    after = rollout.follow(state, decision, who="watch", now=minutes(1))

    figures = {"requests": 100, "latency_p50_ms": 2.0, "latency_p95_ms": 5.0}
    assert decision == Decision(
        kind="advance", cause="good", reason="good for 1 min 00 s, 100 requests",
        evidence={"seconds": 60.0, "new": {"version": 2, **figures}, "before": {"version": 1, **figures}},
    )  # fmt: skip
    assert (after.phase, after.applying, after.phase_began) == (2, True, clock.to_text(minutes(1)))
    assert (after.history[-1].kind, after.history[-1].who, after.history[-1].traffic) == (
        "advanced", "watch", {"1": 50, "2": 50}
    )  # fmt: skip


@pytest.mark.parametrize(
    ("phase", "seen", "minute", "cause", "reason"),
    [
        (1, GOOD, 0.5, "bake", "watched for 30 s of 1 min 00 s"),
        (1, [observed(2, 49)], 5, "requests", "49 of the 50 requests on which it is judged"),
        (1, [], 5, "requests", "0 of the 50 requests on which it is judged"),
        (0, _shadow(49), 5, "requests", "49 of the 50 requests on which it is judged"),
        (1, GOOD, -2, "clock", "the clock is 2 min 00 s behind the beginning of this phase"),
    ],
)
def test_what_is_missing_holds_it_with_the_reason(
    phase: int, seen: list[Any], minute: float, cause: str, reason: str
) -> None:
    decision = rollout.decide(_in_phase(phase), seen, minutes(minute))

    assert (decision.kind, decision.cause, decision.reason) == ("hold", cause, reason)


def test_the_same_reason_to_wait_is_written_down_once_in_a_phase() -> None:
    state = _in_phase(1)
    for minute in (0.1, 0.2, 2, 3):
        decision = rollout.decide(state, [observed(2, 10)], minutes(minute))
        state = rollout.follow(state, decision, who="watch", now=minutes(minute))

    assert [(one.kind, one.evidence.get("cause")) for one in state.history] == [
        ("started", None), ("held", "bake"), ("held", "requests")
    ]  # fmt: skip


LIMITS = Conditions(
    error_rate=0.05, latency_p95_ms=100, disagreement=0.1, crashes=1, drift=True, min_requests=50,
    metrics={"accuracy": Bounds(min=0.8), "log_loss": Bounds(max=1.0)},
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"errors": 6}, "6 of 100 requests failed, more than 5 %"),
        ({"requests": 3, "errors": 3}, "3 of 3 requests failed, more than 5 %"),
        ({"latency_p95_ms": 101.0}, "the 95th percentile of the response time is 101 ms, more than 100 ms"),
        ({"latency_p95_ms": math.nan}, "the 95th percentile of the response time is nan ms, more than 100 ms"),
        ({"requests": 0, "mirrored": 90, "disagreements": 10}, "it answered 10 of 90 copies otherwise, more than 10 %"),
        ({"restarts": 2}, "its process had to be started again 2 times, allowed: 1"),
        ({"drifted": ("prediction",)}, "its predictions drift: prediction"),
        (
            {"labelled": 50, "metrics": {"accuracy": 0.7}},
            "accuracy is 0.7 on 50 labelled requests, below the bound 0.8",
        ),
        ({"labelled": 50, "metrics": {"log_loss": 2.0}}, "log_loss is 2 on 50 labelled requests, above the bound 1"),
        ({"labelled": 50, "metrics": {"log_loss": math.nan}}, "log_loss is nan on 50 labelled requests"),
    ],
)
def test_a_broken_condition_turns_it_back_at_once(changes: dict[str, Any], reason: str) -> None:
    state = _in_phase(1, conditions=LIMITS)
    seen = [replace(observed(2), **changes)]

    decision = rollout.decide(state, seen, minutes(0.1))
    after = rollout.follow(state, decision, who="watch", now=minutes(0.1))

    assert (decision.kind, decision.reason) == ("roll back", f"version 2: {reason}")
    assert (after.status, after.applying, rollout.traffic(after)) == ("rolled-back", True, Traffic(shares={1: 100}))


@pytest.mark.parametrize(
    "changes",
    [
        {"errors": 5}, {"requests": 2, "errors": 2}, {"requests": 49, "latency_p95_ms": 500.0},
        {"requests": 0, "mirrored": 90, "disagreements": 9}, {"restarts": 1}, {"latency_p95_ms": None},
        {"labelled": 49, "metrics": {"accuracy": 0.1}}, {"labelled": 50, "metrics": {"f1": 0.1}},
    ],
)  # fmt: skip
def test_what_is_within_its_bounds_or_too_little_turns_nothing_back(changes: dict[str, Any]) -> None:
    state = _in_phase(1, conditions=LIMITS)

    assert rollout.decide(state, [replace(observed(2), **changes)], minutes(0.1)).kind == "hold"


def test_every_broken_condition_is_named() -> None:
    decision = rollout.decide(_in_phase(1, conditions=LIMITS), [observed(2, errors=50, restarts=9)], minutes(1))

    assert decision.reason == (
        "version 2: its process had to be started again 9 times, allowed: 1; 50 of 100 requests failed, more than 5 %"
    )


def test_a_version_that_does_not_run_is_turned_back_but_not_when_nothing_runs() -> None:
    ready = VersionState(version=1, health="ready", share=90)
    dead = VersionState(version=2, health="unhealthy", share=10, detail="it ended with code 1")
    alone = [replace(one, health="stopped") for one in (ready, dead)]

    turned = rollout.decide(_in_phase(1), GOOD, minutes(5), states=[ready, dead])
    restarted = rollout.decide(_in_phase(1), GOOD, minutes(5), states=alone)

    assert (turned.kind, turned.reason) == ("roll back", "version 2: it is unhealthy: it ended with code 1")
    assert (restarted.kind, restarted.reason) == (
        "hold", "nothing runs at the endpoint; groundplan up starts it again"
    )  # fmt: skip


def test_a_paused_rollout_does_not_go_on_but_is_still_turned_back() -> None:
    paused = rollout.pause(_in_phase(1), who="ada", reason="lunch", now=NOW)
    again = rollout.pause(paused, who="ada", reason="lunch", now=NOW)

    held = rollout.decide(paused, GOOD, minutes(5), push=FORCED)
    turned = rollout.decide(paused, [observed(2, errors=50)], minutes(5))
    resumed = rollout.resume(paused, who="ada", reason="", now=NOW)

    assert (held.kind, held.cause, turned.kind, again) == ("hold", "paused", "roll back", paused)
    assert rollout.follow(paused, held, who="ada", now=NOW) == paused
    assert rollout.decide(resumed, GOOD, minutes(5)).kind == "advance"
    with pytest.raises(PolicyError, match="is not paused"):
        rollout.resume(resumed, who="ada", reason="", now=NOW)


def test_force_skips_time_but_no_tier() -> None:
    def forced(phase: int, seen: Any, strategy: Any = "canary") -> tuple[str, str]:
        decision = rollout.decide(_in_phase(phase, strategy), seen, minutes(0.1), push=FORCED)
        return decision.kind, decision.cause

    assert forced(0, _shadow()) == ("advance", "good")
    assert forced(0, _shadow(0)) == ("hold", "requests")
    assert forced(1, GOOD) == ("advance", "good")
    assert forced(1, [observed(2, 0)]) == ("hold", "requests")
    assert forced(3, [observed(2, 0)]) == ("complete", "good")
    assert forced(1, GOOD, "ab") == ("hold", "experiment")


def test_who_pushed_and_why_stands_in_the_reason() -> None:
    decision = rollout.decide(_in_phase(1), GOOD, minutes(0.1), push=FORCED)

    assert decision.reason == "it looks good (forced by ada; good for 6.0 s, 100 requests)"


def test_the_first_online_phase_needs_the_yes_that_the_environment_asks_for() -> None:
    state = _in_phase(0, approval=("eve", "bob"))

    held = rollout.decide(state, _shadow(), minutes(5), push=FORCED)
    approved = rollout.approve(state, "bob")

    assert (held.kind, held.reason) == (
        "hold",
        "it needs the approval of eve or bob: groundplan rollout advance churn -e prod --approved-by eve",
    )
    assert rollout.decide(approved, _shadow(), minutes(5)).kind == "advance"
    with pytest.raises(PolicyError, match="mallory may not approve a rollout in prod; eve or bob may"):
        rollout.approve(state, "mallory")
    assert rollout.approve(_in_phase(0, approval=()), "anybody").approved_by == "anybody"


def test_strategy_shadow_waits_for_a_person() -> None:
    state = _in_phase(0, "shadow")

    held = rollout.decide(state, _shadow(), minutes(5))

    assert (held.kind, held.cause) == ("hold", "person")
    assert rollout.decide(state, _shadow(), minutes(5), push=ASKED).kind == "advance"


@pytest.mark.parametrize("champion", [None, 1])
def test_direct_and_the_first_version_of_an_endpoint_are_done_at_once(champion: int | None) -> None:
    state = begun(make_plan("direct" if champion else "canary"), champion)

    assert rollout.traffic(state).shares == {2: 100}
    assert rollout.decide(state, [], NOW).kind == "complete"
    assert ("nothing answered before" in state.history[0].reason) == (champion is None)


def _labelled(version: int, share: float, labelled: int, **more: Any) -> Any:
    return observed(version, labelled, labelled=labelled, metrics={"accuracy": share, **more})


@pytest.mark.parametrize(
    ("share", "labelled", "kind", "cause"),
    [
        (0.95, 99, "hold", "experiment"), (0.81, 150, "hold", "experiment"), (0.95, 150, "advance", "good"),
        (0.50, 150, "roll back", "experiment"), (0.81, 400, "roll back", "experiment"),
    ],
)  # fmt: skip
def test_an_ab_test_goes_on_wins_loses_or_ends_without_a_winner(
    share: float, labelled: int, kind: str, cause: str
) -> None:
    state = _in_phase(1, "ab")

    decision = rollout.decide(state, [_labelled(2, share, labelled), _labelled(1, 0.8, 2000)], minutes(5))
    after = rollout.follow(state, decision, who="watch", now=minutes(5))

    assert (decision.kind, decision.cause) == (kind, cause)
    assert len(after.looks) == (0 if labelled < 100 else 1)
    assert ("look" in decision.evidence) == (labelled >= 100)


def test_a_look_is_kept_and_a_winner_found_too_early_wins_when_its_time_is_over() -> None:
    state, seen = _in_phase(1, "ab"), [_labelled(2, 0.95, 150), _labelled(1, 0.8, 2000)]

    early = rollout.decide(state, seen, minutes(0.5))
    state = rollout.follow(state, early, who="watch", now=minutes(0.5))
    later = rollout.decide(state, [_labelled(2, 0.80, 160), _labelled(1, 0.8, 2000)], minutes(1))

    assert (early.kind, early.cause, len(state.looks)) == ("hold", "bake", 1)
    assert (later.kind, later.look) == ("advance", None)


def test_a_guardrail_ends_the_test() -> None:
    guarded = replace(EXPERIMENT, guardrails={"recall": Bounds(min=0.9)})
    seen = [_labelled(2, 0.95, 150, recall=0.8), _labelled(1, 0.8, 2000)]

    decision = rollout.decide(_in_phase(1, "ab", experiment=guarded), seen, minutes(5))

    assert (decision.kind, decision.reason) == (
        "roll back", "version 2: recall is 0.8 on 150 labelled requests, below the guardrail 0.9"
    )  # fmt: skip


def test_what_has_ended_cannot_be_steered() -> None:
    how: dict[str, Any] = {"who": "ada", "reason": "so", "now": NOW + timedelta(minutes=9)}
    aborted = rollout.abort(_in_phase(1), **how)

    for change in (rollout.pause, rollout.resume, rollout.abort):
        with pytest.raises(PolicyError, match="the rollout of churn version 2 at churn@prod is not under way: aborted"):
            change(aborted, **how)
    with pytest.raises(PolicyError, match="has nothing to go back to"):
        rollout.roll_back(aborted, **how)
