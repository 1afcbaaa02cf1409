"""Drift of attributions: how often it is found, with none and with some, and what asking a model takes."""

from __future__ import annotations

import json
import resource
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from groundplan.core import digests, extras
from groundplan.core.layout import Layout
from groundplan.lifecycle import ranking
from groundplan.lifecycle.contract.model import Lineage, ModelPlan, ModelVersion
from groundplan.lifecycle.contract.monitoring import Attribution
from groundplan.lifecycle.contract.pipeline import StepInput
from groundplan.lifecycle.local.evaluation import process
from groundplan.lifecycle.local.evaluation.attribution import attribution
from groundplan.lifecycle.local.loading import Column, LoadedModel

from . import Row
from ._timing import busy

_WINDOWS = 500
_HELD_OUT = 1_000
_SIZES = (500, 2_000)
_COLUMNS = 10
_SWAPPED = (0.25, 0.5, 1.0)
"""For such a share of the rows the column that matters most and the one that matters least change their roles."""

_ALPHA, _THRESHOLD = 0.05, 0.9
_WEIGHTS = {"falling": np.linspace(1, 0.2, _COLUMNS), "equal": np.ones(_COLUMNS)}
_NAMES = [f"f{number}" for number in range(_COLUMNS)]

_ROWS, _FEATURES = 2_000, 20


class Case(NamedTuple):
    """A model's weights, the rows of its window, and for which share of them roles changed."""

    weights: str
    rows: int
    swapped: float = 0.0


class Found(NamedTuple):
    """What was found in a window: chance does not explain it; and the likeness is below the threshold, too."""

    case: Case
    by_chance: bool
    told: bool


def main() -> list[Row]:
    """The rows of the table."""
    with ProcessPoolExecutor() as pool:
        found = [one for many in pool.map(simulated, range(_WINDOWS), chunksize=10) for one in many]
    tested = Counter(one.case for one in found if one.by_chance)
    told = Counter(one.case for one in found if one.told)
    cases = [*(Case(weights, rows) for weights in _WEIGHTS for rows in _SIZES),
             *(Case("falling", rows, swapped) for rows in _SIZES for swapped in _SWAPPED)]  # fmt: skip
    return [*(_row(case, tested[case], told[case]) for case in cases), *_seconds()]


def simulated(seed: int) -> list[Found]:
    """What is found in windows of this seed, against held-out rows of this seed."""
    random = np.random.default_rng([7, seed])
    return [one for weights in _WEIGHTS for one in _windows(random, weights)]


def _windows(random: Any, weights: str) -> list[Found]:
    shares = (0.0, *_SWAPPED) if weights == "falling" else (0.0,)
    before = _asked(random, _WEIGHTS[weights], _HELD_OUT, 0.0)
    return [
        _found(Case(weights, rows, swapped), before, _asked(random, _WEIGHTS[weights], rows, swapped))
        for rows in _SIZES
        for swapped in shares
    ]


def _asked(random: Any, weights: Any, rows: int, swapped: float) -> Attribution:
    """Correlated, skewed columns, and a model of two classes that goes by their weighted sum."""
    columns = random.gamma(2, size=(rows, _COLUMNS)) + 0.5 * random.gamma(2, size=(rows, 1))
    turned = (random.random(rows) < swapped).astype(float)
    frame: Any = extras.load("pandas").DataFrame(columns, columns=_NAMES).assign(turned=turned)
    model = LoadedModel(estimator=_Weighted(weights), columns=tuple(Column(name=name, type="double") for name in frame),
                        classes=("no", "yes"))  # fmt: skip
    found = attribution(model, frame, "classification")
    chances = np.array(found.covariance)[:_COLUMNS, :_COLUMNS].tolist()
    return Attribution(rows=rows, values={name: found.values[name] for name in _NAMES},
                       covariance=tuple(map(tuple, chances)))  # fmt: skip


