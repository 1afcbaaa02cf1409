"""Azure ML's own monitors of the versions that serve: their schedules as they should be, and what their runs found."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from ...core.errors import DataError, NotFoundError, StoreCorruptedError
from ..contract.managed_monitors import ManagedFindings, ManagedWatch
from ..contract.monitoring import MonitorCheck, Window
from ..patience import Pace, Patience
from . import (
    collecting,
    folders,
    labelled_answers,
    monitor_definitions,
    monitor_findings,
    monitor_references,
    monitor_runs,
    performance,
    performance_findings,
)
from .calls import Calls
from .deployments import name_of as deployment_of
from .monitor_definitions import DIGEST, PARTS, Part
from .monitor_findings import Limits
from .monitor_runs import MonitorRun
from .places import Workspace, last

Read = Callable[[MonitorRun, str, bytes], list[MonitorCheck]]
"""The checks of a run's file, by the name of its signal. Raises ValueError for a form that is not known."""


class AzureMLManagedMonitors:
    """The monitors of any workspace. ``seconds`` bounds each operation, and each file of data on its way."""

    def __init__(self, *, pace: Pace | None = None, seconds: float = 600.0) -> None:
        self._calls = Calls(pace or Pace())
        self._seconds = seconds

    def ensure(self, watch: ManagedWatch) -> tuple[str, ...]:
        """Make the version's schedules, or change them to what they are told now; what cannot be watched, in words."""
        return (*self._compared(watch), *self._judged(watch))

    def remove(self, endpoint: str, keep: Collection[int]) -> tuple[int, ...]:
        """Delete the schedules of this endpoint's other versions; the versions whose schedules were there."""
        gone: set[int] = set()
        for one in self._schedules(endpoint):
            version = monitor_definitions.version_of(one.name, endpoint)
            if version is not None and version not in keep:
                if one.name == monitor_definitions.name_of(endpoint, version, "performance"):
                    labelled_answers.clear(self._calls, endpoint, version, seconds=self._seconds)
                self._delete(endpoint, one.name, enabled=one.properties.is_enabled)
                gone.add(version)
        return tuple(sorted(gone))

    def findings(self, watch: ManagedWatch, window: Window) -> ManagedFindings:
        """What the newest runs of the version's schedules found that ended within the window."""
        names = [_name(watch, part) for part in PARTS]
        limits = Limits(min_rows=watch.plan.min_rows, ranks=monitor_definitions.ranks(watch.plan))
        compared = self._found(watch.endpoint, names, window, _within(limits))
        judged = self._found(watch.endpoint, [_name(watch, "performance")], window, _held(watch))
        return ManagedFindings(checks=compared.checks + judged.checks, notes=compared.notes + judged.notes)

    def pinned(self, endpoint: str, window: Window, *, min_rows: int) -> ManagedFindings:
        """What the newest runs of the schedules found that ``up`` makes for a pinned model."""
        names = [f"{last(endpoint)}-{part}" for part in PARTS]
        return self._found(endpoint, names, window, _within(Limits(min_rows=min_rows)))

    def _found(self, endpoint: str, schedules: Sequence[str], window: Window, read: Read) -> ManagedFindings:
        notes: list[str] = []
        workspace = Workspace.of(endpoint).id
        checks = [check for one in schedules for check in self._checks(workspace, one, window, read, notes)]
        return ManagedFindings(checks=tuple(checks), notes=tuple(notes))

    def _checks(
        self, workspace: str, schedule: str, window: Window, read: Read, notes: list[str]
    ) -> Iterator[MonitorCheck]:
        """What the newest run of a schedule found that succeeded; those that failed since are noted."""
        for run in monitor_runs.ended(self._calls, workspace, schedule, window):
            if not run.problem:
                yield from self._read(workspace, run, read, notes)
                return
            notes.append(f"{run.in_words} found nothing: {run.problem}")

    def _read(self, workspace: str, run: MonitorRun, read: Read, notes: list[str]) -> Iterator[MonitorCheck]:
        try:
            for signal, text in monitor_runs.figures(self._calls, workspace, run):
                try:
                    yield from read(run, signal, text)
                except ValueError as error:
                    notes.append(f"{run.in_words} wrote {signal} in a form that is not known: {_first(error)}")
        except (NotFoundError, StoreCorruptedError) as error:
            notes.append(f"{run.in_words} left its figures in a form that is not known: {_first(error)}")

    def _compared(self, watch: ManagedWatch) -> tuple[str, ...]:
        """See to the schedules that compare with other data."""
        words, reference = monitor_definitions.unwatched(watch), monitor_references.name_of(watch)
        there = {part: self._schedule(watch.endpoint, _name(watch, part)) for part in PARTS}
        if all(_is(there[part], watch, part, reference) for part in PARTS):
            return words
        lacking = self._lacking(watch)
        if lacking:
            return (*words, lacking)
        problem = self._compares(watch) if reference else ""
        for part in PARTS:
            self._settle(watch, part, there[part], "" if problem else reference)
        return (*words, problem) if problem else words

    def _judged(self, watch: ManagedWatch) -> tuple[str, ...]:
        """See to the schedule that holds answers against labels: there is one while labels come."""
        answers = labelled_answers.of(watch) if watch.plan.metrics else ()
        words = performance.unwatched(watch) if answers else ()
        there, name = self._schedule(watch.endpoint, _name(watch, "performance")), performance.SIGNAL
        if not answers or not performance.thresholds(watch):
            if there is not None:
                labelled_answers.clear(self._calls, watch.endpoint, watch.version, seconds=self._seconds)
                self._delete(watch.endpoint, there.name, enabled=there.is_enabled)
            return words
        if there is None and self._lacking(watch):
            return ()  # said of the others
        labelled_answers.keep(self._calls, watch, answers, seconds=self._seconds)
        if not _is(there, watch, "performance", name):
            self._make(watch, "performance", name)
        return words

    def _lacking(self, watch: ManagedWatch) -> str:
        """Why nothing of the version can be watched; empty where it can."""
        name, endpoint = deployment_of(watch.version), last(watch.endpoint)

        def act() -> Any:
            return self._calls.of(watch.endpoint).online_deployments.get(name=name, endpoint_name=endpoint)

        found = self._calls.found(act, self._calls.looking(), doing=f"look at {name}", resource=watch.endpoint)
        if found is None:
            return f"Azure ML watches nothing of version {watch.version}: it is not deployed at {endpoint}"
        if not collecting.collects_tables(found):
            return (
                f"Azure ML watches nothing of version {watch.version}: it was deployed before monitoring.managed and "
                "does not collect what monitors read; deploy it again"
            )
        return ""

    def _compares(self, watch: ManagedWatch) -> str:
        """See that the data is there to compare with; why it is not, in words."""
        try:
            monitor_references.keep(self._calls, watch, seconds=self._seconds)
        except (DataError, NotFoundError) as error:
            return f"Azure ML compares with the days before, and no attributions: {error}"
        return ""

    def _settle(self, watch: ManagedWatch, part: Part, there: Any, reference: str) -> None:
        if _is(there, watch, part, reference):
            return
        if part == "attribution" and not reference:
            self._delete(watch.endpoint, there.name, enabled=there.is_enabled)
        else:
            self._make(watch, part, reference)

    def _make(self, watch: ManagedWatch, part: Part, reference: str) -> None:
        wanted = monitor_definitions.schedule(watch, part, reference)

        def begin() -> Any:
            return folders.silently(lambda: self._all(watch.endpoint).begin_create_or_update(wanted))

        self._work(begin, watch.endpoint, doing=f"make the monitor {wanted.name}")

    def _delete(self, endpoint: str, name: str, *, enabled: bool) -> None:
        """Azure ML deletes only a schedule that is disabled; one that is gone is fine."""
        schedules, place = self._all(endpoint), Workspace.of(endpoint)

        def disable() -> Any:
            # The SDK's own begin_disable looks at the deployment, which may be gone by now; so may Azure.
            body = schedules.service_client.get(place.group, place.name, name)
            body.properties.is_enabled = False
            body.properties.action.monitor_definition.monitoring_target = None
            return schedules.service_client.begin_create_or_update(
                resource_group_name=place.group, workspace_name=place.name, name=name, body=body
            )

        if enabled:
            self._work(disable, endpoint, doing=f"disable the monitor {name}")
        self._work(lambda: schedules.begin_delete(name=name), endpoint, doing=f"delete the monitor {name}")

    def _schedule(self, endpoint: str, name: str) -> Any:
        """A schedule; None where it is not there."""
        return self._calls.found(
            lambda: folders.silently(lambda: self._all(endpoint).get(name=name)),
            self._calls.looking(),
            doing=f"look at the monitor {name}",
            resource=endpoint,
        )

    def _schedules(self, endpoint: str) -> list[Any]:
        """Every schedule of the workspace, as Azure says it."""
        place = Workspace.of(endpoint)

        def act() -> list[Any]:
            # The SDK's own list leaves out what it cannot read, and prints so.
            return list(self._all(endpoint).service_client.list(place.group, place.name, list_view_type="All"))

        doing = "list the monitors"
        return self._calls.found(act, self._calls.looking(), doing=doing, resource=endpoint) or []

    def _all(self, endpoint: str) -> Any:
        return self._calls.of(endpoint).schedules

    def _work(self, begin: Callable[[], Any], endpoint: str, *, doing: str) -> None:
        patience = Patience(seconds=self._seconds, pace=self._calls.pace)
        self._calls.work(begin, patience, doing=doing, resource=endpoint)


def _name(watch: ManagedWatch, part: Part) -> str:
    return monitor_definitions.name_of(watch.endpoint, watch.version, part)


def _within(limits: Limits) -> Read:
    return lambda run, signal, text: monitor_findings.checks(signal, text, limits)


def _held(watch: ManagedWatch) -> Read:
    def read(run: MonitorRun, signal: str, text: bytes) -> list[MonitorCheck]:
        rows = labelled_answers.within(watch, run.began)
        return performance_findings.checks(signal, text, watch, rows=rows)

    return read


def _is(schedule: Any, watch: ManagedWatch, part: Part, reference: str) -> bool:
    """Whether a schedule is as it should be; without data to compare with there should be none of attributions."""
    if part == "attribution" and not reference:
        return schedule is None
    if schedule is None or not schedule.is_enabled or schedule.provisioning_state != "Succeeded":
        return False
    tags: Mapping[str, str] = schedule.tags or {}
    return tags.get(DIGEST) == monitor_definitions.digest(watch, part, reference)


def _first(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
