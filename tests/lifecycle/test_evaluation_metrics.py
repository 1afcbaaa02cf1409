"""Metrics, slices, gaps and disturbances on real models, held against scikit-learn's and Fairlearn's own results."""

from __future__ import annotations

import re
import typing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from groundplan.core import extras
from groundplan.lifecycle.contract.evidence import DisturbanceValue, FairnessValue, SliceValue
from groundplan.lifecycle.contract.rubric import HIGHER_IS_BETTER
from groundplan.lifecycle.local.evaluation import metrics
from groundplan.lifecycle.local.evaluation.measurement import measure
from groundplan.lifecycle.local.evaluation.requests import (
    Demands,
    DisturbanceDemand,
    FairnessDemand,
    Measurement,
    SliceDemand,
)
from groundplan.stacks.config.evaluation import FairnessMetric, MetricName

from evaluation_kit import Case, held_out, make_case, make_frame, number, request, three, two

# Any: none of these ships types that a strict check can use.
pd: Any = extras.load("pandas")
ORACLE: Any = extras.load("sklearn.metrics")
FAIRLEARN: Any = extras.load("fairlearn.metrics")
dummy: Any = extras.load("sklearn.dummy")
impute: Any = extras.load("sklearn.impute")
linear_model: Any = extras.load("sklearn.linear_model")
pipeline: Any = extras.load("sklearn.pipeline")
svm: Any = extras.load("sklearn.svm")
PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"
OF_THE_MODEL = {"latency_p95_ms", "size_mb"}


@pytest.fixture(autouse=True)
def few_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time few predictions: the values do not depend on it, the patience does."""
    monkeypatch.setattr(metrics, "_LATENCY_CALLS", 5)


@pytest.fixture(scope="session")
def cases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Case]:
    """Models of each kind, fitted and saved once."""
    folder = tmp_path_factory.mktemp("cases")
    filled: Any = pipeline.make_pipeline(impute.SimpleImputer(), linear_model.LogisticRegression())
    features = ["a", "b", "c"]
    return {
        "binary": make_case(folder / "binary", linear_model.LogisticRegression(), make_frame(two), features),
        "filled": make_case(folder / "filled", filled, make_frame(two), features),
        "three": make_case(folder / "three", linear_model.LogisticRegression(), make_frame(three), features),
        "hard": make_case(folder / "hard", svm.LinearSVC(), make_frame(two), features),
        "number": make_case(
            folder / "number", linear_model.LinearRegression(), make_frame(number), features, task="regression"
        ),
        "constant": make_case(folder / "constant", dummy.DummyClassifier(), make_frame(two), features),
    }


def of_rows(measured: Measurement) -> dict[str, float]:
    return {name: value for name, value in measured.metrics.items() if name not in OF_THE_MODEL}


def test_the_page_the_config_and_the_directions_name_the_same_metrics() -> None:
    page = PAGE.read_text(encoding="utf-8")
    documented = re.findall(r"^### (\w+)$", page, re.MULTILINE)

    assert set(documented) == set(HIGHER_IS_BETTER) == set(typing.get_args(MetricName))
    assert {*metrics.METRICS, *metrics.OF_THE_MODEL} == set(documented)
    assert len(documented) == len(set(documented))
    assert set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == set(typing.get_args(FairnessMetric))


@pytest.mark.parametrize("name", sorted(HIGHER_IS_BETTER))
def test_the_page_tells_each_direction_as_the_gate_takes_it(name: str) -> None:
    section = PAGE.read_text(encoding="utf-8").partition(f"### {name}\n")[2].partition("\n#")[0]

    assert ("Higher is\nbetter" in section or "Higher is better" in section) is HIGHER_IS_BETTER[name]


@pytest.mark.parametrize("positive", [None, "no"])
def test_two_classes_are_measured_as_scikit_learn_does(cases: dict[str, Case], positive: str | None) -> None:
    case = cases["binary"]
    label = positive or "yes"
    truth, predicted = case.truth == label, case.estimator.predict(case.inputs) == label
    probabilities = case.estimator.predict_proba(case.inputs)
    probability = probabilities[:, ["no", "yes"].index(label)]

    measured = measure(case.request(positive_class=positive))

    assert of_rows(measured) == pytest.approx(
        {
            "accuracy": ORACLE.accuracy_score(truth, predicted),
            "precision": ORACLE.precision_score(truth, predicted),
            "recall": ORACLE.recall_score(truth, predicted),
            "f1": ORACLE.f1_score(truth, predicted),
            "roc_auc": ORACLE.roc_auc_score(truth, probability),
            "log_loss": ORACLE.log_loss(truth, probability),
            "brier": ORACLE.brier_score_loss(truth, probability),
            "calibration_error": calibration_error(probabilities, case.truth == "yes"),
        }
    )
    assert (measured.rows, measured.notes) == (80, ())
    assert 0 < measured.metrics["latency_p95_ms"] < 10_000
    assert measured.metrics["size_mb"] == sum(file.stat().st_size for file in case.model.iterdir()) / 1e6


def calibration_error(probabilities: Any, truth: Any) -> float:
    """By the definition's words, one bin after the other."""
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == np.asarray(truth, dtype=int)
    total = 0.0
    for low in range(10):
        inside = (confidence >= low / 10) & ((confidence < (low + 1) / 10) | (low == 9))
        if inside.any():
            total += inside.sum() * abs(right[inside].mean() - confidence[inside].mean())
    return total / len(right)


