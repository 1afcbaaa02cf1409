"""Starts the engine so that it always ends cleanly: signals reach it, a limit stops it, it never outlives groundplan.

The Automation API itself lets an interrupted program die and leaves the engine's lock behind.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Self, cast

from pulumi.automation import CommandResult, PulumiCommand
from pulumi.automation.errors import CommandError
from semver import VersionInfo

from . import pack
from .installation import Engine

_WATCH = Path(__file__).with_name("watch.py")
_WATCHED = frozenset({"destroy", "import", "preview", "refresh", "up"})
_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))

WAITING = "interrupted: waiting for the operations under way to finish; once more stops them now"
STOPPING = "stopping now; what was under way is left unfinished and is named by the next command"

OnLine = Callable[[str], Any]


@dataclass
class Limits:
    """What ends the work of an engine early, and what became of it.

    ``seconds`` is the time for each start of the engine, ``grace_seconds`` what it gets to end what is under way.
    ``tell`` says at once what an interrupt does.
    """

    tell: Callable[[str], None]
    seconds: float | None = None
    grace_seconds: float = 10.0
    interrupts: int = field(default=0, init=False)
    timed_out: bool = field(default=False, init=False)


class EngineCommand(PulumiCommand):
    """The engine as the Automation API calls it."""

    def __init__(self, engine: Engine, limits: Limits, *, with_pack: bool = False) -> None:
        # Not the parent's: it would start the engine again to ask for the version that is known.
        engine = pack.runner(engine) if with_pack else engine
        self._with_pack = with_pack
        self.command = str(engine.path)
        self.version = cast("Any", VersionInfo).parse(engine.version)
        self.limits = limits

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: OnLine | None = None,
        on_error: OnLine | None = None,
    ) -> CommandResult:
        """Run the engine to its end. Raises CommandError with what it said when it fails."""
        del on_output, on_error  # everything worth showing comes as events
        environment = {**os.environ, **additional_env, "PULUMI_AUTOMATION_API": "true"}
        if self._with_pack:
            environment |= pack.environment(environment)
        environment["PATH"] = os.pathsep.join([str(Path(self.command).parent), environment.get("PATH", "")])
        # Files without a name, not pipes: an engine that lost its reader must be able to finish what it does.
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            code = self._run([self.command, "--non-interactive", *args], cwd, environment, out, err)
            result = CommandResult(stdout=_text(out), stderr=_text(err), code=code)
        if code != 0:
            raise _error(result)
        return result

    def _run(
        self, words: Sequence[str], cwd: str, environment: Mapping[str, str], out: IO[bytes], err: IO[bytes]
    ) -> int:
        with _Interrupter(self.limits) as interrupter:
            process = subprocess.Popen(
                words, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                start_new_session=True,
            )  # fmt: skip
            with _watched(process, needed=bool(_WATCHED & set(words[2:3]))):
                interrupter.started(process)
                return process.wait()


class _Interrupter:
    """Passes signals and the time limit on to one engine: as one SIGINT first, as a second one next time."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._process: subprocess.Popen[bytes] | None = None
        self._timers: list[threading.Timer] = []
        self._before: dict[signal.Signals, Any] = {}
        self._pending = 0

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._on_signal) for number in _SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        for timer in self._timers:
            timer.cancel()

    def started(self, process: subprocess.Popen[bytes]) -> None:
        """The engine that interrupts go to from now on; those that came before it are passed on."""
        self._process = process
        for _ in range(self._pending):
            self._send(signal.SIGINT)
        if self._limits.seconds is not None:
            self._after(self._limits.seconds, self._time_is_up)

    def _on_signal(self, _number: int, _frame: object) -> None:
        self._limits.interrupts += 1
        self._limits.tell(WAITING if self._limits.interrupts == 1 else STOPPING)
        self._send(signal.SIGINT)

    def _time_is_up(self) -> None:
        self._limits.timed_out = True
        self._limits.tell("the time is up: waiting for the operations under way to finish")
        self._send(signal.SIGINT)
        self._after(self._limits.grace_seconds, lambda: self._send(signal.SIGINT))
        self._after(2 * self._limits.grace_seconds, lambda: self._send(signal.SIGKILL))

    def _after(self, seconds: float, act: Callable[[], None]) -> None:
        timer = threading.Timer(seconds, act)
        timer.daemon = True
        self._timers.append(timer)
        timer.start()

    def _send(self, number: signal.Signals) -> None:
        if self._process is None:
            self._pending += 1
        else:
            self._process.send_signal(number)


@contextmanager
def _watched(process: subprocess.Popen[bytes], *, needed: bool) -> Generator[None]:
    """Have the engine ended should this process be killed meanwhile."""
    if not needed or os.name != "posix":
        yield
        return
    watcher = subprocess.Popen(
        [sys.executable, "-I", "-S", str(_WATCH), str(process.pid)],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        yield
    finally:
        watcher.communicate(b".")


def _text(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode(errors="replace")


def _error(result: CommandResult) -> CommandError:
    from pulumi.automation.errors import create_command_error

    return create_command_error(result)
