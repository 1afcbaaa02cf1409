"""The data is cleaned, and no row is both learned from and held out."""

from pathlib import Path

import pandas as pd
import pytest

import prepare
from columns import CATEGORICAL, IGNORED, NUMERIC, TARGET


def test_every_column_of_the_data_is_accounted_for(data: pd.DataFrame) -> None:
    assert sorted([*NUMERIC, *CATEGORICAL, *IGNORED, TARGET]) == sorted(data.columns)


def test_rows_without_a_target_are_left_out(data: pd.DataFrame) -> None:
    damaged = data.copy()
    damaged[TARGET] = damaged[TARGET].astype(object)
    damaged.loc[damaged.index[:3], TARGET] = None
    assert len(prepare.clean(damaged)) == len(data) - 3


def test_a_missing_column_is_named(data: pd.DataFrame) -> None:
    with pytest.raises(SystemExit, match="the data lacks the columns"):
        prepare.clean(data.drop(columns=TARGET))


def test_a_fifth_of_the_rows_is_held_out_and_none_is_in_both_parts(data: pd.DataFrame) -> None:
    train, test = prepare.split(prepare.clean(data), 0.2, seed=1)
    assert set(train.index).isdisjoint(test.index)
    assert abs(len(test) / len(data) - 0.2) < 0.02


def test_both_parts_are_written(data: pd.DataFrame, parts: tuple[Path, Path]) -> None:
    train, test = map(prepare.read, parts)
    assert len(train) + len(test) == len(data)
    assert list(train.columns) == list(test.columns) == list(data.columns)
