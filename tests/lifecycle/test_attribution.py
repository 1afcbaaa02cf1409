"""What a model's answers depend on, held against scikit-learn's own measure and by hand, and when its drift is told.

What a cloud logs is not asked here; tests/lifecycle/conformance asks every platform.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd  # pyright: ignore[reportMissingTypeStubs]
import pytest
from groundplan.core import extras
from groundplan.core.errors import DataError
from groundplan.lifecycle import managed, monitoring, ranking
from groundplan.lifecycle.contract.monitoring import Attribution
from groundplan.lifecycle.local.evaluation import attribution as asking
from sklearn import linear_model  # pyright: ignore[reportMissingTypeStubs]

import monitoring_kit
from attribution_kit import COLUMNS, Formula, Probability, income_or_age, judged, measured, model, rows

_compose: Any = extras.load("sklearn.compose")
_ensemble: Any = extras.load("sklearn.ensemble")
_inspection: Any = extras.load("sklearn.inspection")
_pipeline: Any = extras.load("sklearn.pipeline")
_preprocessing: Any = extras.load("sklearn.preprocessing")

SURE = Probability(income_or_age)
CHURN = model(SURE, classes=("no", "yes"))


def made_of(*shares: float, rows: int = 500, covariance: float = 1e-4) -> Attribution:
    names = [f"c{number}" for number in range(len(shares))]
    chances = tuple(tuple(row) for row in (np.eye(len(shares)) * covariance).tolist())
    return Attribution(rows=rows, values=dict(zip(names, shares, strict=True)), covariance=chances)


@pytest.fixture
def few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chances are told from a tenth of the draws, where many are asked for."""
    monkeypatch.setattr(ranking, "_DRAWS", 2_000)


# -- what a column's attribution is ------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", ["probabilities", "classes", "numbers"])
def test_attributions_are_scikit_learns_permutation_importance_for_the_models_own_answers(task: str) -> None:
    frame = rows(1500, seed=1, tenure=0.5)
    target = income_or_age(frame)
    made: Any = linear_model.LinearRegression() if task == "numbers" else linear_model.LogisticRegression()
    made.fit(frame, target if task == "numbers" else target > 0)
    known = () if task == "numbers" else (False, True)
    loaded = model(Formula(made.predict) if task == "classes" else made, classes=known)

    found = measured(loaded, frame, "regression" if task == "numbers" else "classification")

    def unchanged(estimator: Any, given: Any, answers: Any) -> float:
        now = estimator.predict_proba(given)[:, 1] if task == "probabilities" else estimator.predict(given)
        return -float(np.mean(now != answers if task == "classes" else abs(now - answers)))

    answers = made.predict_proba(frame)[:, 1] if task == "probabilities" else made.predict(frame)
    oracle = _inspection.permutation_importance(made, frame, answers, scoring=unchanged, n_repeats=20, random_state=3)
    assert list(found.values) == list(COLUMNS)
    np.testing.assert_allclose(list(found.values.values()), oracle.importances_mean, rtol=0.05, atol=0.003)


def test_an_attribution_is_the_expected_change_of_the_answer() -> None:
    frame = rows(2000, seed=2)

    found = measured(model(Formula(lambda one: 2 * one["income"] - one["age"])), frame, "regression")

    normal = 2 / math.sqrt(math.pi)  # what two draws of the standard normal distribution differ by
    assert found.rows == 2000
    assert found.values["tenure"] == 0
    assert found.values["income"] == pytest.approx(2 * normal, rel=0.05)
    assert found.values["age"] == pytest.approx(normal, rel=0.05)


def test_the_error_of_attributions_is_that_of_many_samples_since_a_row_takes_part_where_its_value_goes_too() -> None:
    loaded = model(Formula(lambda one: one["income"] + one["age"]))
    found = [measured(loaded, rows(200, seed=seed), "regression") for seed in range(150)]

    spread = np.var([one.values["income"] for one in found], ddof=1)

    told = np.mean([one.covariance[0][0] / one.rows for one in found])
    assert told == pytest.approx(spread, rel=0.45)  # from one of the two parts alone it would be a third


def test_a_row_that_stands_out_takes_part_where_it_gets_a_value_and_where_its_own_goes() -> None:
    frame = rows(1000, seed=13)
    frame["income"] = [1000.0, *[0.0] * 999]

    found = measured(model(Formula(lambda one: one["income"])), frame, "regression")

    itself, five_it_gets_from, five_that_get_it = 1998.0**2, 5 * 198.0**2, 5 * 198.0**2
    assert found.values["income"] == 2.0
    assert found.covariance[0][0] == pytest.approx((itself + five_it_gets_from + five_that_get_it) / 999, rel=0.01)


