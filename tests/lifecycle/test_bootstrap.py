"""The paired bootstrap: fair to equal models, sure of better ones, the same for the same seed.

Coverage is checked on one kind of data with a tolerance; it is no proof for every metric and sample size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from groundplan.core.errors import DataError
from groundplan.lifecycle.local.evaluation import comparison, metrics
from groundplan.lifecycle.local.evaluation.comparison import bootstrap
from groundplan.lifecycle.local.evaluation.predictions import Predictions

if TYPE_CHECKING:
    from groundplan.lifecycle.contract.rubric import Task

CLASSIFICATION = [name for name, metric in metrics.METRICS.items() if metric.task == "classification"]
REGRESSION = [name for name, metric in metrics.METRICS.items() if metric.task == "regression"]


def classifier(seed: int, *, rows: int = 60, classes: int = 2, skill: float = 1.0) -> Predictions:
    truth: Any = np.random.default_rng(0).integers(0, classes, rows)
    scores = np.random.default_rng(seed).normal(size=(rows, classes)) + skill * np.eye(classes)[truth]
    probabilities = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return Predictions(
        task="classification", truth=truth, predicted=probabilities.argmax(axis=1), probabilities=probabilities,
        classes=tuple(map(str, range(classes))), positive=1 if classes == 2 else None,
    )  # fmt: skip


def regressor(seed: int, *, rows: int = 60, error: float = 1.0) -> Predictions:
    truth: Any = np.random.default_rng(0).normal(size=rows)
    return Predictions(
        task="regression", truth=truth, predicted=truth + error * np.random.default_rng(seed).normal(size=rows)
    )


def make(task: Task, seed: int, classes: int = 2) -> Predictions:
    return regressor(seed) if task == "regression" else classifier(seed, classes=classes)


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("name", [*CLASSIFICATION, *REGRESSION])
def test_many_draws_at_once_give_what_each_draw_gives(name: str, classes: int) -> None:
    metric = metrics.METRICS[name]
    given = make(metric.task, 1, classes)
    rows = np.random.default_rng(5).integers(0, 60, (20, 60))
    expected = [metrics.value(name, given.take(one))[0] for one in rows]

    found = comparison._of_draws(name, given, rows)  # pyright: ignore[reportPrivateUsage]

    assert found == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("name", [*CLASSIFICATION, *REGRESSION])
def test_a_model_is_not_better_than_itself(name: str) -> None:
    given = make(metrics.METRICS[name].task, 1)

    assert bootstrap(name, given, given, resamples=100, seed=1).tolist() == [0.0] * 100


def test_the_same_seed_gives_the_same_draws_and_another_seed_others() -> None:
    ours, theirs = classifier(1), classifier(2)

    first = bootstrap("roc_auc", ours, theirs, resamples=200, seed=3)

    assert first.tolist() == bootstrap("roc_auc", ours, theirs, resamples=200, seed=3).tolist()
    assert first.tolist() != bootstrap("roc_auc", ours, theirs, resamples=200, seed=4).tolist()


def test_draws_do_not_depend_on_how_many_fit_into_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = regressor(1), regressor(2)
    whole = bootstrap("rmse", ours, theirs, resamples=50, seed=3)

    monkeypatch.setattr(comparison, "_CELLS_AT_ONCE", 7 * 60)

    assert bootstrap("rmse", ours, theirs, resamples=50, seed=3).tolist() == whole.tolist()


def test_a_much_better_model_is_surely_better() -> None:
    differences = bootstrap("roc_auc", classifier(1, skill=4), classifier(2, skill=0), resamples=500, seed=1)

    assert np.quantile(differences, 0.05) > 0.2


def test_the_lower_end_covers_the_truth_as_often_as_promised() -> None:
    hits = 0
    for seed in range(200):
        ours, theirs = regressor(2 * seed + 1000, rows=200), regressor(2 * seed + 1001, rows=200)
        differences = -bootstrap("mae", ours, theirs, resamples=200, seed=seed)
        hits += comparison._lower(differences, 0.9) <= 0  # pyright: ignore[reportPrivateUsage]

    assert 0.83 <= hits / 200 <= 0.97


def test_draws_with_one_class_are_left_out() -> None:
    truth = np.array([0] * 57 + [1] * 3)
    given = classifier(1)
    rare = Predictions(
        task="classification", truth=truth, predicted=given.predicted, probabilities=given.probabilities,
        classes=("0", "1"), positive=1,
    )  # fmt: skip

    differences = bootstrap("roc_auc", rare, rare, resamples=500, seed=1)

    assert 0 < np.isnan(differences).sum() < 100
    assert comparison._lower(differences, 0.95) == 0.0  # pyright: ignore[reportPrivateUsage]


def test_too_few_usable_draws_are_no_comparison() -> None:
    with pytest.raises(DataError, match="too few or too alike"):
        comparison._lower(np.array([np.nan] * 6 + [0.1] * 4), 0.95)  # pyright: ignore[reportPrivateUsage]
