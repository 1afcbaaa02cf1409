"""What the steps of a run print, shown as they print it."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

from ..lifecycle.contract.run import Notice, StepEvent
from .log_following import Tail
from .progress import Progress

_POLL_SECONDS = 0.5


class StepLogs:
    """Hands what happens on to ``progress``, and shows there what is new in the logs; use it around a run."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tails: dict[str, Tail] = {}
        self._showing = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        self._show()
        for name, tail in self._tails.items():
            if tail.pending:
                self._progress.tell(_line(name, tail.pending.decode(errors="replace")))

    def __call__(self, event: StepEvent | Notice) -> None:
        """Show what a step printed until now, and then what happened."""
        if isinstance(event, StepEvent) and event.step.log is not None:
            with self._showing:
                self._tails.setdefault(event.step.name, Tail(path=event.step.log))
            self._show()
        self._progress(event)

    def _follow(self) -> None:
        while not self._over.wait(_POLL_SECONDS):
            self._show()

    def _show(self) -> None:
        with self._showing:
            for name, tail in self._tails.items():
                for line in tail.lines():
                    self._progress.tell(_line(name, line))


def _line(step: str, text: str) -> str:
    return f"{step} | {text}"
