"""The statistics of drift against Evidently's, on the same data: real columns, and made ones with ties, gaps and tails.

Where both mean the same, values are equal. Where they do not, the test says how they differ and compares what is left
when that is taken away. Evidently is given the numbers that a profile keeps, or a row for each of its counts.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from groundplan.core import extras
from groundplan.lifecycle import drift, profiles
from groundplan.lifecycle.contract.monitoring import FeatureProfile, Statistic

import evidently_oracle
from evidently_oracle import Answers

stats: Any = extras.load("scipy.stats")
datasets: Any = extras.load("sklearn.datasets")

HALF = 284
"""So many of the 569 tumours are taken as training data, and as many as the window."""

REAL = ("mean radius", "mean texture", "mean smoothness", "mean concavity", "mean fractal dimension")
GIVEN_BY_NUMBERS = ["ks", "wasserstein", "jensenshannon"]


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A column of the training data, and of a window."""

    profile: FeatureProfile
    window: Any

    @property
    def counts(self) -> tuple[Any, Any]:
        """By the profile's bins or categories: before and after."""
        categories: dict[str, int] = Counter(self.window) if self.profile.kind == "categorical" else {}
        return drift.expected(self.profile), profiles.counted(self.profile, self.window, categories)

    def value(self, statistic: Statistic) -> drift.Comparison:
        """What a monitor would find."""
        return drift.compare(self.profile, self.counts[1], self.window, statistic)


def _numbers(before: Any, window: Any) -> Pair:
    window = np.asarray(window, dtype=float)
    return Pair(profile=profiles.numeric("column", before), window=window[np.isfinite(window)])


def _texts(before: list[str], window: list[str]) -> Pair:
    return Pair(profile=profiles.categorical("column", Counter(before), len(before)), window=window)


def _pairs() -> dict[str, Pair]:
    random = np.random.default_rng(11)
    tumours = datasets.load_breast_cancer()
    classes = tumours.target_names[tumours.target].tolist()
    real = {
        str(name): _numbers(column[:HALF], column[HALF : 2 * HALF])
        for name, column in zip(tumours.feature_names, tumours.data.T, strict=True)
        if name in REAL
    }
    missing = np.where(random.random(600) < 0.1, np.nan, random.normal(size=600))
    return {
        **real,
        "the same": _numbers(random.gamma(2, size=1500), random.gamma(2, size=1500)),
        "shifted": _numbers(random.normal(size=800), random.normal(0.5, size=800)),
        "heavy tails": _numbers(random.lognormal(0, 2, size=900), random.lognormal(0.2, 2, size=900)),
        "beyond the range": _numbers(random.uniform(size=500), random.uniform(3, 4, size=500)),
        "few values": _numbers(random.integers(0, 9, size=700), random.integers(2, 9, size=700)),
        "one value": _numbers(np.full(300, 7.0), np.repeat([7.0, 7.5], [200, 100])),
        "values missing": _numbers(missing, random.normal(0.1, size=600)),
        "many rows": _numbers(random.normal(size=20_000), random.normal(0.1, 1.1, size=12_000)),
        "classes": _texts(classes[:HALF], classes[HALF : 2 * HALF]),
        "plans": _texts(["a"] * 300 + ["b"] * 200 + ["c"] * 100, ["a"] * 200 + ["b"] * 250 + ["c"] * 150),
        "an empty category": _texts(["a"] * 300 + ["b"] * 200 + ["c"] * 100, ["a"] * 400 + ["b"] * 200),
    }


PAIRS = _pairs()
NUMERIC = [name for name, pair in PAIRS.items() if pair.profile.kind == "numeric"]
EQUAL = [name for name in NUMERIC if len(PAIRS[name].window) == PAIRS[name].profile.rows]
"""Those with as many rows before as now."""


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    """What Evidently says of every pair: of its numbers, of its counts, and of counts with half a row more in each."""
    cases: dict[str, Any] = {"unheard of": _rows([500, 300, 0], [250, 150, 1], "chisquare")}
    for name, pair in PAIRS.items():
        before, after = pair.counts
        cases[f"{name}: counts"] = _rows(before, after, "psi", "jensenshannon", "chisquare")
        cases[f"{name}: smoothed"] = _rows(2 * before + 1, 2 * after + 1, "psi")
        if pair.profile.kind == "numeric":
            cases[name] = {"kind": "numeric", "reference": list(pair.profile.sample), "current": pair.window.tolist(),
                           "methods": GIVEN_BY_NUMBERS}  # fmt: skip
    return evidently_oracle.ask(tmp_path_factory.getbasetemp(), cases)


def test_psi_of_counts_is_evidentlys_once_half_a_row_is_added_to_each(said: Answers) -> None:
    """Evidently puts 0.0001 where a bin is empty; each count gets half a row. Twice the rows and one is that."""
    found = {name: pair.value("psi").value for name, pair in PAIRS.items()}

    assert found == pytest.approx({name: said[f"{name}: smoothed"]["psi"] for name in PAIRS}, rel=1e-9, abs=1e-12)
    assert found["many rows"] == pytest.approx(said["many rows: counts"]["psi"], rel=0.01)


