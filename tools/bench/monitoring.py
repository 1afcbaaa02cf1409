"""Monitoring: a window of a million rows from the request log to its report, and how often drift is found rightly."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from groundplan.core.layout import Layout
from groundplan.lifecycle import drift, monitoring, profiles
from groundplan.lifecycle.contract.monitoring import Baseline, FeatureProfile, MonitorPlan, Statistic, Window
from groundplan.lifecycle.local.monitoring import windows
from groundplan.lifecycle.local.monitoring.store import LocalMonitorStore

from . import Row
from ._timing import measure

_ROWS, _FEATURES, _BATCH = 1_000_000, 50, 500
_DIFFERENT = 40
"""So many different blocks of rows make the log."""

_WINDOW = Window(start="2026-03-01T10:00:00.000Z", end="2026-03-01T11:00:00.000Z")
_STATISTICS: tuple[Statistic, ...] = ("psi", "kolmogorov_smirnov", "jensen_shannon", "chi_squared", "wasserstein")
_SIZES = (500, 5000)
_SHIFTS = (0.1, 0.25, 0.5)
"""By so many standard deviations one of the features moves."""

_SIMULATED = 150
_LEARNED = 5000


def main() -> list[Row]:
    """The rows of the table."""
    with tempfile.TemporaryDirectory() as folder:
        _write_log(Path(folder))
        cost = measure([sys.executable, "-m", "tools.bench.monitoring", folder], cwd=Path.cwd())
    what = f"{_ROWS:,} rows x {_FEATURES} features"
    note = f"s ({cost.processor_seconds:.1f} of the processor)"
    return [
        (f"monitor, {what}: seconds", cost.seconds, f"{note}; bound 20"),
        (f"monitor, {what}: memory", cost.memory_gb, "GB; bound 2"),
        *(row for statistic in _STATISTICS for row in _detection(statistic)),
    ]


def rates(
    statistic: Statistic, *, rows: int, shift: float, features: int, tests: int, seed: int
) -> tuple[float, float]:
    """Shares of simulated windows: the moved feature is significant; any feature that did not move is.

    The first feature moves; all are correlated gamma-distributed numbers. Holm's correction at 5 %.
    """
    random = np.random.default_rng(seed)
    found = wrong = 0
    for _ in range(tests):
        learned = _correlated(random, _LEARNED, features)
        known = [profiles.numeric(f"f{number}", learned[:, number]) for number in range(features)]
        window = _correlated(random, rows, features)
        window[:, 0] += shift * known[0].deviation
        corrected = drift.holm([_p_value(one, window[:, number], statistic) for number, one in enumerate(known)])
        found += corrected[0] <= 0.05
        wrong += min(corrected[1:] if shift else corrected) <= 0.05
    return found / tests, wrong / tests


def _detection(statistic: Statistic) -> list[Row]:
    table: list[Row] = []
    for rows in _SIZES:
        of = f"{statistic}, windows of {rows} rows, {_FEATURES} features"
        tests = _SIMULATED if rows == _SIZES[0] else _SIMULATED // 3
        _, wrong = rates(statistic, rows=rows, shift=0.0, features=_FEATURES, tests=tests, seed=1)
        table.append((f"false alarms: {of}", 100 * wrong, f"% of {tests} windows; bound 5 % (and chance)"))
        for shift in _SHIFTS:
            found, _ = rates(statistic, rows=rows, shift=shift, features=_FEATURES, tests=tests // 3, seed=2)
            table.append((f"found, moved by {shift} deviations: {statistic}, {rows} rows", 100 * found,
                          f"% of {tests // 3} windows; no bound"))  # fmt: skip
    return table


def _correlated(random: Any, rows: int, features: int) -> Any:
    """Skewed numbers that share a factor, as the columns of real tables do."""
    common = random.gamma(2, size=(rows, 1))
    return random.gamma(2, size=(rows, features)) + 0.5 * common


def _p_value(profile: FeatureProfile, values: Any, statistic: Statistic) -> float:
    found = drift.compare(profile, profiles.counted(profile, values, {}), values, statistic)
    return 1.0 if found.p_value is None else found.p_value


def _write_log(folder: Path) -> None:
    random = np.random.default_rng(3)
    path = LocalMonitorStore(Layout(folder)).request_log("bench", "dev")
    path.parent.mkdir(parents=True)
    names = [f"feature_{number}" for number in range(_FEATURES)]
    rows = [
        [dict(zip(names, row, strict=True)) for row in random.normal(size=(_BATCH, _FEATURES)).round(6).tolist()]
        for _ in range(_DIFFERENT)
    ]
    written = [json.dumps(block, separators=(",", ":")) for block in rows]
    answers = json.dumps(["yes"] * _BATCH)
    with path.open("w") as stream:
        for number in range(_ROWS // _BATCH):
            minute = number * 60 * _BATCH // _ROWS
            stream.write(
                f'{{"time":"2026-03-01T10:{minute:02d}:00.000Z","request_id":"{number}","method":"POST",'
                f'"route":"/predict","status":200,"ms":5.0,"rows":{_BATCH},"model":"bench","version":1,'
                f'"inputs":{written[number % _DIFFERENT]},"outputs":{answers}}}\n'
            )


def _judge(folder: Path) -> None:
    random = np.random.default_rng(4)
    features = tuple(profiles.numeric(f"feature_{number}", random.normal(size=10_000)) for number in range(_FEATURES))
    baseline = Baseline(model="bench", version=1, digest="", rows=10_000, features=features)
    plan = MonitorPlan(window_seconds=3600, min_rows=500, statistic="psi", threshold=0.2, alpha=0.05, hysteresis=(1, 1),
                       max_missing_increase=0.1, latency_p95_ms=500, error_rate=0.01)  # fmt: skip
    path = LocalMonitorStore(Layout(folder)).request_log("bench", "dev")
    data = windows.read(path, plan, _WINDOW, serving=[1], baseline=lambda version: baseline, labels={}, now=_WINDOW.end)
    report = monitoring.examine(plan, baseline, data[1], made=_WINDOW.end)
    if report.rows != _ROWS or sum(check.area == "drift" for check in report.checks) != _FEATURES:
        raise RuntimeError(f"{report.rows} rows were judged")


if __name__ == "__main__":
    _judge(Path(sys.argv[1]))
