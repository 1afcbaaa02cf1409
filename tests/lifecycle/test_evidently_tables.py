"""What Evidently is given: the training data as a baseline keeps it, and the requests of a window."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from groundplan.lifecycle.contract.monitoring import Baseline
from groundplan.lifecycle.local.monitoring.evidently import tables as evidently
from groundplan.lifecycle.local.monitoring.evidently.tables import Tables, tables

from monitoring_kit import baseline


def known(**values: Any) -> Baseline:
    """300 ages of which 30 are missing, and plans of which one is too rare to be kept."""
    ages = np.where(np.arange(300) % 10 == 0, np.nan, np.arange(300))
    return baseline({"age": ages}, {"plan": ["basic"] * 197 + ["gold"] * 100 + ["secret"] * 3}, **values)


def line(*rows: dict[str, object], **values: Any) -> dict[str, Any]:
    return {"inputs": rows, "outputs": ["yes"] * len(rows), **values}


def test_the_training_data_has_the_shares_and_the_numbers_that_are_kept() -> None:
    made = tables(known(), [line({"age": 1, "plan": "gold"})])

    ages = made.reference["age"]
    assert (len(ages), ages.count(None), ages[0], ages[269]) == (300, 30, 1.0, 299.0)
    assert Counter(made.reference["plan"]) == {"basic": 197, "gold": 100, "all others": 3}


def test_of_many_rows_the_training_data_is_what_was_drawn_when_it_was_profiled() -> None:
    before = baseline({"age": np.arange(50_000.0)}, {"plan": ["basic"] * 30_000 + ["gold"] * 20_000})

    made = tables(before, [line({"age": 1, "plan": "gold"})])

    assert made.reference["age"] == list(before.features[0].sample)
    assert Counter(made.reference["plan"]) == {"basic": 1200, "gold": 800}


def test_a_window_has_what_the_requests_had_and_nothing_of_another_type() -> None:
    rows: list[dict[str, object]] = [
        {"age": 7, "plan": "gold"},
        {"age": "old", "plan": "never seen"},
        {"age": True, "plan": None},
        {"plan": "basic"},
        {"age": float("inf"), "plan": ["gold"]},
    ]

    made = tables(known(), [line(*rows), {"request_id": "not logged"}])

    assert made.current == {
        "age": [7, None, None, None, None],
        "plan": ["gold", "all others", None, "basic", None],
    }
    assert (made.numbers, made.categories, made.described) == (("age",), ("plan",), ("age", "plan"))
    assert (made.rows, made.of, made.left_out) == (5, 5, ())


def test_columns_that_are_redacted_or_gone_are_left_out_and_told() -> None:
    redacted = tables(known(), [line({"age": 1}, redacted=["plan"]), line({"age": 2, "plan": "gold"})])
    gone = tables(known(), [line({"plan": "gold"})])

    assert (redacted.left_out, list(redacted.current), list(redacted.reference)) == (("plan",), ["age"], ["age"])
    assert (gone.left_out, gone.numbers, gone.categories) == (("age",), (), ("plan",))


def test_answers_are_a_column_that_is_compared_and_not_described() -> None:
    said = known(prediction=baseline({}, {"prediction": ["yes"] * 30 + ["no"] * 10}).features[0])

    made = tables(said, [line({"age": 1, "plan": "gold"}, {"age": 2, "plan": "gold"})])

    assert (made.categories, made.described) == (("plan", "prediction"), ("age", "plan"))
    assert (made.current["prediction"], Counter(made.reference["prediction"])) == (
        ["yes", "yes"],
        {"yes": 225, "no": 75},
    )


def test_of_more_rows_than_evidently_is_given_each_is_as_likely(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidently, "MOST_ROWS", 500)
    made: Tables = tables(known(), (line({"age": number, "plan": "gold"}) for number in range(5000)))

    ages = made.current["age"]
    assert (len(ages), len(set(ages)), made.rows, made.of) == (500, 500, 500, 5000)
    assert np.mean(ages) == pytest.approx(2500, abs=4 * 5000 / np.sqrt(12 * 500))


def test_no_rows_make_no_columns() -> None:
    assert tables(known(), []).rows == 0
