"""Looks at an endpoint whose model the config pins: only the cloud's own monitor says something of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ..core import clock
from ..core.errors import NotFoundError
from . import monitoring
from .contract.monitor_store import MonitorStore
from .contract.monitoring import Baseline, MonitorPlan, MonitorReport, Window

NOTE = (
    "the config pins this model, so that it is no version of groundplan's: nothing says what it learned from, and "
    "groundplan's own statistics are not made; groundplan run registers one that has them"
)


@dataclass(frozen=True)
class PinnedLooking:
    """Looks at one endpoint; ``model`` is what the config pins, in words."""

    store: MonitorStore
    plan: MonitorPlan
    model: str

    def look(self, now: datetime, *, serving: Sequence[int]) -> list[MonitorReport]:
        """The report of the last window that has ended, of no version; kept, as are those that hysteresis asks for.

        Monitors of versions that served before the model was pinned are removed.
        """
        plan = self.plan
        text = clock.to_text(now)
        before = self.store.managed(replace(plan, managed=False), (), lambda version: None, now=text)
        left = () if before is None else before.notes(0)
        kept = {one.window: one for one in self._reports()}
        found: list[MonitorReport] = []
        late = timedelta(seconds=self.store.late_seconds(plan.environment))
        for window in monitoring.windows(plan.window_seconds, now - late, plan.hysteresis[1]):
            if window not in kept:
                report = self._report(window, left, made=text)
                kept[window] = monitoring.settle(plan, report, list(kept.values()))
                self.store.keep(kept[window])
            found = [kept[window]]
        return found

    def replay(self, now: datetime, *, serving: Sequence[int]) -> list[MonitorReport]:
        """Raises NotFoundError: there is no log of requests to be judged."""
        raise self._nothing()

    def baseline(self, version: int) -> Baseline:
        """Raises NotFoundError: nobody knows what the model learned from."""
        raise self._nothing()

    def _report(self, window: Window, left: tuple[str, ...], *, made: str) -> MonitorReport:
        plan = self.plan
        found = self.store.pinned(plan, window)
        return MonitorReport(
            endpoint=plan.endpoint, environment=plan.environment, model=self.model, version=0, window=window, rows=0,
            labelled=0, checks=found.checks, made=made, notes=(NOTE,), managed_notes=(*left, *found.notes),
        )  # fmt: skip

    def _reports(self) -> list[MonitorReport]:
        reports = self.store.reports(self.plan.endpoint, self.plan.environment)
        return [one for one in reports if not one.version and one.model == self.model]

    def _nothing(self) -> NotFoundError:
        at = f"{self.plan.endpoint} in {self.plan.environment}"
        return NotFoundError(f"{at} serves {self.model}: {NOTE}", hint=f"groundplan monitor run {self.plan.endpoint}")
