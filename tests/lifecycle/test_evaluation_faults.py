"""Held-out data and models that do not fit each other: a clear error each, never a value."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from groundplan.core import extras
from groundplan.core.errors import DataError, GateFailedError, StoreCorruptedError
from groundplan.lifecycle.local.evaluation import metrics
from groundplan.lifecycle.local.evaluation.measurement import measure
from groundplan.lifecycle.local.evaluation.requests import Demands, FairnessDemand, SliceDemand

from evaluation_kit import Case, held_out, make_case, make_frame, number, request, save_model, two

pd: Any = extras.load("pandas")
linear_model: Any = extras.load("sklearn.linear_model")


@pytest.fixture(autouse=True)
def few_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time few predictions: the values do not depend on it, the patience does."""
    monkeypatch.setattr(metrics, "_LATENCY_CALLS", 5)


@pytest.fixture(scope="session")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """A model of two classes."""
    folder = tmp_path_factory.mktemp("cases") / "binary"
    return make_case(folder, linear_model.LogisticRegression(), make_frame(two), ["a", "b", "c"])


@pytest.mark.parametrize(
    ("columns", "message"),
    [(["target"], "no target column 'target'"), (["a", "c"], "lacks columns that the model needs: a, c")],
)
def test_held_out_data_without_columns_is_a_clear_error(
    case: Case, tmp_path: Path, columns: list[str], message: str
) -> None:

    with pytest.raises(DataError, match=message):
        measure(request(case, held_out(case, case.frame.drop(columns=columns), tmp_path / "t.csv")))


def test_rows_without_a_target_are_counted(case: Case, tmp_path: Path) -> None:
    table = case.frame.assign(target=[None, *case.truth[1:]])

    with pytest.raises(DataError, match="missing in 1 of 80"):
        measure(request(case, held_out(case, table, tmp_path / "t.csv")))


@pytest.mark.parametrize(
    "demands",
    [
        Demands(slices=(SliceDemand(column="gender", metric="f1", all_values=True, values=()),)),
        Demands(fairness=(FairnessDemand(column="gender", metric="demographic_parity_ratio", min_rows=1),)),
    ],
)
def test_a_column_that_is_not_there_is_named(case: Case, demands: Demands) -> None:
    with pytest.raises(DataError, match="names the column 'gender'"):
        measure(case.request(demands))


def test_a_column_with_too_many_values_is_no_slice(case: Case, tmp_path: Path) -> None:
    table = pd.concat([case.frame] * 3).assign(key=range(240))
    demands = Demands(slices=(SliceDemand(column="key", metric="f1", all_values=True, values=()),))

    with pytest.raises(DataError, match="has 240 values"):
        measure(request(case, held_out(case, table, tmp_path / "t.csv"), demands))


def test_a_positive_class_that_is_none_of_the_classes_is_an_error(case: Case) -> None:
    with pytest.raises(DataError, match="'maybe' is none of the classes: no, yes"):
        measure(case.request(positive_class="maybe"))


def test_text_as_the_target_of_a_regression_is_an_error(case: Case) -> None:
    with pytest.raises(DataError, match="no numbers, and the task is regression"):
        measure(case.request(task="regression"))


def test_changed_held_out_data_is_refused(case: Case) -> None:
    with pytest.raises(StoreCorruptedError, match=r"held-out data in .* was changed"):
        measure(case.request(digest="sha256:0"))


@pytest.mark.filterwarnings("ignore")
def test_predictions_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    features = ["a", "b", "c"]
    model = linear_model.LinearRegression()
    case = make_case(tmp_path / "case", model, make_frame(number), features, task="regression")
    case.estimator.coef_[:] = np.inf
    shutil.rmtree(case.model)
    save_model(case.model, case.estimator, case.inputs)

    with pytest.raises(GateFailedError, match="predictions that are NaN or infinite for 80 of 80 rows"):
        measure(case.request())
