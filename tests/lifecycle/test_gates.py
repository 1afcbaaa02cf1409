"""Gates: a check for each demand, nothing passes unmeasured, better is never worse."""

from __future__ import annotations

import dataclasses
import math
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from groundplan.core import clock
from groundplan.core.errors import GateFailedError, Problem
from groundplan.core.exit_codes import ExitCode
from groundplan.lifecycle.contract.evidence import (
    Check,
    Comparison,
    DisturbanceValue,
    Evidence,
    FairnessValue,
    SliceValue,
    Verdict,
)
from groundplan.lifecycle.contract.rubric import (
    HIGHER_IS_BETTER,
    Bounds,
    ChampionRule,
    DisturbanceRule,
    FairnessRule,
    Rubric,
    SliceRule,
)
from groundplan.lifecycle.gates import judge, require
from hypothesis import given
from hypothesis import strategies as st

from evaluation_kit import make_version

if TYPE_CHECKING:
    from groundplan.lifecycle.contract.model import ModelVersion

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DIGEST = "sha256:" + "a" * 64
OTHER = "sha256:" + "b" * 64
RULE = ChampionRule(metric="roc_auc", margin=-0.02, confidence=0.95, resamples=1000)
CHAMPION = make_version(Path("champion"), OTHER, version=3)
COMPARISON = Comparison(
    champion_version="3", champion_digest=OTHER, metric="roc_auc", challenger=0.9, champion=0.89, difference=0.01,
    lower=-0.01, confidence=0.95, resamples=1000,
)  # fmt: skip


def evidence(**values: Any) -> Evidence:
    made = Evidence(
        model="churn", task="classification", model_digest=DIGEST, data_digest="sha256:d", rows=100, metrics={},
        made=clock.to_text(NOW - timedelta(hours=1)), code_version="c", groundplan_version="1",
    )  # fmt: skip
    return dataclasses.replace(made, **values)


def verdict(
    found: Evidence,
    rubric: Rubric,
    *,
    comparison: Comparison | None = None,
    champion: ModelVersion | None = None,
    now: datetime = NOW,
    model_digest: str = DIGEST,
) -> Verdict:
    return judge(found, rubric, now=now, model_digest=model_digest, comparison=comparison, champion=champion)


def rubric(**values: Any) -> Rubric:
    return dataclasses.replace(Rubric(environment="staging", metrics={}), **values)


def last(given: Verdict) -> Check:
    return given.checks[-1]


def test_an_empty_rubric_still_demands_matching_and_fresh_evidence() -> None:
    given = verdict(evidence(), rubric())

    assert given == Verdict(
        environment="staging",
        checks=(
            Check(name="match", expected=f"evidence of {DIGEST}", found=DIGEST, passed=True),
            Check(name="freshness", expected="made within 30 days", found="made 2026-03-01T11:00:00.000Z", passed=True),
        ),
    )


def test_evidence_of_another_model_fails() -> None:
    given = verdict(evidence(), rubric(), model_digest=OTHER)

    assert [check.name for check in given.failures] == ["match"]
    assert "another model" in given.failures[0].reason


@pytest.mark.parametrize(
    ("age", "passed"),
    [
        (timedelta(days=30), True),
        (timedelta(days=30, seconds=1), False),
        (timedelta(minutes=-5), True),
        (timedelta(minutes=-5, seconds=-1), False),
    ],
)
def test_evidence_is_fresh_up_to_its_age_and_hardly_from_the_future(age: timedelta, passed: bool) -> None:
    given = verdict(evidence(made=clock.to_text(NOW - age)), rubric())

    assert given.checks[1].passed is passed


@pytest.mark.parametrize("made", ["", "yesterday", "2026-03-01T11:00:00"])
def test_evidence_without_a_time_is_not_fresh(made: str) -> None:
    assert verdict(evidence(made=made), rubric()).checks[1].passed is False


@pytest.mark.parametrize(
    ("value", "bounds", "expected", "passed"),
    [
        (0.9, Bounds(min=0.9), "at least 0.9", True),
        (0.9, Bounds(max=0.9), "at most 0.9", True),
        (0.5, Bounds(min=0.9), "at least 0.9", False),
        (0.5, Bounds(max=0.4), "at most 0.4", False),
        (0.5, Bounds(min=0.4, max=0.6), "at least 0.4 and at most 0.6", True),
        (0.89999999, Bounds(min=0.9), "at least 0.9", False),
    ],
)
def test_a_metric_is_held_against_its_bounds(value: float, bounds: Bounds, expected: str, passed: bool) -> None:
    given = verdict(evidence(metrics={"f1": value}), rubric(metrics={"f1": bounds}))

    assert last(given) == Check(name="f1", expected=expected, found=repr(value), passed=passed)


