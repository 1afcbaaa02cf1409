"""How long a call to a cloud is waited for: what is busy or throttled is asked again, until the time is up."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from ..core.errors import TimeoutReachedError

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How calls follow each other: the pause doubles from the first to the longest; ``tries`` bounds failed answers."""

    first_seconds: float = 1.0
    longest_seconds: float = 30.0
    tries: int = 8

    def pause(self, number: int) -> float:
        """The seconds of a pause, by its number from 0."""
        return min(self.first_seconds * 2 ** min(number, 20), self.longest_seconds)


@dataclass(frozen=True, kw_only=True)
class Again:
    """That a failed call is worth another try: after ``seconds``, where the service said so.

    ``busy`` is a service that works on something else: it is waited for until the time is up, whatever the tries.
    """

    seconds: float | None = None
    busy: bool = False


@dataclass(frozen=True, kw_only=True)
class Patience:
    """One piece of work with a limit of ``seconds`` from now on, and its pace."""

    seconds: float
    pace: Pace = Pace()
    began: float = field(default_factory=time.monotonic)

    @property
    def remaining(self) -> float:
        """The seconds that are left, at least 0."""
        return max(0.0, self.began + self.seconds - time.monotonic())

    def call(self, act: Callable[[], _Answer], judge: Callable[[Exception], Again | None], *, doing: str) -> _Answer:
        """Act, and again as long as ``judge`` says so. Raises the last error, and TimeoutReachedError."""
        failed, pauses = 0, 0
        while True:
            try:
                return act()
            except Exception as error:
                again = judge(error)
                failed += 0 if again is None or again.busy else 1
                if again is None or failed >= self.pace.tries:
                    raise
                self._pause(pauses, again.seconds, doing, error)
                pauses += 1

    def until(self, done: Callable[[], bool], *, doing: str) -> None:
        """Ask until something is done. Raises TimeoutReachedError."""
        pauses = 0
        while not done():
            self._pause(pauses, None, doing, None)
            pauses += 1

    def _pause(self, number: int, asked: float | None, doing: str, error: Exception | None) -> None:
        seconds = self.pace.pause(number) if asked is None else asked
        if seconds >= self.remaining:
            raise self.over(doing) from error
        time.sleep(seconds)

    def over(self, doing: str) -> TimeoutReachedError:
        """The error of a time that is up."""
        return TimeoutReachedError(
            f"{doing} did not end before the time limit; the cloud may still be at it",
            hint="Run the same command again: it goes on from what is done. --timeout SECONDS gives it longer.",
        )
