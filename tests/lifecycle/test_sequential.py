"""The A/B test: its bounds against published ones, its false winners measured, and what it says at each look."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from groundplan.core import extras
from groundplan.lifecycle import sequential
from groundplan.lifecycle.contract.rollout import Experiment, Look
from groundplan.lifecycle.contract.traffic import Observation
from groundplan.lifecycle.sequential import bounds, examine, spent

from tools.bench.sequential import winners

PLAN = Experiment(metric="accuracy", looks=5, min_samples=200)
WHEN = "2026-11-21T12:00:00.000Z"


def _observed(version: int, labelled: int, value: float | None, metric: str = "accuracy", **more: Any) -> Observation:
    return Observation(
        version=version, since=WHEN, requests=labelled, errors=0, latency_p50_ms=None, latency_p95_ms=None,
        metrics={} if value is None else {metric: value}, labelled=labelled, **more,
    )  # fmt: skip


def test_the_bounds_are_those_that_are_published_for_five_even_looks() -> None:
    even = [0.2, 0.4, 0.6, 0.8, 1.0]

    assert bounds(even, even, 0.025) == pytest.approx([4.8769, 3.3570, 2.6803, 2.2898, 2.0310], abs=5e-4)


def test_a_single_look_is_the_plain_test() -> None:
    assert bounds([1.0], [7.0], 0.05) == pytest.approx([1.6449], abs=5e-4)


def test_uneven_looks_spend_alpha_whole_as_a_multivariate_normal_sees_it() -> None:
    times = [0.25, 0.4, 1.0]
    limits = bounds(times, [one * 180 for one in times], 0.05)

    together = [[math.sqrt(min(one, other) / max(one, other)) for other in times] for one in times]
    normal = extras.load("scipy.stats").multivariate_normal(cov=together, seed=1)
    assert 1 - normal.cdf(limits) == pytest.approx(0.05, abs=2e-4)
    assert [spent(0.0, 0.05), spent(1.0, 0.05), spent(3.0, 0.05)] == pytest.approx([0.0, 0.05, 0.05])


def test_a_look_that_brings_nothing_new_can_decide_nothing() -> None:
    assert bounds([0.5, 0.5], [10.0, 10.0], 0.05)[1] == math.inf


def test_false_winners_stay_under_alpha_and_true_ones_are_found() -> None:
    tests = 1500
    error = math.sqrt(0.05 * 0.95 / tests)

    false = winners(PLAN, tests, truth=(0.85, 0.85), seed=11)
    peeking = winners(PLAN, tests, truth=(0.85, 0.85), seed=11, bound=1.645)
    true = winners(PLAN, tests, truth=(0.90, 0.85), seed=12)

    assert false <= 0.05 + 2 * error
    assert peeking > 0.05 + 2 * error, "the simulation would not show what looking again and again does"
    assert true > 0.9


def test_too_few_labels_of_either_version_are_no_look() -> None:
    first = examine(PLAN, [], _observed(2, 199, 0.9), _observed(1, 5000, 0.8), when=WHEN)
    look = _looked(samples=260)
    second = examine(PLAN, [look], _observed(2, 459, 0.9), _observed(1, 5000, 0.8), when=WHEN)

    assert (first.verdict, first.look) == ("go on", None)
    assert first.reason == (
        "look 1 of 5 needs 200 labelled requests of each version: 199 of the new one, 5000 of the one before"
    )
    assert (second.look, second.reason.split(":")[0]) == (
        None,
        "look 2 of 5 needs 460 labelled requests of each version",
    )


def _looked(**changes: Any) -> Look:
    look = Look(when=WHEN, samples=200, champion_samples=1800, fraction=0.2, information=180.0, difference=0.0, z=0.0,
                z_worse=0.0, bound=4.23)  # fmt: skip
    return replace(look, **changes)


def test_a_look_says_winner_loser_or_not_decided_and_the_last_one_ends_it() -> None:
    def verdict(value: float, plan: Experiment = PLAN, labelled: int = 200) -> str:
        return examine(plan, [], _observed(2, labelled, value), _observed(1, 9 * labelled, 0.8), when=WHEN).verdict

    assert verdict(0.95) == "winner"
    assert verdict(0.60) == "loser"
    assert verdict(0.81) == "go on"
    assert verdict(0.81, labelled=1000) == "no winner"
    assert verdict(0.81, replace(PLAN, looks=1)) == "no winner"
    assert verdict(0.95, replace(PLAN, min_effect=0.14)) == "go on"


def test_a_metric_that_is_better_when_smaller_is_turned_round() -> None:
    plan = replace(PLAN, metric="mae")
    errors = {"standard_errors": {"mae": 0.02}}

    state = examine(
        plan, [], _observed(2, 200, 0.5, "mae", **errors), _observed(1, 900, 0.9, "mae", **errors), when=WHEN
    )

    assert state.look is not None
    assert (state.verdict, round(state.look.difference, 3), round(state.look.z, 2)) == ("winner", 0.4, 14.14)
    assert "mae is better by 0.4" in state.reason


@pytest.mark.parametrize(
    ("metric", "value", "reason"),
    [
        ("accuracy", None, "accuracy of version 2 was not measured"),
        ("accuracy", math.nan, "accuracy of version 2 was not measured"),
        ("f1", 0.8, "how sure f1 is was not measured"),
    ],
)
def test_what_was_not_measured_decides_nothing(metric: str, value: float | None, reason: str) -> None:
    plan = replace(PLAN, metric=metric)

    state = examine(plan, [], _observed(2, 300, value, metric), _observed(1, 300, 0.7, metric), when=WHEN)

    assert state == sequential.Examination(verdict="go on", reason=reason)


def test_answers_without_any_spread_are_sure_only_of_a_difference() -> None:
    same = examine(PLAN, [], _observed(2, 200, 1.0), _observed(1, 200, 1.0), when=WHEN)

    assert same.look is not None
    assert (same.verdict, same.look.z) == ("go on", 0.0)
