"""What labels and logged predictions decide, told once for every platform."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from groundplan.core import clock
from groundplan.lifecycle.contract.monitoring import MonitorPlan
from groundplan.lifecycle.contract.rollout import Conditions, Experiment
from groundplan.lifecycle.contract.rubric import Bounds
from groundplan.lifecycle.local.monitoring.looking import Looking

import monitoring_kit
from conformance_kit import ROWS, Rig, good
from monitoring_kit import asked, learned


def monitor(**values: Any) -> MonitorPlan:
    return monitoring_kit.plan(positive_class="yes", **values)


def begin(rig: Rig, strategy: Any, **changes: Any) -> None:
    """Version 2 begins to take over from version 1; it was not watched on copies before."""
    rig.learn("b")
    rig.serve("a")
    rig.promote(rig.register("b"))
    rig.tell(good(1, ROWS), good(2, ROWS))
    plan = rig.plan(strategy)
    online = tuple(one for one in plan.phases if one.kind != "shadow")
    rig.deploy(strategy, monitor=monitor(), phases=online, **changes)


def test_a_metric_on_labels_below_its_bound_turns_a_canary_back(rig: Rig) -> None:
    begin(rig, "canary", conditions=Conditions(min_requests=50, metrics={"accuracy": Bounds(min=0.8)}))
    rig.asked(0, right={1: 0.9, 2: 0.9})
    went_on = rig.look(2)
    rig.asked(2, right={1: 0.9, 2: 0.6})

    turned = rig.look(4)

    assert (went_on.status, went_on.phase) == ("running", 1)
    assert (turned.status, rig.shares()) == ("rolled-back", {1: 100})
    assert f"accuracy is 0.6 on {ROWS} labelled requests, below the bound 0.8" in turned.history[-1].reason


def test_labels_decide_which_of_two_versions_all_requests_go_to(rig: Rig) -> None:
    begin(rig, "ab", experiment=Experiment(metric="accuracy", looks=2, min_samples=100))
    rig.asked(0, right={1: 0.6, 2: 0.95})

    decided = rig.look(2)

    assert (decided.status, rig.shares()) == ("running", {2: 100})
    assert [(one.samples, one.champion_samples) for one in decided.looks] == [(ROWS, ROWS)]


def test_predictions_that_drift_from_what_the_model_learned_turn_a_canary_back(rig: Rig) -> None:
    begin(rig, "canary", conditions=Conditions(min_requests=50, drift=True))
    rig.asked(0, right={2: 0.9})
    went_on = rig.look(2)
    rig.asked(2, right={2: 0.9}, said=("yes",))

    turned = rig.look(4)

    assert (went_on.status, turned.status, rig.shares()) == ("running", "rolled-back", {1: 100})
    assert "its predictions drift: prediction" in turned.history[-1].reason


def test_drift_is_found_in_the_window_in_which_it_began_and_alerts_in_the_next(rig: Rig) -> None:
    rig.serve("a")
    rig.tell(good(1, ROWS))
    start = clock.in_utc(rig.began).replace(minute=0, second=0, microsecond=0) - timedelta(hours=6)
    lines, labels = asked(hours=6, drifted_from=4, rows=ROWS, start=start)
    rig.label(rig.log(lines), labels, now=start + timedelta(hours=6))
    monitors = rig.platform().monitors

    looking = Looking(store=monitors, plan=monitor(metrics={"accuracy": 0.1}), baseline=lambda version: learned())
    found = [looking.look(start + timedelta(hours=hour, minutes=30), serving=[1])[0] for hour in (4, 5, 6)]

    drifted = "drift/age/psi"
    assert [drifted in one.found for one in found] == [False, True, True]
    assert [drifted in one.alerts for one in found] == [False, False, True]
    assert found[-1].since[drifted] == clock.to_text(start + timedelta(hours=4))
    assert (found[-1].labelled, "performance/model/accuracy" in found[-1].alerts) == (ROWS, True)
    assert rig.platform().monitors.reports("churn", "dev")[-1] == found[-1]
