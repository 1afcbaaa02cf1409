"""Ctrl-C while a cloud works: the first asks for a stop in good order, the second leaves at once."""

from __future__ import annotations

import signal
import threading
from types import TracebackType
from typing import Any, Self

_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


class Interruption:
    """Heeds signals as a context manager; what the caller had set comes back afterwards.

    Outside of the main thread no signal comes, and nothing is asked.
    """

    def __init__(self) -> None:
        """Nothing is asked yet."""
        self._event = threading.Event()
        self._before: dict[int, Any] = {}

    @property
    def asked(self) -> bool:
        """Whether the work should stop."""
        return self._event.is_set()

    def wait(self, seconds: float) -> None:
        """Wait so long, or until a stop is asked for; once it was, always so long."""
        if self.asked:
            threading.Event().wait(seconds)
        else:
            self._event.wait(seconds)

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for name in _SIGNALS:
                number = getattr(signal, name, None)
                if number is not None and signal.getsignal(number) != signal.SIG_IGN:
                    self._before[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _on_signal(self, _number: int, _frame: object) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self._event.set()