def test_three_classes_are_measured_as_scikit_learn_does(cases: dict[str, Case]) -> None:
    case = cases["three"]
    predicted, probabilities = case.estimator.predict(case.inputs), case.estimator.predict_proba(case.inputs)

    assert of_rows(measure(case.request())) == pytest.approx(
        {
            "accuracy": ORACLE.accuracy_score(case.truth, predicted),
            "precision": ORACLE.precision_score(case.truth, predicted, average="macro"),
            "recall": ORACLE.recall_score(case.truth, predicted, average="macro"),
            "f1": ORACLE.f1_score(case.truth, predicted, average="macro"),
            "roc_auc": ORACLE.roc_auc_score(case.truth, probabilities, multi_class="ovr", average="weighted"),
            "log_loss": ORACLE.log_loss(case.truth, probabilities),
            "brier": ORACLE.brier_score_loss(case.truth, probabilities),
            "calibration_error": calibration_error(probabilities, case.truth),
        }
    )


def test_numbers_are_measured_as_scikit_learn_does(cases: dict[str, Case]) -> None:
    case = cases["number"]
    predicted = case.estimator.predict(case.inputs)

    assert of_rows(measure(case.request())) == pytest.approx(
        {
            "mae": ORACLE.mean_absolute_error(case.truth, predicted),
            "rmse": ORACLE.root_mean_squared_error(case.truth, predicted),
            "r2": ORACLE.r2_score(case.truth, predicted),
        }
    )


def test_without_probabilities_the_notes_say_what_is_missing(cases: dict[str, Case]) -> None:
    measured = measure(cases["hard"].request())

    assert set(of_rows(measured)) == {"accuracy", "precision", "recall", "f1"}
    assert measured.notes == tuple(
        f"{name}: the model gives no probabilities" for name in ("roc_auc", "log_loss", "brier", "calibration_error")
    )


def test_held_out_rows_of_one_class_have_no_roc_auc(cases: dict[str, Case], tmp_path: Path) -> None:
    case = cases["binary"]
    data = held_out(case, case.frame[case.truth == "no"], tmp_path / "one.csv")

    measured = measure(request(case, data))

    assert "roc_auc" not in measured.metrics
    assert measured.notes == ("roc_auc: the rows have one class only",)
    assert measured.metrics["recall"] == 0


def test_a_class_the_model_never_saw_counts_as_wrong(cases: dict[str, Case], tmp_path: Path) -> None:
    case = cases["binary"]
    table = case.frame.copy()
    table.loc[:7, "target"] = "unheard"
    right = (case.estimator.predict(case.inputs) == table["target"]).mean()

    measured = measure(request(case, held_out(case, table, tmp_path / "new.csv")))

    assert measured.metrics["accuracy"] == right
    assert measured.metrics["log_loss"] > 3
    assert set(of_rows(measured)) == {name for name, one in metrics.METRICS.items() if one.task == "classification"}


def test_slices_are_measured_on_their_own_rows_and_named_ones_always_listed(cases: dict[str, Case]) -> None:
    case = cases["binary"]
    demand = SliceDemand(column="sex", metric="recall", all_values=True, values=("x",))
    predicted = case.estimator.predict(case.inputs) == "yes"
    counts = {name: int((case.frame["sex"] == name).sum()) for name in ("f", "m")}
    recall = {
        name: ORACLE.recall_score(
            (case.truth == "yes")[case.frame["sex"] == name], predicted[case.frame["sex"] == name]
        )
        for name in counts
    }

    assert measure(case.request(Demands(slices=(demand,)))).slices == (
        SliceValue(column="sex", value="f", metric="recall", measured=recall["f"], rows=counts["f"]),
        SliceValue(column="sex", value="m", metric="recall", measured=recall["m"], rows=counts["m"]),
        SliceValue(column="sex", value="x", metric="recall", measured=None, rows=0, reason="there are no rows"),
    )


def test_rows_without_a_value_are_a_slice_too(cases: dict[str, Case], tmp_path: Path) -> None:
    case = cases["binary"]
    table = case.frame.assign(code=[1.0, 2.0, None, 1.0] * 20)
    demand = SliceDemand(column="code", metric="accuracy", all_values=True, values=("1",))

    found = measure(request(case, held_out(case, table, tmp_path / "t.csv"), Demands(slices=(demand,)))).slices

    assert [(one.value, one.rows) for one in found] == [("(missing)", 20), ("1", 40), ("2", 20)]


