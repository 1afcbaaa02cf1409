"""Looks at the windows that have ended: each once, again when labels came, and settles what alerts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

from ....core import clock
from ....core.errors import NotFoundError
from ... import managed, monitoring
from ...contract.monitor_store import Key, ManagedLook, MonitorStore
from ...contract.monitoring import Baseline, Label, MonitorPlan, MonitorReport, Window
from . import windows
from .attributing import Attribute, attributed

Baselines = Callable[[int], Baseline]
"""The baseline of a version. Raises NotFoundError."""

Known = Callable[[int], tuple[Baseline | None, str]]
"""The baseline of a version, or why there is none."""


@dataclass(frozen=True)
class Looking:
    """Looks at one endpoint. ``with_cloud``: the cloud's own monitors are looked after, and read, too."""

    store: MonitorStore
    plan: MonitorPlan
    baseline: Baselines
    attribute: Attribute | None = None
    with_cloud: bool = True

    def look(self, now: datetime, *, serving: Sequence[int]) -> list[MonitorReport]:
        """The reports of the last window that has ended, one for each version that serves or answered in it; kept.

        Windows before it that hysteresis asks for are looked at too, where the log still has them and nobody did.
        """
        plan = self.plan
        state = self.store.labels_state(plan.endpoint, plan.environment)  # before the labels: more may come meanwhile
        labels: Mapping[Key, Label] | None = None
        kept = list(self.store.reports(plan.endpoint, plan.environment))
        found: list[MonitorReport] = []
        known = cache(self._known)
        theirs = self._theirs(serving, known, now)
        for window in monitoring.windows(plan.window_seconds, self._settled_at(now), plan.hysteresis[1]):
            there = [one for one in kept if one.window == window]
            if there and all(one.labels_state == state for one in there):
                found = there
                continue
            labels = self.store.labels(plan.endpoint, plan.environment) if labels is None else labels
            judged = self._fresh(window, labels, kept, now, serving, known)
            fresh = self._window(window, kept, judged, theirs)
            found = [replace(self._settled(report, kept), labels_state=state) for report in fresh]
            self._keep(found, kept)
        found = [report if theirs is None else managed.noted(report, theirs) for report in found]
        self._keep(found, kept)
        return found

    def _theirs(self, serving: Sequence[int], known: Known, now: datetime) -> ManagedLook | None:
        if not self.with_cloud:
            return None
        return self.store.managed(self.plan, serving, lambda version: known(version)[0], now=clock.to_text(now))

    def _keep(self, reports: Sequence[MonitorReport], kept: list[MonitorReport]) -> None:
        for report in reports:
            if report not in kept:
                kept.append(report)
                self.store.keep(report)

    def replay(self, now: datetime, *, serving: Sequence[int]) -> list[MonitorReport]:
        """Every window that the log holds whole, judged anew with the labels that came since; nothing is kept.

        Attributions are left out: the model would be asked once for each window.
        """
        if self.plan.attribution is not None:
            return replace(self, plan=replace(self.plan, attribution=None)).replay(now, serving=serving)
        plan = self.plan
        oldest = self.store.oldest(plan.endpoint, plan.environment, now=clock.to_text(now))
        if not oldest:
            return []
        until = self._settled_at(now)
        span = (until - clock.from_text(oldest)).total_seconds()
        labels = self.store.labels(plan.endpoint, plan.environment)
        found: list[MonitorReport] = []
        known = cache(self._known)
        for window in monitoring.windows(plan.window_seconds, until, max(1, int(span // plan.window_seconds) + 1)):
            if window.end > oldest:
                judged = self._fresh(window, labels, found, now, serving, known)
                found += [self._settled(one, found) for one in judged]
        return found

    def _settled_at(self, now: datetime) -> datetime:
        """The moment up to which every line of the log has come."""
        return now - timedelta(seconds=self.store.late_seconds(self.plan.environment))

    def _settled(self, report: MonitorReport, kept: Sequence[MonitorReport]) -> MonitorReport:
        seconds = timedelta(seconds=self.plan.window_seconds)
        earlier = [
            one for one in kept
            if one.version == report.version and one.window != report.window and _length(one.window) == seconds
        ]  # fmt: skip
        return monitoring.settle(self.plan, report, earlier)

    def _window(self, window: Window, kept: Sequence[MonitorReport], fresh: Iterator[MonitorReport],
                theirs: ManagedLook | None) -> Iterator[MonitorReport]:  # fmt: skip
        """The reports of a window: those that are kept where nothing can have changed, else new ones."""
        there = {one.version: one for one in kept if one.window == window}
        for judged in fresh:
            before = there.get(judged.version)
            lost = before is not None and before.requests > judged.requests
            report = judged if lost or theirs is None else managed.joined(judged, before, theirs)
            same = before is not None and replace(report, made=before.made) == replace(
                before, alerts=(), since={}, labels_state=""
            )
            yield before if before is not None and (lost or same) else report

    def _fresh(self, window: Window, labels: Mapping[Key, Label], earlier: Sequence[MonitorReport], now: datetime,
               serving: Sequence[int], known: Known) -> Iterator[MonitorReport]:  # fmt: skip
        plan, text = self.plan, clock.to_text(now)
        data = windows.read(
            self.store.requests(plan.endpoint, plan.environment), plan, window, serving=serving,
            baseline=lambda version: known(version)[0], labels=labels, now=text,
            service=self.store.service(plan.endpoint, plan.environment, window),
        )  # fmt: skip
        for version, facts in data.items():
            before = tuple(one.requests for one in _before(earlier, version, window, plan))
            baseline, why = known(version)
            known_facts = attributed(plan, baseline, replace(facts, earlier=before), self.attribute)
            report = monitoring.examine(plan, baseline, known_facts, made=text)
            yield replace(report, notes=(*report.notes, why)) if why else report

    def _known(self, version: int) -> tuple[Baseline | None, str]:
        try:
            return self.baseline(version), ""
        except NotFoundError as error:
            return None, error.message


def _before(reports: Sequence[MonitorReport], version: int, window: Window, plan: MonitorPlan) -> list[MonitorReport]:
    length = timedelta(seconds=plan.window_seconds)
    found = [
        one for one in reports
        if one.version == version and one.window.end <= window.start and _length(one.window) == length
    ]  # fmt: skip
    return found[-plan.hysteresis[1] :]


def _length(window: Window) -> timedelta:
    return clock.from_text(window.end) - clock.from_text(window.start)
