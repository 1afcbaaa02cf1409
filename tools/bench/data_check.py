"""The data scorecard on a million rows and twenty columns: time and memory of the whole process."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from . import Row

ROWS = 1_000_000
ROUNDS = 3

_MAKE = """
import sys
import numpy, pandas
rows, random = int(sys.argv[2]), numpy.random.default_rng(0)
columns = {f"number_{i}": random.normal(size=rows).round(6) for i in range(10)}
columns |= {f"count_{i}": random.integers(0, 1000 * 10**i, rows) for i in range(3)}
for i in range(1, 5):
    words = numpy.array([f"value {k}" for k in range(10**i)], dtype=object)
    columns[f"text_{i}"] = words[random.integers(0, 10**i, rows)]
columns["name"] = [f"user-{k:07d}" for k in random.permutation(rows)]
columns["holes"] = numpy.where(random.random(rows) < 0.1, numpy.nan, columns["number_0"])
columns["target"] = numpy.where(columns["number_1"] + random.normal(size=rows) > 0, "yes", "no")
pandas.DataFrame(columns).to_csv(sys.argv[1], index=False)
"""
_BARE = "import sys, pandas; pandas.read_csv(sys.argv[1]).describe(include='all')"


def main() -> list[Row]:
    """The rows of the table."""
    with tempfile.TemporaryDirectory() as name:
        data = Path(name) / "data.csv"
        subprocess.run([sys.executable, "-c", _MAKE, str(data), str(ROWS)], check=True)
        groundplan = Path(sys.executable).parent / "groundplan"
        ours = [str(groundplan), "data", "check", "--file", str(data), "--target", "target",
                "--html", str(Path(name) / "report.html")]  # fmt: skip
        theirs = [sys.executable, "-c", _BARE, str(data)]
        rounds = [(_measured(ours), _measured(theirs)) for _ in range(ROUNDS)]
    return [
        ("data check, 1,000,000 × 20, seconds", statistics.median(mine[0] for mine, _ in rounds), "bound 10"),
        (
            "data check, 1,000,000 × 20, processor seconds",
            statistics.median(mine[2] for mine, _ in rounds),
            "for comparison",
        ),
        ("data check, 1,000,000 × 20, largest memory in GB", max(mine[1] for mine, _ in rounds), "bound 1.5"),
        (
            "data check / bare pandas read_csv and describe",
            statistics.median(mine[0] / bare[0] for mine, bare in rounds),
            "for comparison",
        ),
    ]


def _measured(command: Sequence[str]) -> tuple[float, float, float]:
    """Wall seconds, the largest resident memory in GB, and processor seconds of one run that succeeds."""
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return time.perf_counter() - started, usage.ru_maxrss / 1e6, usage.ru_utime + usage.ru_stime
