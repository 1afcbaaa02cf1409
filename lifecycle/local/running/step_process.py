"""One attempt at a step: a supervised process group, its log with a limit, its time limit, its end."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from . import supervise

LOG_LIMIT_BYTES = 10_000_000
GRACE_SECONDS = 5.0
_POLL_SECONDS = 0.05
_DRAIN_SECONDS = 1.0

EndReason = Literal["exit", "signal", "not-started", "timed-out", "cancelled", "lost"]


@dataclass(frozen=True, kw_only=True)
class StepEnd:
    """How an attempt ended: ``number`` is the exit code or the signal, ``detail`` the system's word if there is one."""

    reason: EndReason
    number: int = 0
    detail: str = ""

    @property
    def succeeded(self) -> bool:
        """Whether the step said that all is well."""
        return self.reason == "exit" and self.number == 0


class Cancellation:
    """Tells running steps to end; asked twice, to end at once. May be asked from a signal handler."""

    def __init__(self) -> None:
        self._times = 0

    def ask(self) -> None:
        """Ask once more."""
        self._times += 1

    @property
    def asked(self) -> bool:
        """Whether running steps should end."""
        return self._times > 0

    @property
    def impatient(self) -> bool:
        """Whether they should end without a grace period."""
        return self._times > 1


class _Log:
    """A log file that stops growing at its limit and says so; what comes after is read and dropped."""

    def __init__(self, stream: BinaryIO, limit: int) -> None:
        self._stream = stream
        self._left = limit
        self._end = f"\n[groundplan: the log ends here, at its limit of {limit} bytes]\n".encode()

    def write(self, content: bytes) -> None:
        kept = content[: self._left]
        if len(kept) < len(content):
            kept += self._end
            self._end = b""
        self._left = max(0, self._left - len(content))
        # A full disk must not stop the step from being drained and ended.
        with contextlib.suppress(OSError):
            self._stream.write(kept)
            self._stream.flush()


def run_step(
    words: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    log: Path,
    timeout_seconds: float,
    cancellation: Cancellation,
) -> StepEnd:
    """Run a command to its end, appending what it prints to ``log``; afterwards nothing of its group is left."""
    status_read, status_write = os.pipe()
    try:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", supervise.__file__, str(status_write), *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=dict(environment),
            pass_fds=(status_write,),
            start_new_session=True,
        )
    except BaseException:
        os.close(status_read)
        raise
    finally:
        os.close(status_write)
    with log.open("ab") as stream, open(status_read, "rb", buffering=0) as status:  # noqa: PTH123 a descriptor
        attempt = _Attempt(process, status, _Log(stream, LOG_LIMIT_BYTES), cancellation)
        try:
            return attempt.follow(time.monotonic() + timeout_seconds)
        finally:
            attempt.close()


class _Attempt:
    """A started supervisor, followed until the step has ended and its output is read."""

    def __init__(
        self, process: subprocess.Popen[bytes], status: BinaryIO, log: _Log, cancellation: Cancellation
    ) -> None:
        self._process = process
        self._status = status
        self._log = log
        self._cancellation = cancellation
        self._stopped: EndReason | None = None
        self._kill_at = float("inf")
        self._killed = False

    def follow(self, deadline: float) -> StepEnd:
        output = self._process.stdout
        assert output is not None  # noqa: S101 asked for in run_step
        word = b""
        end_by = float("inf")
        with selectors.DefaultSelector() as selector:
            selector.register(output, selectors.EVENT_READ)
            selector.register(self._status, selectors.EVENT_READ)
            # A process that left the group may hold the output open for ever: after the end it gets a moment.
            while selector.get_map() and time.monotonic() < end_by:
                for key, _ in selector.select(_POLL_SECONDS):
                    content = os.read(key.fd, 65536)
                    if key.fileobj is output:
                        self._log.write(content)
                    else:
                        word += content
                    if not content:
                        selector.unregister(key.fileobj)
                if not self._listens(selector):
                    end_by = min(end_by, time.monotonic() + _DRAIN_SECONDS)
                self._stop_when_due(deadline)
        return self._end(word.decode(errors="replace").strip())

    def _listens(self, selector: selectors.BaseSelector) -> bool:
        return any(key.fileobj is self._status for key in selector.get_map().values())

    def _stop_when_due(self, deadline: float) -> None:
        now = time.monotonic()
        if self._stopped is None:
            if self._cancellation.asked:
                self._stopped = "cancelled"
            elif now >= deadline:
                self._stopped = "timed-out"
            if self._stopped is not None:
                self._kill_at = now + GRACE_SECONDS
                self._send(signal.SIGTERM)
        if not self._killed and self._stopped and (now >= self._kill_at or self._cancellation.impatient):
            self._killed = True
            self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        # Until the supervisor is reaped in close() its number, and so its group's, is nobody else's.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    def _end(self, word: str) -> StepEnd:
        if self._stopped is not None:
            return StepEnd(reason=self._stopped)
        kind, _, rest = word.partition(" ")
        if kind in ("exit", "signal"):
            return StepEnd(reason="exit" if kind == "exit" else "signal", number=int(rest))
        return StepEnd(reason="not-started", detail=rest) if kind == "error" else StepEnd(reason="lost")

    def close(self) -> None:
        self._send(signal.SIGKILL)
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._process.wait()


def plain_environment(temporary: Path) -> dict[str, str]:
    """A step's environment variables: the caller's, without groundplan's own and what makes Python behave oddly."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith("GROUNDPLAN_") and name not in _DROPPED
    }
    return {**kept, **_FIXED, "TMPDIR": str(temporary)}


_DROPPED = frozenset(
    {"PYTHONBREAKPOINT", "PYTHONDEBUG", "PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONINSPECT", "PYTHONOPTIMIZE",
     "PYTHONPROFILEIMPORTTIME", "PYTHONSTARTUP", "PYTHONWARNINGS"}
)  # fmt: skip
_FIXED = {
    "DO_NOT_TRACK": "true",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "PYTHONHASHSEED": "0",
    "PYTHONUNBUFFERED": "1",
    "PYTHONUTF8": "1",
}


def signal_name(number: int) -> str:
    """``SIGKILL`` for 9; the number itself where it has no name."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
