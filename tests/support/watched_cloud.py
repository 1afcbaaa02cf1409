"""An environment of a cloud whose endpoint is watched, in memory, and the machines that look at it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from groundplan.core import clock
from groundplan.lifecycle.contract.monitor_store import MonitorStore
from groundplan.lifecycle.contract.monitoring import FeedbackOutcome, Label, MonitorPlan
from groundplan.lifecycle.contract.traffic import Observation
from groundplan.lifecycle.local.monitoring.looking import Looking
from groundplan.lifecycle.local.monitoring.watching import watched
from groundplan.lifecycle.recorded.endpoints import Site
from groundplan.lifecycle.recorded.monitors import RecordedMonitors

from memory_cloud import MemoryCloud
from memory_requests import MemoryRequests
from monitoring_kit import BEGINNING, asked, learned, plan

KNOWN = learned()
PLAN = plan(metrics={"accuracy": 0.1})


def at(hour: int, minute: int = 0) -> datetime:
    return BEGINNING + timedelta(hours=hour, minutes=minute)


def text(hour: int, minute: int = 0) -> str:
    return clock.to_text(at(hour, minute))


@dataclass
class Cloud:
    """One environment with version 1 at its endpoint; every machine that looks has a folder of its own."""

    folder: Path
    cloud: MemoryCloud
    requests: MemoryRequests

    def machine(self, name: str = "mine", *, site: Site | None = None) -> RecordedMonitors:
        """The monitors as a command on this machine opens them."""
        return RecordedMonitors(
            {"dev": site or self.site}, judge=watched, baseline_of=lambda version: KNOWN,
            place=lambda model, version, source: f"mem://{model}/{version}/{source.step}.{source.output}",
            folder=self.folder / name,
        )  # fmt: skip

    @property
    def site(self) -> Site:
        return Site(records=self.records, endpoints=self.cloud.endpoints, ids={"churn": "churn-dev"},
                    jobs=self.cloud.jobs, requests=self.requests, managed=self.cloud.monitors)  # fmt: skip

    @property
    def records(self) -> Any:
        return self.cloud.records["dev"]

    def observed(self, **changes: Any) -> None:
        """What the cloud's metrics say of version 1 in any window."""
        made = Observation(version=1, since="", requests=150, errors=0, latency_p50_ms=2.0, latency_p95_ms=5.0)
        self.cloud.endpoints.there["churn-dev"] = {1: Any}  # type: ignore[dict-item]
        self.cloud.endpoints.told = {1: replace(made, **changes)}


def cloud_in(folder: Path) -> Cloud:
    """A cloud whose version 1 is well as a service, and was asked nothing."""
    made = Cloud(folder, MemoryCloud(folder, ["dev"]), MemoryRequests())
    made.observed()
    return made


def six_hours(cloud: Cloud) -> list[Label]:
    """The endpoint was asked for six hours, drifted in the last two; what was true has not come yet."""
    lines, labels = asked(hours=6, drifted_from=4)
    cloud.requests.come("churn-dev", lines)
    return labels


def looking(store: MonitorStore, plan: MonitorPlan = PLAN) -> Looking:
    return Looking(store=store, plan=plan, baseline=lambda version: KNOWN)


def feedback(store: MonitorStore, *labels: Label, now: str = text(6, 30)) -> FeedbackOutcome:
    return store.feedback("churn", "dev", labels, window_seconds=3600, now=now)
