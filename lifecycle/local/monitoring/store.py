"""What monitoring keeps of an endpoint: labels, and the report of each window; below ``.groundplan/monitoring/``."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from ....core import clock, files, locks
from ....core.layout import Layout
from ...contract.managed_monitors import ManagedFindings
from ...contract.model import ModelVersion
from ...contract.monitor_store import Baselines, Key
from ...contract.monitoring import FeedbackOutcome, Label, MonitorPlan, MonitorReport, Watched, Window
from ...contract.retraining import LabelledRow
from ...labels import Asked, join
from ...request_lines import RequestLines, rotated
from ..serving.records import EndpointFolder
from .feedback import FeedbackFile

_KEPT = 2000
"""So many windows are kept; at an hour each these are 83 days."""


@dataclass(frozen=True)
class LocalMonitorStore:
    """Implements the lifecycle's MonitorStore on this machine."""

    layout: Layout

    def feedback(self, endpoint: str, environment: str, labels: Sequence[Label], *, window_seconds: float,
                 now: str) -> FeedbackOutcome:  # fmt: skip
        """Keep labels, joined to the requests of the log by their ids."""
        folder = self._folder(endpoint, environment)
        wanted = {label.request_id for label in labels}
        asked = {
            line["request_id"]: Asked(when=line["time"], rows=line.get("rows", 0), sampled="inputs" in line)
            for line in self.requests(endpoint, environment).within(None, now)
            if line["request_id"] in wanted and line["status"] == 200
        }
        with locks.held(folder / "feedback.lock", command="groundplan feedback"):
            file = FeedbackFile(folder / "feedback.jsonl")
            kept, outcome = join(labels, asked, file.read(), window_seconds=window_seconds, now=now)
            file.add(kept)
        return outcome

    def labels(self, endpoint: str, environment: str) -> dict[Key, Label]:
        """Every label, by request and row."""
        return FeedbackFile(self._folder(endpoint, environment) / "feedback.jsonl").read()

    def labels_state(self, endpoint: str, environment: str) -> str:
        """The size of the file that they are in, which only grows."""
        path = self._folder(endpoint, environment) / "feedback.jsonl"
        return str(path.stat().st_size) if path.exists() else "0"

    def watched(self, plan: MonitorPlan, since: str, *, now: str, models: Mapping[int, ModelVersion]
                ) -> Mapping[int, Watched]:  # fmt: skip
        """What each version showed since a moment, whatever the length of the config's windows."""
        from . import baselines
        from .watching import watched

        return watched(
            self.requests(plan.endpoint, plan.environment, copies=True), plan, Window(start=since, end=now),
            self.labels(plan.endpoint, plan.environment),
            {version: baselines.kept(one.path, version) for version, one in models.items()},
        )  # fmt: skip

    def labelled_rows(self, endpoint: str, environment: str, *, now: str) -> Sequence[LabelledRow]:
        """The rows in the log whose labels came, oldest first; redacted columns are not among them."""
        labels = self.labels(endpoint, environment)
        return [
            LabelledRow(when=line["time"], row=row, label=labels[line["request_id"], number].value)
            for line in self.requests(endpoint, environment).within(None, now)
            for number, row in enumerate(line.get("inputs", ()))
            if (line["request_id"], number) in labels
        ]

    def reports(self, endpoint: str, environment: str) -> Sequence[MonitorReport]:
        """The report of each window and version, oldest first; of one that was judged again the latest."""
        found: dict[tuple[Window, int], MonitorReport] = {}
        with contextlib.suppress(FileNotFoundError):
            for line in self._reports(endpoint, environment).read_bytes().splitlines():
                with contextlib.suppress(ValidationError):
                    report = _REPORT.validate_json(line)
                    found[report.window, report.version] = report
        return sorted(found.values(), key=lambda one: (one.window.end, one.version))

    def keep(self, report: MonitorReport) -> None:
        """Keep a report; old ones give way."""
        path = self._reports(report.endpoint, report.environment)
        with locks.held(path.with_suffix(".lock"), command="groundplan monitor run"):
            files.append_line(path, _REPORT.dump_json(report).decode())
            if len(path.read_bytes().splitlines()) > 2 * _KEPT:
                recent = self.reports(report.endpoint, report.environment)[-_KEPT:]
                files.write_text(path, "".join(_REPORT.dump_json(one).decode() + "\n" for one in recent))

    def managed(self, plan: MonitorPlan, serving: Sequence[int], baselines: Baselines, *, now: str) -> None:
        """None: this machine has no monitors beside groundplan's."""
        return

    def pinned(self, plan: MonitorPlan, window: Window) -> ManagedFindings:
        """Nothing: no config pins a model on this machine."""
        return ManagedFindings()

    def told(self, endpoint: str, environment: str) -> dict[str, str]:
        """The alerts that people were told of, each with when."""
        with contextlib.suppress(FileNotFoundError, ValueError):
            return dict(json.loads((self._folder(endpoint, environment) / "told.json").read_bytes()))
        return {}

    def keep_told(self, endpoint: str, environment: str, told: Mapping[str, str]) -> None:
        """Keep the alerts that people were told of."""
        files.write_json(self._folder(endpoint, environment) / "told.json", dict(told))

    def request_log(self, endpoint: str, environment: str) -> Path:
        """The request log that is read."""
        return EndpointFolder.of(self.layout, endpoint, environment).request_log

    def requests(self, endpoint: str, environment: str, *, copies: bool = False) -> RequestLines:
        """The predictions that the log still has."""
        return rotated(self.request_log(endpoint, environment), copies=copies)

    def service(self, endpoint: str, environment: str, window: Window) -> None:
        """None: each line of the log says how it was answered and how fast."""
        return

    def late_seconds(self, environment: str) -> float:
        """None at all: a request is in the log before it is answered."""
        return 0.0

    def oldest(self, endpoint: str, environment: str, *, now: str) -> str:
        """The time of the oldest line that is in the log; "" when there is none."""
        lines = self.requests(endpoint, environment)
        for _ in lines.within(Window(start=now, end=now), now):
            pass
        return lines.remarks.oldest

    def _reports(self, endpoint: str, environment: str) -> Path:
        return self._folder(endpoint, environment) / "reports.jsonl"

    def _folder(self, endpoint: str, environment: str) -> Path:
        return self.layout.monitoring / f"{endpoint}@{environment}"


def now_text() -> str:
    """The present moment as the store takes it."""
    return clock.to_text(clock.now())


_REPORT = TypeAdapter(MonitorReport)