class _Weighted:
    """The probability of yes by a weighted sum; the first and the last weight change places in rows that say so."""

    def __init__(self, weights: Any) -> None:
        self._weights = weights
        self._turned = weights[[-1, *range(1, _COLUMNS - 1), 0]]

    def predict(self, frame: Any) -> Any:
        return self.predict_proba(frame)[:, 1] > 1 / 2

    def predict_proba(self, frame: Any) -> Any:
        values, turned = frame[_NAMES].to_numpy(), frame["turned"].to_numpy()
        score = turned * (values @ self._turned) + (1 - turned) * (values @ self._weights)
        yes: Any = 1 / (1 + np.exp(3 * self._weights.sum() - score))
        return np.column_stack([1 - yes, yes])


def _found(case: Case, before: Attribution, now: Attribution) -> Found:
    was, found = (np.array(list(one.values.values())) for one in (before, now))
    chance = ranking.chance(was, found, np.array(now.covariance), rows_before=before.rows, rows_after=now.rows)
    by_chance = chance <= _ALPHA
    return Found(case, by_chance, by_chance and ranking.ndcg(was, found) < _THRESHOLD)


def _row(case: Case, tested: int, told: int) -> Row:
    interval = extras.load("scipy.stats").binomtest(tested, _WINDOWS).proportion_ci(0.95)
    what = f"found, roles swapped in {case.swapped:.0%} of rows" if case.swapped else "false alarms"
    note = (
        f"% of {_WINDOWS:,} windows by chance (95 %: {100 * interval.low:.1f} to {100 * interval.high:.1f}); with the"
        f" threshold {100 * told / _WINDOWS:.1f} %"
    )
    bound = "no bound" if case.swapped else f"bound {_ALPHA:.0%}, which the interval must not be above"
    return f"attributions, {case.weights}, {case.rows} rows: {what}", 100 * tested / _WINDOWS, f"{note}; {bound}"


def _seconds() -> list[Row]:
    linear, trees = extras.load("sklearn.linear_model"), extras.load("sklearn.ensemble")
    made: dict[str, Any] = {
        "logistic regression": linear.LogisticRegression(),
        "forest of 100 trees": trees.RandomForestClassifier(100, random_state=1),
        "boosted trees": trees.HistGradientBoostingClassifier(random_state=1),
    }
    return [_timed(name, estimator) for name, estimator in made.items()]


def _timed(name: str, estimator: Any) -> Row:
    """A window's look at the model, from its folder to its attributions, in a process of its own."""
    random = np.random.default_rng(8)
    names = [f"f{number}" for number in range(_FEATURES)]
    values = random.normal(size=(_ROWS, _FEATURES))
    frame: Any = extras.load("pandas").DataFrame(values, columns=names)
    estimator.fit(frame, values[:, :5].sum(axis=1) + random.normal(size=_ROWS) > 0)
    with tempfile.TemporaryDirectory() as folder:
        version = _saved(Path(folder) / "model", estimator, names)
        begun, worked = time.monotonic(), _worked()
        process.attribute(Layout(Path(folder)), version, frame.to_dict("records"), _PLAN)
        seconds, work = time.monotonic() - begun, _worked() - worked
    return f"attributions, {_ROWS:,} x {_FEATURES}, {name}: seconds", seconds, f"s {busy(work)}; no bound"


def _worked() -> float:
    """What processes that were started and waited for have had of the processor, in seconds."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _saved(path: Path, estimator: Any, names: list[str]) -> ModelVersion:
    skops: Any = extras.load("skops.io")
    path.mkdir(parents=True)
    skops.dump(estimator, path / "model.skops")
    flavor = {"pickled_model": "model.skops", "serialization_format": "skops",
              "sklearn_version": extras.load("sklearn").__version__}  # fmt: skip
    inputs = json.dumps([{"name": name, "type": "double", "required": True} for name in names])
    (path / "MLmodel").write_text(json.dumps({"flavors": {"sklearn": flavor}, "signature": {"inputs": inputs}}))
    return ModelVersion(
        name="bench", version=1, stage=None, status="registered", digest=digests.of_path(path), path=path, created="",
        lineage=Lineage(run_id="", pipeline="", data={}, commit="", dirty=False, code_digest="", config_digest=""),
        trusted_types=tuple(skops.get_untrusted_types(file=path / "model.skops")),
    )  # fmt: skip


_PLAN = ModelPlan(
    name="bench", pipeline="train", task="classification", target="y", rubrics={},
    model_output=StepInput(step="train", output="model"), test_output=StepInput(step="prepare", output="test"),
)  # fmt: skip
