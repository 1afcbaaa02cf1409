"""The rows that a model is trained on again: those of the data, those that were labelled, those of the window."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from groundplan.core.errors import DataError
from groundplan.core.layout import Layout
from groundplan.lifecycle.contract.pipeline import DataSource
from groundplan.lifecycle.contract.retraining import LabelledRow, RetrainingPlan
from groundplan.lifecycle.local.data.window import Window, select

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
DATA = "code,age,seen,churned\n007,30,2026-11-01T00:00:00Z,no\n008,,2026-11-27T00:00:00+02:00,yes\n"
OLD = LabelledRow(when="2026-11-02T00:00:00.000Z", row={"code": "9", "age": 41.5}, label="yes")
NEW = LabelledRow(when="2026-11-28T00:00:00.000Z", row={"code": "10", "age": None, "more": 1}, label="no")
WEEK = RetrainingPlan(window_seconds=7 * 86400.0, time_column="seen")


@pytest.fixture
def source(tmp_path: Path) -> DataSource:
    (tmp_path / "rows.csv").write_text(DATA)
    return DataSource(name="main", path=tmp_path / "rows.csv", sklearn=None)


def chosen(source: DataSource, *labelled: LabelledRow, plan: RetrainingPlan, target: str = "churned") -> Window:
    assert source.path is not None
    return select(Layout(source.path.parent), source, labelled, target=target, plan=plan, now=NOW)


def text(window: Window) -> str:
    assert window.source.path is not None
    return window.source.path.read_text()


def test_without_labels_and_window_the_data_is_learned_from_as_it_is(source: DataSource) -> None:
    assert chosen(source, plan=RetrainingPlan()) == Window(source=source)


def test_labelled_requests_come_to_the_data_whose_fields_stay_as_they_are_written(source: DataSource) -> None:
    window = chosen(source, OLD, NEW, plan=RetrainingPlan())

    assert (window.from_data, window.labelled) == (2, 2)
    assert text(window) == f"{DATA}9,41.5,,yes\n10,,,no\n"


def test_a_window_leaves_out_what_is_older(source: DataSource) -> None:
    window = chosen(source, OLD, NEW, plan=WEEK)

    assert (
        text(window) == "code,age,seen,churned\n008,,2026-11-27T00:00:00+02:00,yes\n10,,2026-11-28T00:00:00.000Z,no\n"
    )


def test_without_a_time_column_a_window_holds_labelled_requests_alone(source: DataSource) -> None:
    window = chosen(source, OLD, NEW, plan=replace(WEEK, time_column=""))

    assert (text(window), window.from_data) == ("code,age,seen,churned\n10,,,no\n", 0)


def test_the_same_rows_give_the_same_file(source: DataSource) -> None:
    assert chosen(source, OLD, plan=RetrainingPlan()) == chosen(source, OLD, plan=RetrainingPlan())


def test_true_and_false_are_written_as_the_data_has_them(source: DataSource) -> None:
    row = replace(NEW, row={"code": True}, label=False)

    assert text(chosen(source, row, plan=RetrainingPlan())).endswith("True,,,False\n")


def test_a_data_set_of_scikit_learn_gets_rows_too(tmp_path: Path) -> None:
    iris = DataSource(name="main", path=None, sklearn="iris")
    row = LabelledRow(when=NEW.when, row={"sepal_length_cm": 5.0}, label="setosa")
    window = select(Layout(tmp_path), iris, (row,), target="target", plan=RetrainingPlan(), now=NOW)

    assert text(window).splitlines()[-1] == "5.0,,,,setosa"


def test_a_parquet_file_stays_one_with_its_types(source: DataSource, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    pd: Any = pytest.importorskip("pandas")
    pd.read_csv(tmp_path / "rows.csv", dtype={"code": str}).to_parquet(tmp_path / "rows.parquet")
    window = chosen(replace(source, path=tmp_path / "rows.parquet"), OLD, plan=RetrainingPlan())

    assert window.source.path is not None
    frame = pd.read_parquet(window.source.path)
    assert frame["code"].tolist() == ["007", "008", "9"]
    assert str(frame["age"].dtype) == "float64"


@pytest.mark.parametrize(
    ("plan", "target", "problem"),
    [
        (WEEK, "churn", "has no column 'churn'"),
        (replace(WEEK, time_column="time"), "churned", "has no column 'time'"),
        (replace(WEEK, time_column="code"), "churned", "code of row 2 is no moment with its offset: '007'"),
        (replace(WEEK, window_seconds=60.0), "churned", "no row of the last 1 min 00 s is there to learn from"),
    ],
)
def test_what_cannot_be_learned_from_is_told(
    source: DataSource, plan: RetrainingPlan, target: str, problem: str
) -> None:
    with pytest.raises(DataError, match=problem):
        chosen(source, plan=plan, target=target)


def test_data_that_only_a_cloud_has_can_be_trained_on_whole_and_is_refused_as_a_window(tmp_path: Path) -> None:
    there = DataSource(name="main")
    layout = Layout(tmp_path)

    whole = select(layout, there, [], target="churned", plan=RetrainingPlan(), now=NOW)
    with pytest.raises(DataError, match="the rows of the data source 'main' are not on this machine") as refused:
        select(layout, there, [NEW], target="churned", plan=RetrainingPlan(), now=NOW)

    assert whole == Window(source=there)
    assert "name it by 'path'" in refused.value.hint