def test_the_order_of_columns_and_the_number_of_calls_change_nothing() -> None:
    frame = rows(300, seed=3)

    once, turned = measured(CHURN, frame), measured(model(SURE, COLUMNS[::-1], classes=CHURN.classes), frame)
    again = measured(CHURN, frame)

    assert (once, turned.values) == (again, once.values)


def test_texts_gaps_and_truth_values_change_places_as_numbers_do() -> None:
    generator = np.random.default_rng(4)
    frame: Any = pd.DataFrame({"plan": ["gold", "basic", None] * 200, "paid": [True, False] * 300,
                               "age": generator.normal(size=600)})  # fmt: skip
    frame.loc[::7, "age"] = np.nan
    texts = _preprocessing.OneHotEncoder(handle_unknown="ignore")
    columns = _compose.make_column_transformer((texts, ["plan"]), remainder="passthrough")
    made = _pipeline.make_pipeline(columns, _ensemble.HistGradientBoostingClassifier(max_iter=5))
    made.fit(frame, frame["plan"] == "gold")

    found = measured(model(made, ("plan", "paid", "age"), classes=(False, True)), frame)

    assert found.values["plan"] > 0.1
    assert max(found.values["paid"], found.values["age"]) < 0.05


def test_of_many_rows_a_sample_is_asked_for() -> None:
    asked: list[int] = []

    def says(frame: Any) -> Any:
        asked.append(len(frame))
        return frame["income"]

    found = measured(model(Formula(says)), rows(50_000, seed=5), "regression")

    assert (found.rows, asked) == (2000, [2000, *[10_000] * 3])


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_rows_say_nothing(count: int) -> None:
    assert measured(CHURN, rows(count, seed=6)) == Attribution(rows=count)


def fails(_: Any) -> Any:
    raise ZeroDivisionError("no rate\nof none")


def says_nothing(frame: Any) -> Any:
    return frame["income"] * math.nan


def says_little(frame: Any) -> Any:
    return frame["income"][:3]


@pytest.mark.parametrize(
    ("formula", "problem"),
    [
        (fails, "the model fails on these rows: ZeroDivisionError: no rate"),
        (says_nothing, "the model does not give a finite answer to each of these rows"),
        (says_little, "the model does not give a finite answer to each of these rows"),
    ],
)
def test_a_model_without_answers_is_an_error_in_a_line(formula: Any, problem: str) -> None:
    with pytest.raises(DataError) as error:
        measured(model(Formula(formula)), rows(10, seed=7), "regression")

    assert error.value.message == problem


def test_a_model_that_would_take_too_long_is_not_asked_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "_MOST_SECONDS", -1.0)

    with pytest.raises(DataError, match="to ask the model so often would take about"):
        measured(CHURN, rows(100, seed=8))


# -- how alike two rankings are ----------------------------------------------------------------------------------------


def test_the_likeness_of_many_draws_is_scikit_learns() -> None:
    generator = np.random.default_rng(9)
    worth, ranked = generator.random(size=(2, 40, 6))

    found = ranking.gains(worth, ranked)

    assert found.tolist() == pytest.approx([ranking.ndcg(*pair) for pair in zip(worth, ranked, strict=True)])


def test_the_chance_of_a_likeness_that_is_as_good_as_it_gets_is_one() -> None:
    values = np.array([3.0, 2.0, 1.0])

    assert ranking.chance(values, values, np.eye(3), rows_before=500, rows_after=500) == 1.0


def test_where_nothing_changed_the_chance_of_what_is_found_is_evenly_spread(few_draws: None) -> None:
    generator = np.random.default_rng(14)
    means, chances = np.linspace(1.2, 1, 8), np.full((8, 8), 0.5) + np.eye(8)
    told: list[float] = []
    for _ in range(100):
        before, after = (generator.multivariate_normal(means, chances / count) for count in (800, 200))
        told.append(ranking.chance(before, after, chances, rows_before=800, rows_after=200))

    assert 0.3 < np.median(told) < 0.7
    assert 3 <= sum(one <= 0.1 for one in told) <= 20


# -- what is found -----------------------------------------------------------------------------------------------------


