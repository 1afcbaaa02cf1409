"""Ends an engine whose groundplan was killed: a process of its own, which sees the other end of its input close.

Run as ``python -I -S watch.py PID``. A byte on standard input says that the engine ended by itself.
"""

import os
import signal
import sys
import time

_GRACE_SECONDS = (20.0, 10.0)
_PAUSE_SECONDS = 0.1


def _is_there(pid: int) -> bool:
    # The engine leads a session; a process that took its number since does not lead this one.
    try:
        return os.getsid(pid) == pid
    except OSError:
        return False


def _main(pid: int) -> None:
    if os.read(0, 1):
        return
    for grace in _GRACE_SECONDS:
        if not _is_there(pid):
            return
        os.kill(pid, signal.SIGINT)
        end = time.monotonic() + grace
        while time.monotonic() < end and _is_there(pid):
            time.sleep(_PAUSE_SECONDS)
    if _is_there(pid):
        os.killpg(pid, signal.SIGKILL)


if __name__ == "__main__":
    _main(int(sys.argv[1]))
