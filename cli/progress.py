"""Shows work while it goes on: a live table or line on a terminal, else one line per change with the elapsed time."""

from __future__ import annotations

import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

from ..core import clock
from ..lifecycle.contract.run import Notice, StepEvent, StepRun
from .output import Output, Style

_STYLES: dict[str, Style] = {
    "succeeded": "good",
    "cached": "dim",
    "failed": "bad",
    "timed-out": "bad",
    "skipped": "dim",
}
_WORDS = {"cached": "unchanged, from the cache", "timed-out": "timed out"}


class Progress:
    """The observer of one run; use it as a context manager around the run. ``changed``: some step's status did."""

    def __init__(self, output: Output, steps: Sequence[str]) -> None:
        self._output = output
        self._began = time.monotonic()
        self._steps = {name: StepRun(name=name, status="waiting") for name in steps}
        self._running_since: dict[str, float] = {}
        self._live: Any = None
        self.changed = False

    def __enter__(self) -> Self:
        if self._output.animated:
            from rich.live import Live

            self._live = Live(console=_console(self._output), get_renderable=self._table, refresh_per_second=8)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def __call__(self, event: StepEvent | Notice) -> None:
        """Show what happened."""
        if isinstance(event, Notice):
            self.tell(event.text)
            return
        step = event.step
        self.changed = True
        self._steps[step.name] = step
        if step.status == "running":
            self._running_since.setdefault(step.name, time.monotonic())
        if self._live is not None:
            self._live.start()
            self._live.refresh()
        else:
            elapsed = clock.duration(time.monotonic() - self._began)
            width = max(len(name) for name in self._steps)
            self._output.message(
                f"{elapsed:>8}  {step.name:<{width}}  {_description(step)}", _STYLES.get(step.status, "plain")
            )

    def tell(self, text: str) -> None:
        """A line for people, above what is redrawn."""
        if self._live is not None and self._live.is_started:
            self._live.console.print(text, markup=False)
        else:
            self._output.message(text)

    def _table(self) -> Any:
        from rich.table import Table
        from rich.text import Text

        colours = {"good": "green", "bad": "red", "dim": "dim", "plain": ""}
        table = Table(box=None, show_header=False, pad_edge=False)
        for step in self._steps.values():
            style = colours[_STYLES.get(step.status, "plain")]
            table.add_row(step.name, Text(_description(step), style=style), self._time_of(step))
        total = clock.duration(time.monotonic() - self._began)
        table.add_row("", Text("total", style="dim"), Text(total, style="dim"))
        return table

    def _time_of(self, step: StepRun) -> str:
        if step.status == "running":
            return clock.duration(time.monotonic() - self._running_since[step.name])
        return clock.duration(step.seconds) if step.seconds else ""


@contextmanager
def working(output: Output, text: str) -> Generator[None]:
    """Say what is waited for, with the time, while it goes on; on a terminal the line goes away afterwards."""
    if not output.animated:
        output.message(text, "dim", level=1)
        yield
        return
    from rich.live import Live
    from rich.text import Text

    began = time.monotonic()

    def line() -> Text:
        return Text(f"{text}  {clock.duration(time.monotonic() - began)}", style="dim")

    with Live(
        console=_console(output), get_renderable=line, refresh_per_second=4, transient=True, redirect_stdout=False
    ):
        yield


def _console(output: Output) -> Any:
    # Only here: rich takes longer to import than many commands take.
    from rich.console import Console

    return Console(file=sys.stderr, no_color=not output.colored(sys.stderr), highlight=False)


def _description(step: StepRun) -> str:
    word = _WORDS.get(step.status, step.status)
    if step.status == "running" and step.attempts > 1:
        word += f", attempt {step.attempts}"
    return f"{word}: {step.error}" if step.status in ("failed", "waiting") and step.error else word
