"""How often drift is found, on simulated windows whose drift is known, and how often where there is none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from groundplan.core import extras
from groundplan.lifecycle import drift, profiles
from groundplan.lifecycle.contract.monitoring import FeatureProfile, Statistic

from . import Row

_WINDOWS = 2_000
_FEATURES = 50
_LEARNED = 5_000
_SIZES = (500, 5_000)
_SHIFTS = (0.1, 0.25, 0.5)
"""By so many standard deviations one of the features moves."""

_ALPHA = 0.05
_TESTS: dict[Statistic, str] = {
    "chi_squared": "chi-squared (psi, jensen_shannon, chi_squared)",
    "kolmogorov_smirnov": "Kolmogorov-Smirnov (kolmogorov_smirnov, wasserstein)",
}
"""Five statistics, but two tests: the chance is of one of these."""


class Case(NamedTuple):
    """A window of so many rows; without a shift whatever is found is a false alarm."""

    statistic: Statistic
    rows: int
    shift: float = 0.0


def main() -> list[Row]:
    """The rows of the table."""
    with ProcessPoolExecutor() as pool:
        found = Counter(case for cases in pool.map(simulated, range(_WINDOWS), chunksize=20) for case in cases)
    return [_row(Case(statistic, rows, shift), found, of)
            for statistic, of in _TESTS.items() for rows in _SIZES for shift in (0.0, *_SHIFTS)]  # fmt: skip


def simulated(seed: int) -> list[Case]:
    """The cases in which something was significant, after Holm's correction, on training data and windows of this seed.

    All features are correlated gamma-distributed numbers, and the first is the one that moves.
    """
    random = np.random.default_rng([5, seed])
    learned = _correlated(random, _LEARNED)
    known = [profiles.numeric(f"f{number}", learned[:, number]) for number in range(_FEATURES)]
    windows = [_correlated(random, rows) for rows in _SIZES]
    return [case for window in windows for statistic in _TESTS for case in _significant(known, window, statistic)]


def _significant(known: list[FeatureProfile], window: Any, statistic: Statistic) -> Iterator[Case]:
    still = [_p_value(one, window[:, number], statistic) for number, one in enumerate(known)]
    if min(drift.holm(still)) <= _ALPHA:
        yield Case(statistic, len(window))
    for shift in _SHIFTS:
        moved = _p_value(known[0], window[:, 0] + shift * known[0].deviation, statistic)
        if drift.holm([moved, *still[1:]])[0] <= _ALPHA:
            yield Case(statistic, len(window), shift)


def _row(case: Case, found: Counter[Case], test: str) -> Row:
    share = extras.load("scipy.stats").binomtest(found[case], _WINDOWS)
    interval = share.proportion_ci(0.95)
    note = f"% of {_WINDOWS:,} windows (95 %: {100 * interval.low:.1f} to {100 * interval.high:.1f})"
    what = f"found, moved by {case.shift} deviations" if case.shift else "false alarms"
    bound = (
        "no bound" if case.shift else f"bound {_ALPHA:.0%}, which the interval must reach; {_FEATURES} features, {test}"
    )
    return f"{what}: {case.statistic}, {case.rows} rows", 100 * share.statistic, f"{note}; {bound}"


def _correlated(random: Any, rows: int) -> Any:
    """Skewed numbers that share a factor, as the columns of real tables do."""
    common = random.gamma(2, size=(rows, 1))
    return random.gamma(2, size=(rows, _FEATURES)) + 0.5 * common


def _p_value(profile: FeatureProfile, values: Any, statistic: Statistic) -> float:
    found = drift.compare(profile, profiles.counted(profile, values, {}), values, statistic)
    return 1.0 if found.p_value is None else found.p_value
