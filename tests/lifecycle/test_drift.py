"""The statistics of drift: against scipy, against their definitions, and how often they are wrong."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from groundplan.core import extras
from groundplan.lifecycle import drift, profiles
from groundplan.lifecycle.contract.monitoring import Statistic
from hypothesis import given, settings
from hypothesis import strategies as st

stats: Any = extras.load("scipy.stats")

STATISTICS: tuple[Statistic, ...] = ("psi", "kolmogorov_smirnov", "jensen_shannon", "chi_squared", "wasserstein")
COUNTS = st.lists(st.integers(0, 1000), min_size=2, max_size=12)
FLOATS = st.lists(st.floats(-1e6, 1e6) | st.integers(-3, 3).map(float), min_size=2, max_size=60)


@st.composite
def pairs_of_counts(draw: st.DrawFn) -> tuple[Any, Any]:
    before = draw(COUNTS.filter(any))
    after = draw(st.lists(st.integers(0, 1000), min_size=len(before), max_size=len(before)).filter(any))
    return np.array(before), np.array(after)


@given(pairs_of_counts())
@settings(max_examples=60, deadline=None)
def test_distances_of_counts_are_symmetric_not_negative_and_zero_for_the_same(pair: tuple[Any, Any]) -> None:
    before, after = pair
    for statistic in (drift.psi, drift.jensen_shannon, _association):
        assert statistic(before, before) == pytest.approx(0.0, abs=1e-7)
        assert statistic(before, after) == pytest.approx(statistic(after, before))
        assert statistic(before, after) >= -1e-12
    assert drift.jensen_shannon(before, after) <= 1 + 1e-9
    assert drift.chi_squared(before, after)[0] <= 1 + 1e-9


@given(pairs_of_counts(), st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_the_order_of_the_bins_does_not_matter(pair: tuple[Any, Any], random: Any) -> None:
    before, after = pair
    order = random.sample(range(len(before)), len(before))
    assert drift.psi(before[order], after[order]) == pytest.approx(drift.psi(before, after))
    assert drift.jensen_shannon(before[order], after[order]) == pytest.approx(drift.jensen_shannon(before, after))


@given(FLOATS, FLOATS)
@settings(max_examples=60, deadline=None)
def test_samples_are_compared_as_scipy_does(first: list[float], second: list[float]) -> None:
    expected = stats.ks_2samp(first, second, method="asymp")
    deviation = float(np.std(first))

    assert drift.kolmogorov_smirnov(np.array(first), np.array(second)) == (expected.statistic, expected.pvalue)
    assert drift.wasserstein(np.array(first), np.array(second), deviation) == pytest.approx(
        stats.wasserstein_distance(first, second) / (deviation or 1.0)
    )


def test_counts_are_compared_as_scipy_and_the_definitions_do() -> None:
    before, after = np.array([100, 200, 700]), np.array([150, 150, 200])
    test = stats.chi2_contingency(np.vstack([before, after]), correction=False)
    p, q = (before + 0.5) / 1001.5, (after + 0.5) / 501.5
    mixed = (before / 1000 + after / 500) / 2
    divergence = (stats.entropy(before / 1000, mixed, base=2) + stats.entropy(after / 500, mixed, base=2)) / 2

    assert drift.chi_squared(before, after) == pytest.approx((np.sqrt(test.statistic / 1500), test.pvalue))
    assert drift.psi(before, after) == pytest.approx(stats.entropy(p, q) + stats.entropy(q, p))
    assert drift.jensen_shannon(before, after) == pytest.approx(np.sqrt(divergence))


def test_values_beyond_the_range_of_a_sample_are_as_likely_as_simulated() -> None:
    random = np.random.default_rng(1)
    sample, window = random.normal(size=(20_000, 50)), random.normal(size=(20_000, 20))
    beyond = ((window > sample.max(axis=1)[:, None]) | (window < sample.min(axis=1)[:, None])).sum(axis=1)

    for count in (1, 2, 4):
        expected = drift.more_than_before(count, 20, seen=1, rows_before=50)
        assert (beyond >= count).mean() == pytest.approx(expected, abs=0.01)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6), st.floats(0.001, 0.5))
@settings(max_examples=80, deadline=None)
def test_holm_rejects_what_the_closed_test_of_bonferroni_rejects(p_values: list[float], alpha: float) -> None:
    corrected = drift.holm(p_values)

    for index, value in enumerate(corrected):
        others = [one for one in range(len(p_values)) if one != index]
        closed = all(
            min(p_values[one] for one in (index, *chosen)) * (len(chosen) + 1) <= alpha
            for size in range(len(others) + 1)
            for chosen in itertools.combinations(others, size)
        )
        assert abs(value - alpha) < 1e-12 or (value <= alpha) == closed


@pytest.mark.parametrize("statistic", STATISTICS)
def test_the_chance_of_a_false_alarm_in_a_window_of_many_features_is_at_most_alpha(statistic: Statistic) -> None:
    random = np.random.default_rng(7)
    features, windows = 20, 100
    made = [profiles.numeric(f"f{number}", random.gamma(2, size=2000)) for number in range(features)]
    alarms = 0
    for _ in range(windows):
        found = [_p_value(profile, random.gamma(2, size=500), statistic) for profile in made]
        alarms += min(drift.holm(found)) <= 0.05

    assert alarms <= stats.binom.ppf(0.999, windows, 0.05)


@pytest.mark.parametrize("statistic", STATISTICS)
def test_a_shift_of_half_a_deviation_is_found_in_five_hundred_rows(statistic: Statistic) -> None:
    random = np.random.default_rng(8)
    profile = profiles.numeric("age", random.normal(size=5000))

    found = [_p_value(profile, random.normal(0.5, size=500), statistic) for _ in range(20)]

    assert max(found) < 0.05 / 50


def _association(before: Any, after: Any) -> float:
    return drift.chi_squared(before, after)[0]


def _p_value(profile: Any, values: Any, statistic: Statistic) -> float:
    found = drift.compare(profile, profiles.counted(profile, values, {}), values, statistic)
    assert found.p_value is not None
    return found.p_value
