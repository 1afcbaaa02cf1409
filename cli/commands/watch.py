"""Keep models well: start what died, move rollouts on, watch for drift, train again."""

from __future__ import annotations

import signal
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from ...core import clock, locks
from ...core.errors import UsageError
from ...core.exit_codes import ExitCode
from ...core.layout import Layout
from ..command import command as make_command
from ..output import Output
from ..result import Result
from ..session import Session

if TYPE_CHECKING:
    from ..watching.rounds import Rounds
    from ..watching.training import Training

SECTION = "model"


@make_command(
    "watch",
    examples="""groundplan watch
    groundplan watch --once --format json
    groundplan watch --interval 60 --port 9464""",
)
@click.option("--once", is_flag=True, help="One round, without the page; 4 when a part of it failed.  [default: off]")
@click.option("--interval", type=click.FloatRange(0.1, 86400), default=15.0, show_default=True, metavar="SECONDS",
              envvar="GROUNDPLAN_INTERVAL", show_envvar=True, help="The time between two rounds.")  # fmt: skip
@click.option("--port", type=click.IntRange(0, 65535), default=9464, show_default=True, metavar="PORT",
              envvar="GROUNDPLAN_WATCH_PORT", show_envvar=True,
              help="Where /healthz and /metrics answer, on loopback; 0 takes a free port.")  # fmt: skip
def command(session: Session, *, once: bool, interval: float, port: int) -> Result:
    """Look after what serves, in the foreground, until SIGTERM or Ctrl-C.

    Each round starts endpoints that died, moves rollouts on or back, judges the windows that have ended, and looks at
    the triggers of retraining; a model is trained beside the rounds, with --once within the one. The config is read
    anew in every round. A part that fails is asked again later and later; the others go on. Only one watch works on a
    project of this machine: a second one ends with 10. A cloud starts by itself what died there.
    """
    from ..watching.figures import Figures
    from ..watching.page import shown
    from ..watching.parts import Parts
    from ..watching.rounds import Rounds
    from ..watching.training import Training

    config = session.config()
    platform = session.platform(config)
    layout = Layout(config.root)
    if config.config.platform == "local" and not layout.marker.exists():
        raise UsageError("there is no platform to watch yet", hint="groundplan up")
    figures = Figures()
    with (
        locks.held(layout.state / "watch.lock", command="groundplan watch", wait_seconds=0),
        _beside(None if once else Training(config.root)) as training,
    ):
        parts = Parts(session, config, platform, figures, training).by_name
        rounds = Rounds(parts, figures, interval=interval, tell=lambda line, bad: _tell(session, line, bad=bad))
        with _until_signal(rounds):
            if once:
                rounds.once()
                return _result(rounds, failed=any(one.error for one in rounds.health.values()))
            with shown(rounds, figures, port=port) as address:
                _tell(session, f"watching {config.config.project}: {address}/healthz, {address}/metrics")
                rounds.run()
    return _result(rounds, failed=False)


@contextmanager
def _beside(training: Training | None) -> Generator[Training | None]:
    """A training that does not outlive the rounds."""
    try:
        yield training
    finally:
        if training is not None:
            training.stop()


@contextmanager
def _until_signal(rounds: Rounds) -> Generator[None]:
    """The first signal ends the rounds after the part at work, the second at once."""

    def ask(_number: int, _frame: object) -> None:
        if rounds.stop.is_set():
            raise KeyboardInterrupt
        rounds.stop.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _tell(session: Session, line: str, *, bad: bool = False) -> None:
    session.output.message(f"{clock.to_text(clock.now())}  {line}", "bad" if bad else "plain")


def _result(rounds: Rounds, *, failed: bool) -> Result:
    def text(output: Output) -> None:
        output.line(f"{rounds.count} {'round' if rounds.count == 1 else 'rounds'}")
        for name, health in rounds.health.items():
            for line in health.said:
                output.line(f"{name}: {line}")

    errors = [
        {"code": "RESOURCE_FAILED", "message": f"{name}: {one.error}", "where": "", "file": None, "line": None,
         "column": None, "hint": "groundplan status"}
        for name, one in rounds.health.items() if one.error
    ]  # fmt: skip
    return Result(
        data={
            "rounds": rounds.count,
            "parts": {name: {"said": one.said, "error": one.error} for name, one in rounds.health.items()},
        },
        text=text,
        next=["groundplan status"],
        exit_code=ExitCode.RESOURCE_FAILED if failed else ExitCode.DONE,
        errors=errors if failed else [],
    )