def test_columns_that_swap_their_roles_in_a_window_are_found() -> None:
    before, now = measured(CHURN, rows(600, seed=10)), measured(CHURN, rows(500, seed=11, tenure=-3))

    found = judged(before, now)

    assert (found.key, found.verdict, found.threshold, found.rows) == ("attribution/model/ndcg", "alert", 0.9, 500)
    assert found.value is not None
    assert found.value < 0.75
    assert found.p_value is not None
    assert found.p_value < 0.001
    assert found.labels == ("income", "age", "tenure")
    assert [round(sum(shares), 9) for shares in (found.before, found.after)] == [1, 1]
    assert found.before[0] > 0.6 > 0.05 > found.after[0]
    assert found.detail.startswith("age decides 100.0% now, ")


def test_windows_of_the_same_distribution_are_hardly_ever_told_by_chance_and_never_by_the_threshold(
    few_draws: None,
) -> None:
    """The bound is what 120 windows at 5 % stay within all but once in a thousand times."""
    before = measured(CHURN, rows(400, seed=12))

    found = [judged(before, measured(CHURN, rows(150, seed=100 + seed)), rows=150) for seed in range(120)]

    assert [one.verdict for one in found] == ["ok"] * 120
    assert sum(one.p_value is not None and one.p_value <= 0.05 for one in found) <= 15


def test_a_ranking_that_few_rows_turn_by_chance_is_none_that_is_told() -> None:
    found = judged(made_of(1.0, 0.2, covariance=400), made_of(0.2, 1.0, covariance=400))

    assert found.value is not None
    assert found.threshold is not None
    assert found.value < found.threshold
    assert found.p_value is not None
    assert found.p_value > 0.05
    assert found.verdict == "ok"


def test_what_is_off_is_in_no_report() -> None:
    known = replace(monitoring_kit.baseline({"age": range(200)}), attribution=made_of(1, 2))

    report = monitoring.examine(monitoring_kit.plan(), known, monitoring_kit.window({}), made=monitoring_kit.MADE)

    assert [check for check in report.checks if check.area == "attribution"] == []


@pytest.mark.parametrize(
    ("before", "now", "verdict", "detail"),
    [
        (None, None, "not judged", "the baseline has no attributions"),
        (made_of(1, 2), None, "not judged", "the model was not asked"),
        (made_of(1, 2), made_of(1, 2, rows=99), "not enough data", "99 of the rows hold all that the model needs; 100"),
        (made_of(1, 2, rows=49), made_of(1, 2), "not enough data", "49 rows were held out; 50 are needed"),
        (made_of(1), made_of(1), "not judged", "the model takes a single column: there is nothing to rank"),
        (made_of(0, 0), made_of(1, 2), "not judged", "the model's answers depend on no column on the held-out rows"),
        (made_of(1, 2), made_of(0, 0), "not judged", "the model's answers depend on no column in this window"),
    ],
)
def test_what_cannot_be_judged_is_said(
    before: Attribution | None, now: Attribution | None, verdict: str, detail: str
) -> None:
    found = judged(before, now)

    assert (found.value, found.p_value, found.verdict) == (None, None, verdict)
    assert found.detail.startswith(detail)


def test_a_window_with_too_few_rows_is_not_judged_whatever_they_say() -> None:
    found = judged(made_of(1, 2), made_of(2, 1), rows=99)

    assert (found.verdict, found.detail) == ("not enough data", "99 rows; 100 are needed")


def test_rows_that_were_drawn_and_left_out_are_told() -> None:
    found = judged(made_of(3, 1), made_of(3, 1, rows=480))

    assert found.detail == (
        "c0 decides 75.0% now, 75.0% on the held-out rows; 20 rows lack what the model needs and were left out"
    )


def test_a_ranking_far_below_its_threshold_comes_before_one_that_is_near() -> None:
    near = judged(made_of(1, 0.1), made_of(0.1, 1), threshold=0.9)
    far = replace(near, value=0.1, source="azureml")
    report = monitoring.examine(
        monitoring_kit.plan(), None, monitoring_kit.window({}), made=monitoring_kit.MADE
    )  # fmt: skip

    told = monitoring.alerting(replace(report, checks=(near, far), alerts=(near.key, far.key)))

    assert told == [far, near]


def test_what_a_clouds_monitor_says_of_attributions_stands_beside_what_was_measured() -> None:
    ours = judged(made_of(1, 0.1), made_of(0.1, 1))
    theirs = replace(ours, statistic="NormalizedDiscountedCumulativeGain", source="azureml")
    report = monitoring.examine(monitoring_kit.plan(), None, monitoring_kit.window({}), made=monitoring_kit.MADE)

    assert managed.beside(replace(report, checks=(ours, theirs)), theirs) == ours
