"""The data scorecard on a million rows and twenty columns: time and memory of the whole process."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from . import Row
from ._timing import busy, measure

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
        rounds = [(measure(ours), measure(theirs)) for _ in range(ROUNDS)]
    seconds, processor = (
        statistics.median(getattr(mine, figure) for mine, _ in rounds) for figure in ("seconds", "processor_seconds")
    )
    against = statistics.median(mine.processor_seconds / bare.processor_seconds for mine, bare in rounds)
    return [
        ("data check, 1,000,000 × 20, seconds", seconds, f"bound: under 10 {busy(processor)}"),
        ("data check, largest memory in GB", max(mine.memory_gb for mine, _ in rounds), "bound: under 1.5"),
        ("data check / pandas read_csv and describe", against, "for comparison, by processor seconds"),
    ]
