"""Monitors over a cloud's request log and its metrics; labels, reports and who was told are on record."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from pydantic import ValidationError

from ...core import clock
from ...core.errors import NotFoundError
from ..contract.managed_monitors import LabelledAnswer, ManagedFindings
from ..contract.model import ModelVersion
from ..contract.monitor_store import Baselines, Key, LoggedRequests, ManagedLook
from ..contract.monitoring import (
    Baseline,
    FeedbackOutcome,
    Label,
    MonitorPlan,
    MonitorReport,
    Watched,
    Window,
)  # fmt: skip
from ..contract.pipeline import StepInput
from ..contract.retraining import LabelledRow
from ..contract.traffic import Observation
from ..labels import Asked, join
from .documents import Document, adapter, put
from .endpoints import Site
from .labels import RecordedLabels
from .lines import Lines
from .managed import ManagedEndpoint, WatchedByCloud, read
from .request_mirror import HORIZON, MirroredRequests, RequestMirror, backwards, hours_of, mirror_of

_METRICS_LATE_SECONDS = 600.0
"""A cloud's metrics of a minute are there by then."""

_REPORTS_IN_ONE = 50
_DOCUMENTS_READ = 20
"""So many reports are read: a thousand windows."""

_REPORT = adapter(MonitorReport)
_TOLD = adapter(dict[str, str])


Judge = Callable[
    [LoggedRequests, MonitorPlan, Window, Mapping[Key, Label], Mapping[int, Baseline | None]], Mapping[int, Watched]
]
"""Measures on the machine of the command what a log and its labels say of each version."""

Place = Callable[[str, int, StepInput], str]
"""Where the cloud keeps this output of the run that made this version of a model; "" where that is not known."""