def test_a_metric_that_was_not_measured_fails_with_the_reason() -> None:
    found = evidence(notes=("roc_auc: the rows have one class only",))

    assert last(verdict(found, rubric(metrics={"roc_auc": Bounds(min=0.8)}))) == Check(
        name="roc_auc", expected="at least 0.8", found="nothing measured", passed=False,
        reason="the rows have one class only",
    )  # fmt: skip


SLICES = (
    SliceValue(column="region", value="north", metric="recall", measured=0.9, rows=50),
    SliceValue(column="region", value="south", metric="recall", measured=0.2, rows=29),
    SliceValue(column="region", value="west", metric="recall", measured=None, rows=40, reason="no rows of a class"),
)


def test_slices_are_judged_each_for_itself_and_small_ones_only_reported() -> None:
    rule = SliceRule(column="region", metric="recall", bounds=Bounds(min=0.8))

    given = verdict(evidence(slices=SLICES), rubric(slices=(rule,)))

    assert given.checks[2:] == (
        Check(name="recall where region = north", expected="at least 0.8", found="0.9", passed=True),
        Check(name="recall where region = south", expected="at least 0.8", found="0.2", passed=None,
              reason="29 rows, judged from 30 on"),
        Check(name="recall where region = west", expected="at least 0.8", found="nothing measured", passed=False,
              reason="no rows of a class"),
    )  # fmt: skip


def test_a_slice_that_was_named_and_not_measured_fails() -> None:
    rule = SliceRule(column="region", metric="recall", bounds=Bounds(min=0.8), values=("north", "east"))

    given = verdict(evidence(slices=SLICES), rubric(slices=(rule,)))

    assert [check.passed for check in given.checks[2:]] == [True, False]


def test_a_column_without_any_slice_fails() -> None:
    rule = SliceRule(column="age", metric="recall", bounds=Bounds(min=0.8))

    assert last(verdict(evidence(slices=SLICES), rubric(slices=(rule,)))).reason == "no slice was measured"


def gap(measured: float | None, *, few: int = 40, min_rows: int = 30) -> FairnessValue:
    return FairnessValue(
        column="sex",
        metric="demographic_parity_difference",
        measured=measured,
        groups={"f": 40, "m": few},
        min_rows=min_rows,
    )


@pytest.mark.parametrize(
    ("entries", "passed"),
    [
        ((gap(0.05),), True),
        ((gap(0.2),), False),
        ((gap(None),), False),
        ((gap(None, few=2),), None),
        ((gap(0.0, min_rows=5),), False),
        ((), False),
    ],
)
def test_a_gap_is_judged_between_groups_that_are_large_enough(
    entries: tuple[FairnessValue, ...], passed: bool | None
) -> None:
    rule = FairnessRule(column="sex", metric="demographic_parity_difference", bounds=Bounds(max=0.1))

    assert last(verdict(evidence(fairness=entries), rubric(fairness=(rule,)))).passed is passed


@pytest.mark.parametrize(
    ("drop", "seed", "passed"),
    [(0.05, 42, True), (-1.0, 42, True), (0.051, 42, False), (None, 42, False), (0.0, 7, False)],
)
def test_a_drop_is_judged_for_the_very_disturbance(drop: float | None, seed: int, passed: bool) -> None:
    rule = DisturbanceRule(kind="noise", metric="f1", amount=0.1, max_drop=0.05)
    entry = DisturbanceValue(kind="noise", amount=0.1, metric="f1", measured=drop, drop=drop, seed=seed)

    assert last(verdict(evidence(disturbances=(entry,)), rubric(disturbances=(rule,)))).passed is passed


def test_a_challenger_passes_when_it_is_surely_better_by_the_margin() -> None:
    given = verdict(evidence(), rubric(champion=RULE), comparison=COMPARISON, champion=CHAMPION)

    assert last(given) == Check(
        name="champion",
        expected="better by at least -0.02 with confidence 0.95",
        found="roc_auc better by 0.01, at least -0.01 (version 3: 0.89)",
        passed=True,
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"lower": -0.021}, ""),
        ({"lower": math.nan}, ""),
        ({"champion_digest": DIGEST}, "it was compared with another model"),
        ({"metric": "accuracy"}, "it was compared by accuracy, not by roc_auc"),
        ({"confidence": 0.9}, "it was compared with less confidence or fewer draws"),
        ({"resamples": 10}, "it was compared with less confidence or fewer draws"),
    ],
)
def test_a_challenger_fails_otherwise(change: dict[str, Any], reason: str) -> None:
    comparison = dataclasses.replace(COMPARISON, **change)

    check = last(verdict(evidence(), rubric(champion=RULE), comparison=comparison, champion=CHAMPION))

    assert (check.passed, check.reason) == (False, reason)


