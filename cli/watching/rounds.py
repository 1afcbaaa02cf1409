"""Rounds of watch: each part in its turn; one that fails is asked again later and later, the others go on."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Event

from ...core import clock
from ...core.errors import CancelledError, GroundplanError, LockedError
from .figures import Figures
from .parts import Part

MOST_SECONDS_OFF = 900.0
"""However often a part has failed, it is asked again after so long."""

Tell = Callable[[str, bool], None]
"""Told a line, and whether it is of something that went wrong."""


@dataclass(kw_only=True)
class Health:
    """How a part goes: what it said last, how often in a row it failed, and when it is asked again."""

    said: list[str] = field(default_factory=list[str])
    error: str = ""
    failures: int = 0
    due: float = 0.0


class Rounds:
    """Runs the parts round after round until it is asked to stop."""

    def __init__(
        self, parts: Mapping[str, Part], figures: Figures, *, interval: float, tell: Tell,
        now: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        """``interval`` is the time between two rounds in seconds; ``now`` is a clock that never goes back."""
        self._parts = parts
        self._figures = figures
        self._interval = interval
        self._tell = tell
        self._now = now
        self.stop = Event()
        self.count = 0
        self.doing = ""
        self.since = now()
        self.health = {name: Health() for name in parts}

    def run(self) -> None:
        """Round after round, until ``stop`` is set."""
        while not self.stop.is_set():
            self.once()
            self.stop.wait(self._interval)

    def once(self) -> None:
        """One round of the parts that are due."""
        began = self._now()
        for name, part in self._parts.items():
            if not self.stop.is_set() and self.health[name].due <= self._now():
                self._ask(name, part)
        self.doing, self.since = "", self._now()
        self.count += 1
        self._figures.rounds.inc()
        self._figures.round_seconds.set(self._now() - began)
        self._figures.round_ended.set(clock.now().timestamp())

    def stuck_seconds(self) -> float:
        """For how long the part at work has been at it; training takes as long as its steps may."""
        return 0.0 if self.doing in ("", "retraining") else self._now() - self.since

    def _ask(self, name: str, part: Part) -> None:
        self.doing, self.since = name, self._now()
        health = self.health[name]
        try:
            health.said = part()
        except CancelledError:  # a signal met a training, which is kept and goes on with the next start
            self.stop.set()
        except LockedError as error:
            health.said = [f"{name}: {error.message}"]
            self._tell(health.said[0], False)
        except GroundplanError as error:
            self._failed(name, error.message)
        except Exception as error:  # noqa: BLE001 what was not foreseen in one part must not end the others
            self._failed(name, f"a bug in groundplan: {type(error).__name__}: {error}")
        else:
            health.failures, health.error, health.due = 0, "", 0.0
            self._figures.failing.labels(name).set(0)
            for line in health.said:
                self._tell(line, False)

    def _failed(self, name: str, message: str) -> None:
        health = self.health[name]
        health.said, health.error = [], message
        off = min(MOST_SECONDS_OFF, self._interval * 2**health.failures)
        health.failures += 1
        health.due = self._now() + off
        self._figures.failures.labels(name).inc()
        self._figures.failing.labels(name).set(1)
        self._tell(f"{name} failed, asked again in {clock.duration(off)}: {message}", True)
