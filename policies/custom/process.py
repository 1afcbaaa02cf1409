"""Starts the process of custom rules, asks it, and ends it when it does not answer in time."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from typing import IO, Any

from ...core.errors import GroundplanError
from . import encoding

_START_SECONDS = 60.0
_KEPT = ("HOME", "LANG", "LC_ALL", "LC_CTYPE", "PATH", "PYTHONPATH", "SYSTEMROOT", "TMPDIR", "TZ", "VIRTUAL_ENV")
"""What a rule may know of the environment: nothing that could be a token."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a rule may take: ``seconds`` for all that it is asked in one check, ``memory`` in bytes."""

    seconds: float = 10.0
    memory: int = 2 << 30


class EndedError(Exception):
    """The process is no more; the text says why."""


class LateError(EndedError):
    """It did not answer in time and was ended."""


class Process:
    """One process, from its start to ``end``."""

    def __init__(self, limits: Limits) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-P", "-m", "groundplan.policies.custom", str(limits.memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: value for name, value in os.environ.items() if name in _KEPT},
            start_new_session=True,
        )
        self._lines: SimpleQueue[bytes] = SimpleQueue()
        Thread(target=_pump, args=(self._child.stdout, self._lines), daemon=True).start()
        try:
            list(self._answers(_START_SECONDS))
        except EndedError as error:
            raise GroundplanError(
                f"the process of custom rules did not start: {error}", hint="Run the check again."
            ) from error

    def send(self, message: Mapping[str, object]) -> None:
        """Tell it something. Raises EndedError."""
        try:
            assert self._child.stdin is not None  # noqa: S101 a pipe was asked for
            self._child.stdin.write(encoding.line(message))
            self._child.stdin.flush()
        except OSError:
            raise EndedError(self._why()) from None

    def ask(self, message: Mapping[str, object], seconds: float) -> Iterator[dict[str, Any]]:
        """The answers to a request. Raises EndedError when it ends, or does not end within the time."""
        self.send({**message, "seconds": max(1, round(seconds))})
        yield from self._answers(seconds)

    def end(self) -> None:
        """End it and whatever it started."""
        if sys.platform != "win32":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._child.pid, signal.SIGKILL)
        self._child.kill()
        self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()

    def _answers(self, seconds: float) -> Iterator[dict[str, Any]]:
        until = time.monotonic() + seconds
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, until - time.monotonic()))
            except Empty:
                self.end()
                raise LateError(f"it ran longer than {seconds:g} s") from None
            if not line:
                raise EndedError(self._why())
            try:
                answer = encoding.message(line)
            except ValueError:
                self.end()
                raise EndedError("it wrote where only its process may") from None
            if "done" in answer:
                return
            yield answer

    def _why(self) -> str:
        try:
            code = self._child.wait(timeout=5)
        except subprocess.TimeoutExpired:
            code = -signal.SIGTERM
        self.end()
        if code < 0:
            return f"its process was ended by {signal.Signals(-code).name}"
        return f"it ended its process with exit code {code}"


def _pump(pipe: IO[bytes] | None, lines: SimpleQueue[bytes]) -> None:
    """Pass lines on as they come; an empty one says that no more will."""
    with contextlib.suppress(OSError, ValueError):  # closed under its hands when the process is ended
        for line in pipe or ():
            lines.put(line)
    lines.put(b"")
