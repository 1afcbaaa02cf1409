"""An endpoint at Vertex AI that logs what it is asked, with the service's own model monitoring over that log."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from groundplan.lifecycle.contract.managed_monitors import ManagedFindings, ManagedWatch
from groundplan.lifecycle.contract.monitoring import Window
from groundplan.lifecycle.patience import Pace
from groundplan.lifecycle.vertex.managed_monitors import VertexManagedMonitors

import monitoring_kit
import records_kit
import request_log_kit
from request_log_kit import LogRig
from serving_kit import LOCATION
from stand_in.services import VertexService
from stand_in.services.http import Json
from stand_in.services.vertex_monitors import Monitors

NUMBERED = LOCATION.replace("acme-churn", "123456789012")
TRAINING = f"gs://{records_kit.BUCKET}/runs/1/train/data.csv"
MONITOR = f"{NUMBERED}/modelMonitors/churn--churn-v1"
TITLE = "groundplan-123456789-v1"
AT = "2026-11-27T11:00:00+00:00"
HOUR = Window(start="2026-11-27T11:00:00.000Z", end="2026-11-27T12:00:00.000Z")
"""The hour in which the job of 11:00 ends."""

AGES = [20.0 + number % 40 for number in range(400)]
PLANS = ["basic", "basic", "gold"]
ATTRIBUTIONS = "Vertex AI watches no feature attributions: the version has no explanation spec in the registry"


@dataclass(frozen=True, kw_only=True)
class MonitorRig:
    """The cloud."""

    log: LogRig
    adapter: VertexManagedMonitors
    impatient: VertexManagedMonitors

    @property
    def service(self) -> VertexService:
        """What plays it."""
        assert isinstance(self.log.started.service, VertexService)
        return self.log.started.service

    @property
    def monitors(self) -> Monitors:
        """Its model monitoring."""
        return self.service.monitors

    def reset(self) -> None:
        """Version 1 answers, nothing is watched, and its training data lies in the bucket."""
        self.log.reset()
        rows = [f"{age},{PLANS[place % 3]},{place % 2 == 0},stays" for place, age in enumerate(AGES)]
        content = "\n".join(["age,plan,new,churned", *rows]).encode()
        self.service.buckets.put(records_kit.BUCKET, "runs/1/train/data.csv", content)
        self.log.serve(1)
        self.service.requests.clear()

    def watch(self, version: int = 1, *, endpoint: str = "", plan: dict[str, Any] | None = None, **changes: Any
              ) -> ManagedWatch:  # fmt: skip
        """Hours of a version, held by the statistic that both sides have to what it learned from."""
        values: dict[str, Any] = {"statistic": "jensen_shannon", "threshold": 0.5, "managed": True, **(plan or {})}
        columns = {"plan": [PLANS[place % 3] for place in range(400)], "new": ["True", "False"] * 200}
        said = monitoring_kit.profiles.categorical("prediction", {"stays": 400}, 400)
        fields: dict[str, Any] = {
            "endpoint": endpoint or self.log.endpoint, "version": version, "plan": monitoring_kit.plan(**values),
            "baseline": monitoring_kit.baseline({"age": AGES}, columns, prediction=said), "training": TRAINING,
            "target": "churned",
        }  # fmt: skip
        return ManagedWatch(**{**fields, **changes})

    def ask(self, *, older: float = 0.0, at: str = "2026-11-27T10:20:00+00:00", plan: str = "") -> None:
        """Two hundred rows like those of the training data, some years older, and with another plan."""
        rows = [
            {"age": AGES[place] + older, "plan": plan or PLANS[place % 3], "new": place % 2 == 0}
            for place in range(200)
        ]  # fmt: skip
        self.log.ask(*rows, at=at)
        self.log.logging.deliver()

    def run(self, at: str = AT) -> list[str]:
        """The clock strikes, and what it begins has ended with the next request."""
        self.service.patience = 1
        return self.monitors.run(datetime.fromisoformat(at))

    def findings(self, version: int = 1, window: Window = HOUR) -> ManagedFindings:
        """What the adapter reads."""
        return self.adapter.findings(self.watch(version), window)

    def schedule(self) -> Json:
        """The only schedule."""
        (found,) = self.monitors.schedules.values()
        return found

    def objective(self) -> Json:
        """What the jobs of the only schedule are told."""
        job = self.schedule()["createModelMonitoringJobRequest"]["modelMonitoringJob"]
        return job["modelMonitoringSpec"]["objectiveSpec"]

    def content(self) -> tuple[list[str], list[str]]:
        """The ids of the monitors, and how the schedules are called."""
        called = [one["displayName"] for one in self.monitors.schedules.values()]
        return sorted(one.rpartition("/")[2] for one in self.monitors.monitors), sorted(called)


@contextmanager
def rig(folder: Path) -> Generator[MonitorRig]:
    """The cloud, with its service running and this process signed in to it."""
    with request_log_kit.rig("vertex", folder) as log:
        yield MonitorRig(
            log=log, adapter=VertexManagedMonitors(pace=request_log_kit.PACE),
            # Gives up at the first answer that failed, as a command that is killed there.
            impatient=VertexManagedMonitors(pace=Pace(first_seconds=0.001, longest_seconds=0.002, tries=1)),
        )  # fmt: skip


__all__ = ["MonitorRig", "rig"]