@pytest.mark.parametrize("name", [one for one in typing.get_args(FairnessMetric) if "mean" not in one])
def test_gaps_are_fairlearns(cases: dict[str, Case], name: str) -> None:
    case = cases["binary"]
    expected = getattr(FAIRLEARN, name)(
        case.truth == "yes", case.estimator.predict(case.inputs) == "yes", sensitive_features=case.frame["sex"]
    )
    groups = case.frame["sex"].value_counts().to_dict()

    found = measure(case.request(Demands(fairness=(FairnessDemand(column="sex", metric=name, min_rows=5),)))).fairness

    assert found == (FairnessValue(column="sex", metric=name, measured=expected, groups=groups, min_rows=5),)


def test_the_gap_of_mean_predictions_is_the_difference_of_the_means(cases: dict[str, Case]) -> None:
    case = cases["number"]
    means = pd.Series(case.estimator.predict(case.inputs)).groupby(case.frame["sex"]).mean()
    demand = FairnessDemand(column="sex", metric="mean_prediction_difference", min_rows=1)

    found = measure(case.request(Demands(fairness=(demand,)))).fairness[0]

    assert found.measured == pytest.approx(abs(means["f"] - means["m"]))


@pytest.mark.parametrize(
    ("kind", "metric", "min_rows", "reason"),
    [
        ("binary", "equalized_odds_ratio", 1000, "fewer than two groups have 1000 rows"),
        ("binary", "mean_prediction_difference", 1, "it is for regression, and the task is classification"),
        ("number", "demographic_parity_ratio", 1, "it is for classification, and the task is regression"),
        ("three", "demographic_parity_ratio", 1, "there are more than two classes and none is set as positive_class"),
    ],
)
def test_gaps_that_cannot_be_measured_say_why(
    cases: dict[str, Case], kind: str, metric: str, min_rows: int, reason: str
) -> None:
    demand = FairnessDemand(column="sex", metric=metric, min_rows=min_rows)

    found = measure(cases[kind].request(Demands(fairness=(demand,)))).fairness[0]

    assert (found.measured, found.reason) == (None, reason)


def test_error_rates_of_a_group_without_positive_rows_are_no_gap(cases: dict[str, Case], tmp_path: Path) -> None:
    case = cases["binary"]
    table = case.frame.assign(sex=np.where(case.truth == "yes", "f", "m"))
    demand = FairnessDemand(column="sex", metric="equalized_odds_difference", min_rows=1)

    found = measure(request(case, held_out(case, table, tmp_path / "t.csv"), Demands(fairness=(demand,)))).fairness[0]

    assert (found.measured, found.reason) == (None, "the group 'f' has rows of one class only")


@pytest.mark.filterwarnings("ignore")
def test_a_ratio_of_nothing_to_nothing_is_no_gap(cases: dict[str, Case]) -> None:
    demand = FairnessDemand(column="sex", metric="demographic_parity_ratio", min_rows=1)
    constant = "no" if (cases["constant"].estimator.predict([[0, 0, 0]]) == "yes").all() else "yes"

    found = measure(cases["constant"].request(Demands(fairness=(demand,)), positive_class=constant)).fairness[0]

    assert (found.measured, found.reason) == (None, "it is not defined on these groups: all their rates are 0")


def disturbed(case: Case, kind: Any, amount: float, *, seed: int = 1, metric: str = "log_loss") -> DisturbanceValue:
    demand = DisturbanceDemand(kind=kind, metric=metric, amount=amount, seed=seed)
    return measure(case.request(Demands(disturbances=(demand,)))).disturbances[0]


@pytest.mark.parametrize("kind", ["noise", "missing"])
def test_a_disturbance_hurts_more_the_stronger_it_is_and_none_not_at_all(cases: dict[str, Case], kind: str) -> None:
    case = cases["filled"]

    drops = [disturbed(case, kind, amount).drop for amount in (0.0, 0.3, 1.0)]

    assert drops[0] == 0
    assert drops == sorted(drops, key=lambda drop: drop or 0)
    assert len(set(drops)) == 3


def test_a_disturbance_is_the_same_for_the_same_seed_and_the_drop_is_towards_worse(cases: dict[str, Case]) -> None:
    case = cases["filled"]
    first = disturbed(case, "noise", 1.0)

    assert first == disturbed(case, "noise", 1.0)
    assert first.measured != disturbed(case, "noise", 1.0, seed=2).measured
    accuracy = disturbed(case, "noise", 1.0, metric="accuracy")
    before = measure(case.request()).metrics
    assert (first.measured, accuracy.measured) == pytest.approx(
        (before["log_loss"] + (first.drop or 0), before["accuracy"] - (accuracy.drop or 0))
    )


def test_a_model_that_cannot_take_missing_values_has_a_reason_and_no_value(cases: dict[str, Case]) -> None:
    found = disturbed(cases["binary"], "missing", 0.5)

    assert (found.measured, found.drop) == (None, None)
    assert found.reason == "the model fails on its held-out data: ValueError: Input X contains NaN."


@pytest.mark.parametrize("metric", ["size_mb", "mae"])
def test_a_metric_that_is_not_of_these_rows_is_not_disturbed(cases: dict[str, Case], metric: str) -> None:
    assert disturbed(cases["binary"], "noise", 0.5, metric=metric).reason.startswith("it is ")
