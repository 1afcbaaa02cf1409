"""Statistics of drift: how far a window's values are from the training data's, and how likely chance alone is.

docs/monitoring.md defines each with its source. All take shares or values and know nothing of endpoints.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core import extras
from .contract.monitoring import FeatureProfile, Statistic

_stats: Any = extras.load("scipy.stats")
_distance: Any = extras.load("scipy.spatial.distance")

Array = Any
"""A numpy array; numpy's own types say too little to be worth their length here."""

_SMOOTHING = 0.5
"""Added to each count where a logarithm is taken: Jeffreys' prior, so that an empty bin is not infinitely far."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A statistic, and the chance of one as large or larger where nothing changed; None where it is unknown."""

    statistic: str
    value: float
    p_value: float | None


def psi(before: Array, after: Array) -> float:
    """The population stability index of two lists of counts of the same bins; 0 for equal shares, no upper bound."""
    p, q = _smoothed(before), _smoothed(after)
    return float(((q - p) * np.log(q / p)).sum())


def jensen_shannon(before: Array, after: Array) -> float:
    """The Jensen-Shannon distance (the root of the divergence, logarithms to base 2) of two lists of counts: 0 to 1."""
    return float(_distance.jensenshannon(before, after, base=2))


def chi_squared(before: Array, after: Array) -> tuple[float, float]:
    """Cramér's V (0 to 1) and the p-value of Pearson's test that both lists of counts are of one distribution.

    Bins that are expected to hold fewer than 5 are taken together, as the test's approximation wants it.
    """
    table = _pooled(np.vstack([before, after]).astype(float))
    if table.shape[1] < 2 or not table.sum(axis=1).all():
        return 0.0, 1.0
    result = _stats.chi2_contingency(table, correction=False)
    return float(np.sqrt(result.statistic / table.sum())), float(result.pvalue)


def kolmogorov_smirnov(before: Array, after: Array) -> tuple[float, float]:
    """The largest distance between the distribution functions of two samples (0 to 1), and its two-sided p-value."""
    if len(before) * len(after) < 2:
        return float(len(before) * len(after) and before[0] != after[0]), 1.0
    result = _stats.ks_2samp(before, after, method="asymp")
    return float(result.statistic), float(result.pvalue)


def wasserstein(before: Array, after: Array, deviation: float) -> float:
    """The first Wasserstein distance of two samples in standard deviations of the training data.

    Where the training data has one value only, the distance itself. The values are sorted once, of which
    ``scipy.stats.wasserstein_distance`` needs five times as long on a million.
    """
    values = np.concatenate([before, after])
    values.sort()
    below = np.sort(before).searchsorted(values[:-1], side="right")
    gaps = below / len(before) - (np.arange(1, len(values)) - below) / len(after)
    return float((np.abs(gaps) * np.diff(values)).sum()) / (deviation or 1.0)


def more_than_before(count: int, rows: int, *, seen: float, rows_before: int) -> float:
    """The p-value that ``count`` of ``rows`` are as likely as ``seen`` of ``rows_before`` were.

    One-sided, by the beta-binomial predictive distribution under a uniform prior. For values beyond the least and the
    largest of ``rows_before`` it is exact with ``seen`` = 1: the two outer gaps of an ordered sample.
    """
    return float(_stats.betabinom.sf(count - 1, rows, seen + 1, max(rows_before - seen, 1e-9)))


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values corrected for their number by Holm's step-down procedure, in the order given.

    The chance of any false alarm is at most the level they are held against, whatever their dependence.
    """
    count = len(p_values)
    order = sorted(range(count), key=lambda index: p_values[index])
    corrected = [0.0] * count
    least = 0.0
    for rank, index in enumerate(order):
        least = max(least, min(1.0, (count - rank) * p_values[index]))
        corrected[index] = least
    return corrected


def compare(profile: FeatureProfile, counts: Array, numbers: Array | None, statistic: Statistic) -> Comparison:
    """A feature's window against its profile; ``counts`` are by the profile's bins or categories.

    ``numbers`` are the values themselves, which tests on samples need; categories are compared by chi-squared then.
    """
    before = expected(profile)
    if statistic in ("kolmogorov_smirnov", "wasserstein") and profile.kind == "numeric" and numbers is not None:
        sample = np.array(profile.sample)
        distance, p_value = kolmogorov_smirnov(sample, numbers)
        if statistic == "wasserstein":
            distance = wasserstein(sample, numbers, profile.deviation)
        return Comparison(statistic=statistic, value=distance, p_value=p_value)
    association, p_value = chi_squared(before, counts)
    if statistic == "psi":
        return Comparison(statistic="psi", value=psi(before, counts), p_value=p_value)
    if statistic == "jensen_shannon":
        return Comparison(statistic="jensen_shannon", value=jensen_shannon(before, counts), p_value=p_value)
    return Comparison(statistic="chi_squared", value=association, p_value=p_value)


def expected(profile: FeatureProfile) -> Array:
    """The training data's counts by the profile's bins, or by its categories and all others."""
    shares = profile.shares if profile.kind == "numeric" else (*profile.categories.values(), profile.other)
    return np.round(np.array(shares, dtype=float) * profile.rows)


def _smoothed(counts: Array) -> Array:
    counts = np.asarray(counts, dtype=float)
    return (counts + _SMOOTHING) / (counts.sum() + _SMOOTHING * len(counts))


def _pooled(table: Array) -> Array:
    """The table with its rare columns added up into one, and with those that hold nothing left out."""
    total = table.sum()
    least = table.sum(axis=0) * table.sum(axis=1).min() / total if total else np.zeros(table.shape[1])
    rare = least < 5
    if rare.any():
        table = np.column_stack([table[:, ~rare], table[:, rare].sum(axis=1)])
    return table[:, table.sum(axis=0) > 0]
