"""Monitoring: a window of a million rows from the request log to its report."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from groundplan.core.layout import Layout
from groundplan.lifecycle import monitoring, profiles
from groundplan.lifecycle.contract.monitoring import Baseline, MonitorPlan, Statistic, Window
from groundplan.lifecycle.local.monitoring import windows
from groundplan.lifecycle.local.monitoring.store import LocalMonitorStore

from . import Row
from ._timing import busy, measure

_ROWS, _FEATURES = 1_000_000, 50
_DIFFERENT = 20_000
"""So many different rows make the log."""

_CASES: tuple[tuple[int, Statistic], ...] = ((500, "psi"), (1, "psi"), (500, "wasserstein"))
"""Rows of a request, and the statistic of the config: by default the first, and the one that takes longest."""

_WINDOW = Window(start="2026-03-01T10:00:00.000Z", end="2026-03-01T11:00:00.000Z")


def main() -> list[Row]:
    """The rows of the table."""
    return [row for batch, statistic in _CASES for row in _measured(batch, statistic)]


def _measured(batch: int, statistic: Statistic) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        _write_log(Path(folder), batch)
        cost = measure([sys.executable, "-m", "tools.bench.monitoring", folder, statistic], cwd=Path.cwd())
    what = f"monitor, {_ROWS:,} x {_FEATURES}, {batch} a request, {statistic}"
    return [
        (f"{what}: seconds", cost.seconds, f"s {busy(cost.processor_seconds)}; bound 20"),
        (f"{what}: memory", cost.memory_gb, "GB; bound 2"),
    ]


def _write_log(folder: Path, batch: int) -> None:
    random = np.random.default_rng(3)
    path = LocalMonitorStore(Layout(folder)).request_log("bench", "dev")
    path.parent.mkdir(parents=True)
    names = [f"feature_{number}" for number in range(_FEATURES)]
    rows = [
        [dict(zip(names, row, strict=True)) for row in random.normal(size=(batch, _FEATURES)).round(6).tolist()]
        for _ in range(_DIFFERENT // batch)
    ]
    written = [json.dumps(block, separators=(",", ":")) for block in rows]
    answers = json.dumps(["yes"] * batch)
    with path.open("w") as stream:
        for number in range(_ROWS // batch):
            minute = number * 60 * batch // _ROWS
            stream.write(
                f'{{"time":"2026-03-01T10:{minute:02d}:00.000Z","request_id":"{number}","method":"POST",'
                f'"route":"/predict","status":200,"ms":5.0,"rows":{batch},"model":"bench","version":1,'
                f'"inputs":{written[number % len(written)]},"outputs":{answers}}}\n'
            )


def _judge(folder: Path, statistic: Any) -> None:
    random = np.random.default_rng(4)
    features = tuple(profiles.numeric(f"feature_{number}", random.normal(size=10_000)) for number in range(_FEATURES))
    baseline = Baseline(model="bench", version=1, digest="", rows=10_000, features=features)
    plan = MonitorPlan(window_seconds=3600, min_rows=500, statistic=statistic, threshold=0.2, alpha=0.05,
                       hysteresis=(1, 1), max_missing_increase=0.1, latency_p95_ms=500, error_rate=0.01)  # fmt: skip
    requests = LocalMonitorStore(Layout(folder)).requests("bench", "dev")
    data = windows.read(
        requests, plan, _WINDOW, serving=[1], baseline=lambda version: baseline, labels={}, now=_WINDOW.end
    )
    report = monitoring.examine(plan, baseline, data[1], made=_WINDOW.end)
    if report.rows != _ROWS or sum(check.area == "drift" for check in report.checks) != _FEATURES:
        raise RuntimeError(f"{report.rows} rows were judged")


if __name__ == "__main__":
    _judge(Path(sys.argv[1]), sys.argv[2])
