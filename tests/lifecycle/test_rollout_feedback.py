"""Rollouts that labels and logged predictions have a say in; log, labels and baselines are real files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from groundplan.core import clock
from groundplan.core.layout import Layout
from groundplan.lifecycle import rollouts
from groundplan.lifecycle.contract.monitoring import Label, MonitorPlan
from groundplan.lifecycle.contract.rollout import Conditions, Experiment, Rollout
from groundplan.lifecycle.contract.rubric import Bounds
from groundplan.lifecycle.local.monitoring import baselines
from groundplan.lifecycle.local.monitoring.store import LocalMonitorStore

import monitoring_kit
from monitoring_kit import learned, log_line
from rollout_kit import MODEL, NOW, SETTINGS, World, make_plan, minutes, observed

ROWS = 150


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Version 1 answers, version 2 is promoted; nothing is wrong with either as a service."""
    made = World()
    made.serve(1)
    made.promote(2)
    made.told = lambda since: [observed(2, ROWS), observed(1, ROWS)]
    made.monitors = LocalMonitorStore(Layout(tmp_path))
    return made


def logged(world: World, minute: float, *, right: dict[int, float], said: Sequence[str] = ("yes", "no")) -> None:
    """Requests to each version and their labels, in the minute after ``minute``; ``right`` has the accuracy of each."""
    store = world.monitors
    assert store is not None
    lines: list[str] = []
    labels: list[Label] = []
    for version, accuracy in right.items():
        for number in range(ROWS):
            answer = said[number % len(said)]
            other = "no" if answer == "yes" else "yes"
            name, when = f"{minute}-{version}-{number}", clock.to_text(minutes(minute + number / ROWS))
            row: dict[str, object] = {"age": 40.0 + number % 20 - 10, "plan": "basic"}
            lines.append(log_line(when, row, answer, request_id=name, version=version))
            truth = answer if number < accuracy * ROWS else other
            labels.append(Label(request_id=name, value=truth, when=when))
    path = store.request_log("churn", "prod")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as stream:
        stream.write("".join(lines))
    store.feedback("churn", "prod", labels, window_seconds=3600, now=clock.to_text(minutes(minute + 1)))


def copied(world: World, minute: float, *, right: float, said: Sequence[str] = ("yes", "no")) -> None:
    """Requests that version 1 answers rightly, and their copies, of which version 2 gets this share right."""
    logged(world, minute, right={1: 1.0})
    assert world.monitors is not None
    path = world.monitors.request_log("churn", "prod")
    lines: list[str] = []
    for answered in map(json.loads, path.read_text().splitlines()[-ROWS:]):
        number = int(answered["request_id"].rpartition("-")[2])
        truth = answered["outputs"][0]
        answer = truth if number < right * ROWS else said[0] if truth != said[0] else said[-1]
        lines.append(json.dumps({**answered, "version": 2, "outputs": [answer], "mirrored": True}) + "\n")
    with path.open("a") as stream:
        stream.write("".join(lines))


def monitor(**values: Any) -> MonitorPlan:
    return monitoring_kit.plan(environment="prod", task="classification", positive_class="yes", **values)


def start(world: World, strategy: Any, **changes: Any) -> None:
    plan = make_plan(strategy, monitor=monitor(), **changes)
    rollouts.start(world.platform, MODEL, SETTINGS, plan, who="ada", now=NOW)


def look(world: World, minute: float) -> Rollout:
    state = world.platform.rollouts.current("churn", "prod")
    assert state is not None
    return rollouts.look(world.platform, state, who="watch", now=minutes(minute))


def test_a_metric_on_feedback_below_its_bound_turns_a_canary_back(world: World) -> None:
    start(world, "canary", conditions=Conditions(min_requests=50, metrics={"accuracy": Bounds(min=0.8)}))
    logged(world, 0, right={1: 0.9, 2: 0.9})
    went_on = look(world, 2)
    logged(world, 2, right={1: 0.9, 2: 0.6})

    turned = look(world, 4)

    assert (went_on.status, went_on.phase) == ("running", 1)
    assert turned.status == "rolled-back"
    assert "accuracy is 0.6 on 150 labelled requests, below the bound 0.8" in turned.history[-1].reason


def test_an_ab_test_names_the_better_version_and_lets_it_have_all_requests(world: World) -> None:
    start(world, "ab", experiment=Experiment(metric="accuracy", looks=2, min_samples=100))
    logged(world, 0, right={1: 0.6, 2: 0.95})
    look(world, 2)
    logged(world, 2, right={1: 0.6, 2: 0.95})

    decided = look(world, 4)

    assert (decided.status, world.shares) == ("running", {2: 100})
    assert [(one.samples, one.champion_samples) for one in decided.looks] == [(ROWS, ROWS)]


def test_predictions_that_drift_turn_a_canary_back(world: World, tmp_path: Path) -> None:
    for number, version in world.staged.items():
        world.staged[number] = replace(version, path=tmp_path / "models" / str(number) / "model")
        baselines.write(world.staged[number].path, learned())
    start(world, "canary", conditions=Conditions(min_requests=50, drift=True))
    logged(world, 0, right={1: 0.9, 2: 0.9})
    went_on = look(world, 2)
    logged(world, 2, right={1: 0.9, 2: 0.9}, said=("yes",))

    turned = look(world, 4)

    assert (went_on.status, turned.status) == ("running", "rolled-back")
    assert "its predictions drift: prediction" in turned.history[-1].reason


@pytest.mark.parametrize(("right", "status"), [(0.9, "running"), (0.6, "rolled-back")])
def test_labels_judge_a_version_that_only_gets_copies(world: World, right: float, status: str) -> None:
    world.told = lambda since: [observed(2, 0, mirrored=ROWS), observed(1, ROWS)]
    start(world, "canary", conditions=Conditions(min_requests=50, metrics={"accuracy": Bounds(min=0.8)}))
    copied(world, 0, right=right)

    turned = look(world, 1)

    assert (turned.status, turned.phase) == (status, 1 if status == "running" else 0)
    seen: Any = turned.history[-1].evidence["new"]
    assert (seen["mirrored"], seen["labelled"], seen["metrics"]["accuracy"]) == (ROWS, ROWS, right)


def test_predictions_that_drift_turn_a_version_back_that_only_gets_copies(world: World, tmp_path: Path) -> None:
    for number, version in world.staged.items():
        world.staged[number] = replace(version, path=tmp_path / "models" / str(number) / "model")
        baselines.write(world.staged[number].path, learned())
    world.told = lambda since: [observed(2, 0, mirrored=ROWS), observed(1, ROWS)]
    start(world, "canary", conditions=Conditions(min_requests=50, drift=True))
    copied(world, 0, right=0.0, said=("yes", "yes"))

    turned = look(world, 1)

    assert (turned.status, turned.phase) == ("rolled-back", 0)
    assert "its predictions drift: prediction" in turned.history[-1].reason


def test_requests_and_labels_from_before_the_phase_have_no_say(world: World) -> None:
    logged(world, -5, right={1: 0.9, 2: 0.1})
    start(world, "canary", conditions=Conditions(min_requests=50, metrics={"accuracy": Bounds(min=0.8)}))
    logged(world, 0, right={1: 0.9, 2: 0.9})

    assert look(world, 2).status == "running"
