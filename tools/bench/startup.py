"""Start-up: the help against a bare click program's, a new project, a run in which nothing changed."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from . import Row
from ._timing import median, ratio, seconds

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
        version = median([GROUNDPLAN, "--version"])
        new = median(["sh", "-c", f"rm -rf churn; exec {GROUNDPLAN} new churn --defaults"], cwd=folder)
        project = folder / "churn"
        seconds([GROUNDPLAN, "up"], cwd=project)
        first = seconds([GROUNDPLAN, "run"], cwd=project)
        again = median([GROUNDPLAN, "run"], cwd=project)
    return [
        ("groundplan --help / bare click --help", help_ratio, "bound 2"),
        ("groundplan new, seconds", new, "bound 1"),
        ("groundplan run, first time, seconds", first, "for comparison"),
        ("groundplan run, nothing changed, less start-up, seconds", again - version, "bound 1"),
    ]
