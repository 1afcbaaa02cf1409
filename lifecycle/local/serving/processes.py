"""Processes that outlive the command that started them: told apart from others that got their number later."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

_POLL_SECONDS = 0.02


@dataclass(frozen=True, kw_only=True)
class ProcessIdentity:
    """A process number and the moment its process started, as the operating system tells it.

    Numbers are given again; the pair is not, not even after a restart of the machine.
    """

    pid: int
    started: str


def identify(pid: int) -> ProcessIdentity | None:
    """The identity of the process that has this number now, or None; one that only waits to be reaped is gone."""
    started = _started_on_linux(pid) if sys.platform == "linux" else _started_by_ps(pid)
    return None if started is None else ProcessIdentity(pid=pid, started=started)


def is_alive(identity: ProcessIdentity) -> bool:
    """Whether this very process still runs."""
    return identify(identity.pid) == identity


def stop(identity: ProcessIdentity, *, patience_seconds: float) -> None:
    """Ask the process to end (SIGTERM), wait, then end it (SIGKILL). A process that is another one is left alone."""
    _send(identity, signal.SIGTERM)
    if not wait_for_end(identity, seconds=patience_seconds):
        _send(identity, getattr(signal, "SIGKILL", signal.SIGTERM))
        wait_for_end(identity, seconds=5.0)


def wait_for_end(identity: ProcessIdentity, *, seconds: float) -> bool:
    """Wait until the process has ended; False when it still runs after ``seconds``."""
    deadline = time.monotonic() + seconds
    while is_alive(identity):
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def _send(identity: ProcessIdentity, number: int) -> None:
    """Signal this very process: where there are process descriptors nothing can slip in between check and signal."""
    if not is_alive(identity):
        return
    with contextlib.suppress(ProcessLookupError):
        if not hasattr(os, "pidfd_open"):
            os.kill(identity.pid, number)
            return
        descriptor = os.pidfd_open(identity.pid)
        try:
            if identify(identity.pid) == identity:
                signal.pidfd_send_signal(descriptor, number)
        finally:
            os.close(descriptor)


def _started_on_linux(pid: int) -> str | None:
    try:
        # The second field is the program's name in brackets and may hold anything, brackets too.
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return None
    state, ticks = fields[0], fields[19]
    return None if state in "ZX" else f"{boot}:{ticks}"


def _started_by_ps(pid: int) -> str | None:
    try:
        answer = subprocess.run(
            ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, timeout=5, check=False,
            env={**os.environ, "LC_ALL": "C"},
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    state, _, started = answer.stdout.strip().partition(" ")
    return None if not started or state.startswith("Z") else started.strip()
