"""From drift to a new version that takes over, or does not: told once for every platform.

Training is a run that is there already, and what was measured of it is told; a run that really trains at a cloud is in
tests/stories.
"""

from __future__ import annotations

from contextlib import nullcontext
from datetime import datetime, timedelta

import pytest
from groundplan.core import clock
from groundplan.core.errors import LockedError
from groundplan.lifecycle import retraining, retrainings
from groundplan.lifecycle.contract.model import ModelVersion
from groundplan.lifecycle.contract.retraining import RetrainingDecision, RetrainingPlan, Situation
from groundplan.lifecycle.local.monitoring.looking import Looking

import monitoring_kit
from conformance_kit import PLAN, ROWS, Rig, good, transitions
from monitoring_kit import asked, learned
from registry_kit import MODEL

WANTED = RetrainingPlan(on_drift=True, on_performance=False, cool_down_seconds=3600)


def _permit(version: ModelVersion, environment: str) -> None:
    """No rule stands against it."""


def drifted(rig: Rig) -> datetime:
    """Version 1 serves, and in the newest two windows ages are 30 higher than it has learned; when they ended."""
    rig.serve("a")
    rig.tell(good(1, ROWS))
    end = clock.in_utc(rig.began).replace(minute=0, second=0, microsecond=0)
    start = end - timedelta(hours=6)
    lines, _ = asked(hours=6, drifted_from=4, rows=ROWS, start=start)
    rig.log(lines)
    looking = Looking(
        store=rig.platform().monitors,
        plan=monitoring_kit.plan(positive_class="yes"),
        baseline=lambda version: learned(),
    )
    for hour in (5, 6):
        looking.look(start + timedelta(hours=hour, minutes=30), serving=[1])
    return end


def decide(rig: Rig, now: datetime) -> RetrainingDecision:
    """What the triggers say of version 1."""
    platform = rig.platform()
    situation = Situation(
        model=MODEL, environment="dev", version=1, trained=None, decisions=platform.retrainings.decisions(MODEL),
        reports=platform.monitors.reports("churn", "dev"), labelled=None, under_way="", asked=None,
    )  # fmt: skip
    return retraining.decide(WANTED, situation, now)


def carry_out(rig: Rig, decision: RetrainingDecision, *, better_by: float, marker: str = "b") -> RetrainingDecision:
    """Train, and let a winner take over in a canary."""

    def hand_over(version: ModelVersion, environment: str) -> str:
        begun = rig.deploy("canary")
        return "" if begun is None else begun.status

    means = retrainings.Means(
        train=lambda: rig.train(marker, better_by=better_by), alone=nullcontext, permit=_permit,
        hand_over=hand_over,
    )  # fmt: skip
    rig.train(marker, better_by=better_by)
    return retrainings.carry_out(rig.platform(), PLAN, decision, means, who="ada")


def test_drift_asks_for_a_new_version_and_a_winner_takes_over_step_by_step(rig: Rig) -> None:
    now = drifted(rig)
    decision = decide(rig, now)
    assert (decision.decision, decision.trigger) == ("retrain", "drift")
    assert "drift/age" in decision.reasons["drift"]

    ended = carry_out(rig, retrainings.put_on_record(rig.platform(), decision, who="ada", now=now), better_by=0.01)

    assert (ended.outcome, ended.version, ended.details["rollouts"]) == ("won", 2, {"dev": "running"})
    assert rig.stages() == {1: (None, "retired"), 2: ("dev", "registered")}
    assert rig.shares() == {1: 100}
    rig.tell(good(1), good(2, mirrored=100))
    for minute in (2, 4, 6, 8):
        rig.look(minute)
    assert (rig.shares(), transitions(rig.current())[-1]) == ({2: 100}, "completed")
    assert [one.outcome for one in rig.platform().retrainings.decisions(MODEL)] == ["won"]
    actions = [one.action for one in rig.platform().models.audit_log() if one.version == 2]
    assert actions[:2] == ["register", "promote"]


def test_a_challenger_that_is_not_better_changes_nothing_and_drift_that_was_answered_asks_no_more(rig: Rig) -> None:
    now = drifted(rig)
    before = rig.platform().models.audit_log()
    kept = retrainings.put_on_record(rig.platform(), decide(rig, now), who="ada", now=now)

    ended = carry_out(rig, kept, better_by=-0.05)

    assert (ended.outcome, ended.version) == ("lost", None)
    assert str(ended.details["why"]).startswith("champion: found roc_auc better by -0.04, at least -0.05 (version 1")
    assert (rig.shares(), rig.stages()) == ({1: 100}, {1: ("dev", "registered")})
    assert rig.platform().models.audit_log() == before
    again = decide(rig, now + timedelta(hours=2))
    assert (again.decision, again.reasons["drift"][:43]) == (
        "no",
        "nothing new since the retraining of " + again.reasons["drift"][36:43],
    )


def test_one_that_was_cut_short_is_gone_on_with_by_the_next_command_of_any_machine(rig: Rig) -> None:
    now = drifted(rig)
    kept = retrainings.put_on_record(rig.platform(), decide(rig, now), who="ada", now=now)

    def stop() -> None:
        raise LockedError("somebody else works on this project")

    means = retrainings.Means(
        train=lambda: rig.train("b", better_by=0.01), alone=lambda: stop() or nullcontext(),
        permit=_permit, hand_over=lambda version, environment: "",
    )  # fmt: skip
    rig.train("b", better_by=0.01)
    with pytest.raises(LockedError):
        retrainings.carry_out(rig.platform(), PLAN, kept, means, who="ada")

    left = retrainings.begun(rig.platform().retrainings.decisions(MODEL))
    assert left is not None
    ended = carry_out(rig, left, better_by=0.01)

    assert (left.version, ended.outcome, ended.version, rig.stages()[2][0]) == (2, "won", 2, "dev")
