"""Times commands as whole processes, in turn, so that a slower moment of the machine meets both sides."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path


def seconds(command: Sequence[str], *, cwd: Path | None = None) -> float:
    """The wall time of one run. Raises CalledProcessError when it fails."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    started = time.perf_counter()
    subprocess.run(command, cwd=cwd, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - started


def ratio(ours: Sequence[str], theirs: Sequence[str], *, rounds: int = 15) -> float:
    """The median of our time over theirs, pair by pair, after one round that does not count."""
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(rounds + 1)][1:]
    return statistics.median(mine / other for mine, other in pairs)


def median(command: Sequence[str], *, cwd: Path | None = None, rounds: int = 5) -> float:
    """The median wall time in seconds, after one round that does not count."""
    return statistics.median([seconds(command, cwd=cwd) for _ in range(rounds + 1)][1:])
