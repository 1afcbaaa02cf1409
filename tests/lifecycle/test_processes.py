"""Processes told apart by number and start, and ended for certain."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys

from groundplan.lifecycle.local.serving import processes


def test_processes_are_told_apart_by_their_start() -> None:
    own = processes.identify(os.getpid())
    assert own is not None

    assert processes.is_alive(own)
    assert not processes.is_alive(dataclasses.replace(own, started=own.started + "1"))
    assert processes.identify(2**22 + 1) is None


def test_a_process_that_ignores_the_request_to_end_is_ended() -> None:
    program = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as stubborn:
        assert stubborn.stdout is not None
        stubborn.stdout.readline()
        identity = processes.identify(stubborn.pid)
        assert identity is not None

        processes.stop(identity, patience_seconds=0.2)

        assert stubborn.wait(timeout=120) == -signal.SIGKILL
