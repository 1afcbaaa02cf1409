"""Concept drift: what is true where the model says something, held against the evidence; by real predictions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from groundplan.lifecycle import monitoring
from groundplan.lifecycle.contract.monitoring import Baseline, MonitorCheck, MonitorPlan, Performance
from groundplan.lifecycle.local.evaluation.predictions import Predictions
from groundplan.lifecycle.local.evaluation.profiling import outcomes
from groundplan.lifecycle.local.monitoring.measuring import Labelled, measure

from monitoring_kit import MADE, baseline, numbers, plan, window

AGES = np.random.default_rng(3).normal(40, 10, size=2000)
CLASSES = ("no", "yes")


def learned(said: Sequence[int], true: Sequence[int]) -> Baseline:
    """A classifier's baseline with what was true of its held-out rows."""
    held_out = Predictions(task="classification", truth=np.array(true), predicted=np.array(said), classes=CLASSES)
    return replace(baseline({"age": AGES}), outcomes=outcomes(held_out))


def labelled(said: Sequence[object], true: Sequence[object], how: MonitorPlan) -> Performance:
    return measure(how, Labelled(truth=list(true), predicted=list(said), probabilities=[None] * len(said),
                                 inputs=[{} for _ in said]))  # fmt: skip


def checks(how: MonitorPlan, known: Baseline, measured: Performance | None) -> dict[str, MonitorCheck]:
    data = window({"age": numbers(AGES[:500])}, performance=measured)
    found = monitoring.examine(how, known, data, made=MADE).checks
    return {one.subject: one for one in found if one.area == "concept"}


# Of 1000 rows that were held out: yes was said of 400 and true of 360 of them, no of 600 and wrong of 60.
SAID = [1] * 400 + [0] * 600
TRUE = [1] * 360 + [0] * 40 + [0] * 540 + [1] * 60
YES, NO = "truth where it said yes", "truth where it said no"


def test_the_same_relation_with_other_shares_of_answers_is_no_concept_drift() -> None:
    measured = labelled(["yes"] * 300 + ["no"] * 200, ["yes"] * 270 + ["no"] * 30 + ["no"] * 180 + ["yes"] * 20, plan())

    found = checks(plan(), learned(SAID, TRUE), measured)

    assert {subject: one.verdict for subject, one in found.items()} == {YES: "ok", NO: "ok"}


def test_where_what_is_true_has_changed_the_answer_that_no_longer_holds_is_named() -> None:
    measured = labelled(["yes"] * 200 + ["no"] * 300, ["yes"] * 90 + ["no"] * 110 + ["no"] * 270 + ["yes"] * 30, plan())

    found = checks(plan(), learned(SAID, TRUE), measured)

    assert {subject: one.verdict for subject, one in found.items()} == {YES: "alert", NO: "ok"}
    assert found[YES].detail == "no: 55.0% now, 10.0% in the evidence"
    assert found[YES].rows == 200
    assert found[YES].p_value == pytest.approx(0, abs=1e-10)


def test_a_class_that_the_model_hardly_says_is_not_called_calm() -> None:
    measured = labelled(["yes"] * 99 + ["no"] * 300, ["no"] * 99 + ["no"] * 270 + ["yes"] * 30, plan())

    found = checks(plan(), learned(SAID, TRUE), measured)

    assert {subject: one.verdict for subject, one in found.items()} == {YES: "not enough data", NO: "ok"}


def test_a_truth_that_the_held_out_rows_never_had_counts() -> None:
    measured = labelled(["yes"] * 200, ["maybe"] * 100 + ["yes"] * 100, plan())

    found = checks(plan(), learned(SAID, TRUE), measured)

    assert found[YES].verdict == "alert"
    assert found[YES].detail == "all others: 50.0% now, 0.0% in the evidence"


@pytest.mark.parametrize(("shift", "verdict"), [(0.0, "ok"), (3.0, "alert")])
def test_a_regressions_residuals_tell(shift: float, verdict: str) -> None:
    random = np.random.default_rng(11)
    said, noise = random.normal(100, 20, size=1500), random.normal(0, 2, size=1500)
    held_out = Predictions(task="regression", truth=said + noise, predicted=said)
    how = plan(task="regression")
    now = random.normal(130, 20, size=400)
    measured = labelled(list(now), list(now + random.normal(0, 2, size=400) + shift), how)

    found = checks(how, replace(baseline({"age": AGES}), outcomes=outcomes(held_out)), measured)

    assert {subject: one.verdict for subject, one in found.items()} == {"residuals": verdict}


@pytest.mark.parametrize(
    ("known", "measured", "verdict"),
    [
        (learned(SAID, TRUE), None, "not enough data"),
        (baseline({"age": AGES}), labelled(["yes"] * 200, ["no"] * 200, plan()), "not judged"),
    ],
    ids=["no labels", "a baseline from before"],
)
def test_without_labels_or_outcomes_nothing_is_claimed(
    known: Baseline, measured: Performance | None, verdict: str
) -> None:
    assert {subject: one.verdict for subject, one in checks(plan(), known, measured).items()} == {"truth": verdict}
