"""Measures commands as whole processes, in turn, so that a slower moment of the machine meets both sides."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What one run of a command took; processor seconds are what a busy machine does not stretch."""

    seconds: float
    processor_seconds: float
    memory_gb: float


def measure(command: Sequence[str], *, cwd: Path | None = None) -> Cost:
    """One run with the processes that it started and waited for. Raises CalledProcessError when it fails."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    started = time.perf_counter()
    with subprocess.Popen(
        command, cwd=cwd, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Cost(
        seconds=time.perf_counter() - started,
        processor_seconds=usage.ru_utime + usage.ru_stime,
        memory_gb=usage.ru_maxrss / 1e6,
    )


def ratio(ours: Sequence[str], theirs: Sequence[str], *, rounds: int = 15) -> float:
    """The median of our time over theirs, pair by pair, after one round that does not count."""
    pairs = [(measure(ours).seconds, measure(theirs).seconds) for _ in range(rounds + 1)][1:]
    return statistics.median(mine / other for mine, other in pairs)


def median(command: Sequence[str], *, cwd: Path | None = None, rounds: int = 5) -> Cost:
    """The median of each figure, after one round that does not count."""
    costs = [measure(command, cwd=cwd) for _ in range(rounds + 1)][1:]
    return Cost(
        seconds=statistics.median(cost.seconds for cost in costs),
        processor_seconds=statistics.median(cost.processor_seconds for cost in costs),
        memory_gb=statistics.median(cost.memory_gb for cost in costs),
    )


def busy(processor_seconds: float) -> str:
    """The note's part that says how much of the time was work."""
    return f"({processor_seconds:.2f} of the processor)"
