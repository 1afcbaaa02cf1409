"""What labels and logged predictions decide, told once for every platform."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from groundplan.core import clock, extras
from groundplan.lifecycle.contract.monitoring import Baseline, MonitorPlan
from groundplan.lifecycle.contract.rollout import Conditions, Experiment
from groundplan.lifecycle.contract.rubric import Bounds
from groundplan.lifecycle.local.monitoring.looking import Looking

import endpoint_kit
import monitoring_kit
from attribution_kit import COLUMNS, income_or_age, measured, model, rows
from conformance_kit import PLAN, ROWS, Rig, good
from monitoring_kit import asked, learned, log_line
from registry_kit import MODEL


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


@dataclass(frozen=True, kw_only=True)
class Swapping:
    """A model that goes by the income of those who came long ago, and by the age of all others."""

    folder: Path
    baseline: Baseline


@pytest.fixture(scope="module")
def swapping(tmp_path_factory: pytest.TempPathFactory) -> Swapping:
    """It learned from both; those whose answers were held out came long ago."""
    pipeline, preprocessing = extras.load("sklearn.pipeline"), extras.load("sklearn.preprocessing")
    logistic = extras.load("sklearn.linear_model").LogisticRegression(max_iter=500)
    known = extras.load("pandas").concat([rows(600, 1), rows(600, 2, tenure=-2)])
    made = pipeline.make_pipeline(preprocessing.PolynomialFeatures(2), logistic).fit(known, income_or_age(known) > 0)
    signature = [{"name": name, "type": "double", "required": True} for name in COLUMNS]
    folder = endpoint_kit.save_model(tmp_path_factory.mktemp("swapping") / "model", made, signature)
    held_out = rows(600, 3)
    found = measured(model(made, classes=(False, True)), held_out)
    learned = monitoring_kit.baseline({name: held_out[name] for name in COLUMNS}, attribution=found)
    return Swapping(folder=folder, baseline=learned)


def test_a_model_whose_answers_depend_on_another_column_is_told_without_labels(rig: Rig, swapping: Swapping) -> None:
    shutil.copytree(swapping.folder, rig.folder / "made" / "a")
    rig.serve("a")
    rig.tell(good(1, ROWS))
    hour = clock.in_utc(rig.began).replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    asked_for: list[dict[str, object]] = rows(ROWS, 4, tenure=-2).to_dict("records")
    rig.log([
        log_line(clock.to_text(hour + timedelta(seconds=number)), row, "yes", request_id=str(number))
        for number, row in enumerate(asked_for)
    ])  # fmt: skip
    models = rig.platform().models

    looking = Looking(
        store=rig.platform().monitors, plan=monitor(attribution=0.9, hysteresis=(1, 1)),
        baseline=lambda version: swapping.baseline,
        attribute=lambda version, rows: models.attribution(models.get(MODEL, version), rows, PLAN),
    )  # fmt: skip
    (report,) = looking.look(hour + timedelta(hours=1, minutes=30), serving=[1])

    (found,) = [check for check in report.checks if check.area == "attribution"]
    assert (found.verdict, found.rows, found.labels[0]) == ("alert", ROWS, "income"), found.detail
    assert found.key in report.alerts
    assert found.before[0] > 0.5 > found.after[0]
    assert rig.platform().monitors.reports("churn", "dev")[-1] == report