class RecordedMonitors:
    """Implements the lifecycle's MonitorStore; ``folder`` is this machine's, for what was fetched."""

    def __init__(
        self,
        sites: Mapping[str, Site],
        *,
        judge: Judge,
        baseline_of: Callable[[ModelVersion], Baseline | None],
        place: Place,
        folder: Path,
    ) -> None:
        """Nothing is read yet."""
        self._sites = sites
        self._judge = judge
        self._baseline_of = baseline_of
        self._place_of = place
        self._folder = folder
        self._mirrors: dict[tuple[str, str], RequestMirror] = {}
        self._reports: dict[tuple[str, str], Lines] = {}

    def feedback(self, endpoint: str, environment: str, labels: Sequence[Label], *, window_seconds: float,
                 now: str) -> FeedbackOutcome:  # fmt: skip
        """Keep labels, joined to the requests of the log by their ids, which is read back until all are found."""
        asked = self._asked(endpoint, environment, {label.request_id for label in labels}, now)
        recorded = self._labels(endpoint, environment)
        kept, outcome = join(labels, asked, recorded.read(), window_seconds=window_seconds, now=now)
        recorded.add(kept, {id: one.when for id, one in asked.items()}, now=now)
        return outcome

    def watched(self, plan: MonitorPlan, since: str, *, now: str, models: Mapping[int, ModelVersion]
                ) -> Mapping[int, Watched]:  # fmt: skip
        """What each version showed since a moment; ``models`` are those whose drift is asked for."""
        return self._judge(
            self.requests(plan.endpoint, plan.environment),
            plan,
            Window(start=since, end=now),
            self.labels(plan.endpoint, plan.environment),
            {version: self._baseline_of(one) for version, one in models.items()},
        )

    def labelled_rows(self, endpoint: str, environment: str, *, now: str) -> Sequence[LabelledRow]:
        """The logged rows whose labels came, oldest first; only the hours in which they were asked are read."""
        labels = self._labels(endpoint, environment).read()
        requests = self.requests(endpoint, environment)
        horizon = clock.to_text(clock.from_text(now) - HORIZON)
        return [
            LabelledRow(when=line["time"], row=row, label=labels[line["request_id"], number].value)
            for hour in hours_of(label.asked for label in labels.values() if label.asked > horizon)
            for line in requests.within(hour, now)
            for number, row in enumerate(line["inputs"])
            if (line["request_id"], number) in labels
        ]

    def reports(self, endpoint: str, environment: str) -> Sequence[MonitorReport]:
        """The report of each window, oldest first; of one that was judged again the latest."""
        found: dict[tuple[Window, int], MonitorReport] = {}
        with contextlib.suppress(NotFoundError):  # the environment is not provisioned
            for line in self._lines(endpoint, environment).read():
                with contextlib.suppress(ValidationError):
                    report: MonitorReport = _REPORT.validate_json(line)
                    found[report.window, report.version] = report
        return sorted(found.values(), key=lambda one: (one.window.end, one.version))

    def keep(self, report: MonitorReport) -> None:
        """Keep a report."""
        line = _REPORT.dump_json(report).decode()

        def following(lines: Sequence[bytes]) -> list[str]:
            return [] if line.encode() in lines else [line]

        self._lines(report.endpoint, report.environment).append(following)

    def late_seconds(self, environment: str) -> float:
        """Until the last line of a window is in the log, and the metrics of its last minute are there."""
        site = self._sites.get(environment)
        return max(_METRICS_LATE_SECONDS, 0.0 if site is None else site.requests.late_seconds)

    def requests(self, endpoint: str, environment: str, *, copies: bool = False) -> MirroredRequests:
        """The requests that the log has; copies that were mirrored are among them, for it does not tell them apart."""
        return MirroredRequests(self._mirror(endpoint, environment))

    def oldest(self, endpoint: str, environment: str, *, now: str) -> str:
        """The time of the oldest line that is in the log; "" when there is none."""
        until = clock.from_text(now)
        window = Window(start=clock.to_text(until - HORIZON), end=now)
        first = next(iter(self.requests(endpoint, environment).within(window, now)), None)
        return "" if first is None else first["time"]

    def service(self, endpoint: str, environment: str, window: Window) -> Mapping[int, Observation]:
        """What each version did in a window, as the cloud's metrics have it."""
        site, id = self._place(endpoint, environment)
        return {one.version: one for one in site.endpoints.observe(id, window.start, window.end)}

    def labels(self, endpoint: str, environment: str) -> Mapping[Key, Label]:
        """Every label, by request and row."""
        return self._labels(endpoint, environment).read()

    def labels_state(self, endpoint: str, environment: str) -> str:
        """How many documents they are in: nobody takes one away."""
        return self._labels(endpoint, environment).state

    def managed(self, plan: MonitorPlan, serving: Sequence[int], baselines: Baselines, *, now: str
                ) -> ManagedLook | None:  # fmt: skip
        """See that the cloud's own monitors watch the versions that serve, and no others, if the plan asks for them."""
        site, id = self._place(plan.endpoint, plan.environment)
        if site.managed is None:
            return None
        at = ManagedEndpoint(records=site.records, monitors=site.managed, name=plan.endpoint, id=id)
        labelled = functools.cache(lambda: self._labelled(plan, now))
        look = WatchedByCloud(
            at, plan, baselines, known=site.ids, labelled=lambda version: labelled().get(version, ())
        )  # fmt: skip
        source = plan.learned_from
        look.settle(
            serving, lambda version: "" if source is None else self._place_of(plan.model, version, source), now=now
        )
        return look

    def pinned(self, plan: MonitorPlan, window: Window) -> ManagedFindings:
        """What the cloud's own monitor found of the model that the config pins there."""
        site, id = self._place(plan.endpoint, plan.environment)
        if site.managed is None:
            return ManagedFindings()
        monitors = site.managed
        return read(lambda: monitors.pinned(id, window, min_rows=plan.min_rows))

    def told(self, endpoint: str, environment: str) -> Mapping[str, str]:
        """The alerts that people were told of, each with when."""
        site, _ = self._place(endpoint, environment)
        document: Document[dict[str, str]] = Document(
            records=site.records, name=_told(endpoint), kind=_TOLD, what="the alerts that people were told of"
        )
        return document.read().value or {}

    def keep_told(self, endpoint: str, environment: str, told: Mapping[str, str]) -> None:
        """Keep the alerts that people were told of."""
        site, _ = self._place(endpoint, environment)
        put(site.records, _told(endpoint), _TOLD.dump_json(dict(told), indent=1).decode())

    def _labelled(self, plan: MonitorPlan, now: str) -> Mapping[int, Sequence[LabelledAnswer]]:
        """The answers of each version whose labels came in the last two windows and two days."""
        since = clock.to_text(clock.from_text(now) - 2 * timedelta(days=1, seconds=plan.window_seconds))
        labels = self._labels(plan.endpoint, plan.environment).read()
        recent = {key: one for key, one in labels.items() if since < one.when <= now}
        requests = self.requests(plan.endpoint, plan.environment)
        found: dict[int, dict[Key, LabelledAnswer]] = {}
        for hour in hours_of(one.asked for one in recent.values()):
            for line in requests.within(hour, now):
                for number, answer in enumerate(line.get("outputs", ())):
                    key = line["request_id"], number
                    if key in recent:
                        found.setdefault(line["version"], {})[key] = _answered(recent[key], number, answer)
        return {version: [*answers.values()] for version, answers in found.items()}

    def _asked(self, endpoint: str, environment: str, ids: set[str], now: str) -> dict[str, Asked]:
        """What the log has of these requests. Most labels are of the last days, so these are read first.

        Before the log began nobody looks: else an id that nobody knows would cost all days of the horizon.
        """
        found: dict[str, Asked] = {}
        requests = self.requests(endpoint, environment)
        begun = ""
        for number, day in enumerate(backwards(clock.from_text(now))):
            if not ids - found.keys():
                break
            if number == 1:
                begun = self._begun(endpoint, environment, now)
            if day.end <= begun:
                break
            window = replace(day, start=max(day.start, begun))
            for line in requests.within(window, now):
                if line["request_id"] in ids:
                    found[line["request_id"]] = Asked(when=line["time"], rows=line["rows"], sampled=True)
        return found

    def _begun(self, endpoint: str, environment: str, now: str) -> str:
        """When the log began, as ``core.clock`` writes it; now where nothing was logged yet."""
        site, id = self._place(endpoint, environment)
        begun = site.requests.begun(id)
        return clock.to_text(clock.from_text(begun)) if begun else now

    def _labels(self, endpoint: str, environment: str) -> RecordedLabels:
        site, _ = self._place(endpoint, environment)
        return RecordedLabels(records=site.records, endpoint=endpoint, folder=self._folder / "labels" / environment)

    def _lines(self, endpoint: str, environment: str) -> Lines:
        key = endpoint, environment
        if key not in self._reports:
            site, _ = self._place(endpoint, environment)
            self._reports[key] = Lines(
                site.records, f"monitoring/{endpoint}/reports", limit=_REPORTS_IN_ONE, recent=_DOCUMENTS_READ
            )
        return self._reports[key]

    def _mirror(self, endpoint: str, environment: str) -> RequestMirror:
        key = endpoint, environment
        if key not in self._mirrors:
            site, id = self._place(endpoint, environment)
            self._mirrors[key] = mirror_of(site.requests, id, self._folder, f"{endpoint}@{environment}")
        return self._mirrors[key]

    def _place(self, endpoint: str, environment: str) -> tuple[Site, str]:
        site = self._sites.get(environment)
        if site is None or endpoint not in site.ids:
            raise NotFoundError(f"there is no endpoint {endpoint!r} in {environment!r}", hint="groundplan up")
        return site, site.ids[endpoint]


def _answered(label: Label, row: int, answer: object) -> LabelledAnswer:
    return LabelledAnswer(request_id=label.request_id, row=row, answer=answer, label=label.value, when=label.when)


def _told(endpoint: str) -> str:
    return f"monitoring/{endpoint}/told.json"