def test_without_a_champion_nothing_is_judged_and_with_one_nothing_is_skipped() -> None:
    itself = dataclasses.replace(CHAMPION, digest=DIGEST)
    demands = rubric(champion=RULE)

    assert last(verdict(evidence(), demands)).passed is None
    assert last(verdict(evidence(), demands, champion=itself)).passed is None
    assert last(verdict(evidence(), demands, champion=CHAMPION)).passed is False


def test_require_lists_every_failure_with_found_and_expected() -> None:
    given = verdict(evidence(metrics={"f1": 0.5}), rubric(metrics={"f1": Bounds(min=0.9), "brier": Bounds(max=0.1)}))

    with pytest.raises(GateFailedError) as caught:
        require(given)

    assert caught.value.exit_code is ExitCode.GATE_FAILED
    assert caught.value.problems == (
        Problem(message="f1: found 0.5, expected at least 0.9"),
        Problem(message="brier: found nothing measured, expected at most 0.1"),
    )
    assert "'staging'" in caught.value.message


def test_require_lets_a_passed_verdict_through() -> None:
    require(verdict(evidence(), rubric(champion=RULE)))


numbers = st.floats(allow_nan=True, allow_infinity=True)
finite = st.floats(min_value=-1e6, max_value=1e6)
names = st.sampled_from(sorted(HIGHER_IS_BETTER))
measured = st.dictionaries(names, st.none() | numbers)
limits = st.dictionaries(names, finite)


def bounds_of(thresholds: dict[str, float]) -> dict[str, Bounds]:
    return {
        name: Bounds(min=limit) if HIGHER_IS_BETTER[name] else Bounds(max=limit) for name, limit in thresholds.items()
    }


@given(found=measured, thresholds=limits)
def test_no_demand_is_lost_and_what_is_not_finite_never_passes(
    found: dict[str, float | None], thresholds: dict[str, float]
) -> None:
    metrics = {name: value for name, value in found.items() if value is not None}

    checks = verdict(evidence(metrics=metrics), rubric(metrics=bounds_of(thresholds))).checks[2:]

    assert [check.name for check in checks] == list(thresholds)
    assert all(check.passed is not None for check in checks)
    for check in checks:
        value = metrics.get(check.name)
        if value is None or not math.isfinite(value):
            assert check.passed is False


@given(name=names, limit=finite, value=finite, better=st.floats(min_value=0, max_value=1e6))
def test_a_better_value_never_turns_a_pass_into_a_failure(name: str, limit: float, value: float, better: float) -> None:
    demands = rubric(metrics=bounds_of({name: limit}))
    improved = value + better if HIGHER_IS_BETTER[name] else value - better

    before = verdict(evidence(metrics={name: value}), demands).passed
    after = verdict(evidence(metrics={name: improved}), demands).passed

    assert after or not before


slice_values = st.lists(
    st.builds(
        SliceValue, column=st.sampled_from(["a", "b"]), value=st.sampled_from(["x", "y", "z"]), metric=st.just("f1"),
        measured=st.none() | numbers, rows=st.integers(0, 60),
    ),
    unique_by=lambda entry: (entry.column, entry.value),
)  # fmt: skip
slice_rules = st.lists(
    st.builds(
        SliceRule, column=st.sampled_from(["a", "b"]), metric=st.just("f1"), bounds=st.just(Bounds(min=0.5)),
        values=st.none() | st.tuples(st.sampled_from(["x", "y", "z"])), min_rows=st.integers(1, 40),
    )
)  # fmt: skip


@given(entries=slice_values, rules=slice_rules, data=st.data())
def test_the_order_of_evidence_changes_nothing_and_each_rule_has_its_checks(
    entries: list[SliceValue], rules: list[SliceRule], data: st.DataObject
) -> None:
    demands = rubric(slices=tuple(rules))
    shuffled = data.draw(st.permutations(entries))

    given_checks = verdict(evidence(slices=tuple(entries)), demands).checks

    assert given_checks == verdict(evidence(slices=tuple(shuffled)), demands).checks
    expected = [
        max(1, sum(entry.column == rule.column for entry in entries)) if rule.values is None else 1 for rule in rules
    ]
    assert len(given_checks) == 2 + sum(expected)


@given(lower=numbers, margin=finite)
def test_a_champion_is_only_replaced_for_a_finite_margin(lower: float, margin: float) -> None:
    rule = dataclasses.replace(RULE, margin=margin)
    comparison = dataclasses.replace(COMPARISON, lower=lower)

    passed = verdict(evidence(), rubric(champion=rule), comparison=comparison, champion=CHAMPION).passed

    assert passed == (math.isfinite(lower) and lower >= margin)