def test_jensen_shannon_of_counts_is_evidentlys_in_another_base(said: Answers) -> None:
    """Evidently takes natural logarithms, so that its largest distance is the root of ln 2; here it is 1."""
    found = {name: pair.value("jensen_shannon").value for name, pair in PAIRS.items()}

    expected = {name: said[f"{name}: counts"]["jensenshannon"] / math.sqrt(math.log(2)) for name in PAIRS}
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_jensen_shannon_of_numbers_differs_from_evidentlys_by_its_bins(said: Answers) -> None:
    """Evidently makes equally wide bins anew for each window, from both; here they are the training data's deciles."""
    found = {name: drift.jensen_shannon(*_evidently_bins(PAIRS[name])) for name in NUMERIC}

    expected = {name: said[name]["jensenshannon"] / math.sqrt(math.log(2)) for name in NUMERIC}
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_chi_squared_is_evidentlys_where_the_training_data_is_all_there_is(said: Answers) -> None:
    """Evidently takes the training data's shares for the truth; here they are a sample too, which has chance as well.

    A million times as many rows before are as good as the truth. Bins that are empty before are another matter.
    """
    there = {name: _without_empty(*pair.counts) for name, pair in PAIRS.items()}
    counts = {name: (before, after) for name, (before, after) in there.items() if before.all()}
    found = {name: drift.chi_squared(before * 1e6, after) for name, (before, after) in counts.items()}
    expected = {name: said[f"{name}: counts"]["chisquare"] for name in counts}
    sums = {name: found[name][0] ** 2 * (before.sum() * 1e6 + after.sum()) for name, (before, after) in counts.items()}

    assert set(PAIRS) - set(counts) == {"one value"}
    assert {name: p_value for name, (_, p_value) in found.items()} == pytest.approx(expected, rel=1e-3, abs=1e-300)
    assert {name: sums[name] for name in counts if expected[name]} == pytest.approx(
        {name: stats.chi2.isf(expected[name], len(counts[name][0]) - 1) for name in counts if expected[name]}, rel=1e-3
    )


def test_one_value_that_nobody_heard_of_is_proof_to_evidently_and_chance_here(said: Answers) -> None:
    """Where nothing is expected, any one is infinitely more; here what is rare is taken together first."""
    assert said["unheard of"]["chisquare"] == 0.0
    assert drift.chi_squared(np.array([500, 300, 0]), np.array([250, 150, 1]))[1] > 0.3


def test_wasserstein_is_evidentlys_in_deviations_of_all_rows(said: Answers) -> None:
    """Evidently divides by the deviation of the rows it is given, at least 0.001; here by that of all training data."""
    kept = {name: PAIRS[name].profile for name in NUMERIC}
    units = {name: max(float(np.std(one.sample)), 0.001) / (one.deviation or 1.0) for name, one in kept.items()}
    found = {name: PAIRS[name].value("wasserstein").value for name in NUMERIC}

    assert found == pytest.approx({name: said[name]["wasserstein"] * units[name] for name in NUMERIC}, rel=1e-9)
    assert {name for name, unit in units.items() if unit != pytest.approx(1.0)} == {"many rows", "one value"}


def test_kolmogorov_and_smirnov_find_the_distance_whose_chance_evidently_tells(said: Answers) -> None:
    """Evidently tells the exact chance up to 10,000 rows; here it is the limit's, which is near, and quick for any."""
    found = {name: PAIRS[name].value("kolmogorov_smirnov") for name in NUMERIC}
    told = {name: said[name]["ks"] for name in NUMERIC}
    exact = {name: _exact(found[name].value, len(PAIRS[name].window)) for name in EQUAL}

    assert exact == pytest.approx({name: told[name] for name in EQUAL}, rel=1e-6, abs=1e-300)
    assert {name: found[name].p_value for name in NUMERIC} == pytest.approx(told, abs=0.03)
    assert found["many rows"].p_value == pytest.approx(told["many rows"], rel=1e-9)


def _without_empty(before: Any, after: Any) -> tuple[Any, Any]:
    """The counts of the bins that hold anything."""
    return before[before + after > 0], after[before + after > 0]


def _evidently_bins(pair: Pair) -> tuple[Any, Any]:
    """Counts by the bins that Evidently makes: Sturges' of both, or one for each value where there are at most 20."""
    before = np.array(pair.profile.sample)
    values = np.unique(np.concatenate([before, pair.window]))
    if len(np.unique(before)) > 20:
        edges = np.histogram_bin_edges(np.concatenate([before, pair.window]), bins="sturges")
        return np.histogram(before, edges)[0], np.histogram(pair.window, edges)[0]
    return (values[:, None] == before).sum(axis=1), (values[:, None] == pair.window).sum(axis=1)


def _rows(before: Any, after: Any, *methods: str) -> dict[str, Any]:
    names = [f"bin {number}" for number in range(len(before))]
    reference, current = (np.repeat(names, np.asarray(counts, dtype=int)).tolist() for counts in (before, after))
    return {"kind": "categorical", "reference": reference, "current": current, "methods": list(methods)}


def _exact(distance: float, rows: int) -> float:
    """The chance of such a distance or more of two samples of so many rows each, by Gnedenko and Korolyuk."""
    steps = round(distance * rows)
    signs = ((-1) ** (times - 1) * math.comb(2 * rows, rows - times * steps) for times in range(1, rows // steps + 1))
    return min(1.0, float(2 * sum(signs) / math.comb(2 * rows, rows)))
