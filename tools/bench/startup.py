"""Start-up: the help against a bare click program's, a new project, a run in which nothing changed."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from . import Row
from ._timing import busy, measure, median, ratio

GROUNDPLAN = str(Path(sys.executable).parent / "groundplan")

_BARE = """\
import click

@click.group()
def main() -> None:
    "A bare click program."

@main.command()
def hello() -> None:
    "Says hello."

main()
"""


def main() -> list[Row]:
    """The rows of the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bare = folder / "bare.py"
        bare.write_text(_BARE, encoding="utf-8")
        help_ratio = ratio([GROUNDPLAN, "--help"], [sys.executable, str(bare), "--help"])
        new = median(["sh", "-c", f"rm -rf churn; exec {GROUNDPLAN} new churn --defaults"], cwd=folder)
        table = folder / "large.csv"
        table.write_text("id,amount,kind,target\n" + "".join(_lines(1_000_000)), encoding="utf-8")
        large = measure([GROUNDPLAN, "new", "large", "--data", str(table), "--target", "target"], cwd=folder)
        project = folder / "churn"
        measure([GROUNDPLAN, "up"], cwd=project)
        first = measure([GROUNDPLAN, "run"], cwd=project)
        version = median([GROUNDPLAN, "--version"])
        again = median([GROUNDPLAN, "run"], cwd=project)
    more = again.seconds - version.seconds
    more_work = again.processor_seconds - version.processor_seconds
    return [
        ("groundplan --help / bare click --help", help_ratio, "bound: within 2"),
        ("groundplan new, seconds", new.seconds, f"bound: under 1 {busy(new.processor_seconds)}"),
        ("groundplan new --data, 1,000,000 rows, seconds", large.seconds, f"as above {busy(large.processor_seconds)}"),
        ("groundplan run, first time, seconds", first.seconds, f"for comparison {busy(first.processor_seconds)}"),
        ("groundplan run, nothing changed, less start-up, seconds", more, f"bound: within 1 {busy(more_work)}"),
    ]


def _lines(count: int) -> Iterator[str]:
    return (f"{row},{row * 7919 % 1000 / 10},{'abc'[row % 3]},{'yes' if row % 4 else 'no'}\n" for row in range(count))
