"""Vertex AI's own model monitoring (v2) of the versions that serve, over the request log in BigQuery.

Its form: https://cloud.google.com/vertex-ai/docs/model-monitoring/set-up-model-monitoring. It is a preview.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, TypeVar

from ...core.extras import load
from ..contract.managed_monitors import ManagedFindings, ManagedWatch
from ..contract.monitoring import Window
from ..patience import Pace, Patience
from . import (
    monitor_calls,
    monitor_findings,
    monitor_making,
    monitor_removal,
    monitor_spec,
    naming,
    request_log,
    sharing,
    versions,
)
from .monitor_calls import MonitorCalls
from .monitor_spec import Served

_SECONDS = 600.0
_READ = "read what a model monitor found"
_Answer = TypeVar("_Answer")


class VertexManagedMonitors:
    """The monitors of any project that the caller may reach, made and read as who is signed in."""

    def __init__(self, *, pace: Pace | None = None) -> None:
        self._calls = MonitorCalls(pace)

    def ensure(self, watch: ManagedWatch) -> tuple[str, ...]:
        """The monitor of the version in the registry, then the schedule that is this endpoint's."""
        patience = self._calls.calls.patience(_SECONDS)
        served = self._served(watch, patience)
        if isinstance(served, str):
            return (served,)
        wanted = monitor_spec.spec(watch, served)
        if wanted is None:
            return ("Vertex AI watches nothing: none of the version's columns can be watched",)
        stranger = monitor_making.make(self._calls, wanted, patience)
        if stranger:
            return (f"Vertex AI has one monitor for a version, and {stranger} is there, which groundplan did not make",)
        return (*wanted.words, *monitor_making.plan(self._calls, wanted, patience))

    def remove(self, endpoint: str, keep: Collection[int]) -> tuple[int, ...]:
        """A monitor goes with the last of its schedules, in one call: a kill leaves both or none."""
        return monitor_removal.remove(self._calls, endpoint, keep, self._calls.calls.patience(_SECONDS))

    def findings(self, watch: ManagedWatch, window: Window) -> ManagedFindings:
        """Read by the schedule's own jobs; their monitor may have those of other endpoints, too."""
        patience, location = self._calls.calls.patience(_SECONDS), naming.location_of(watch.endpoint)
        title = monitor_spec.title(watch.endpoint, watch.version)
        schedules = self._read(lambda: self._calls.schedules(location, title), patience, watch.endpoint)
        mine = [one for one in schedules if one.display_name == title]
        if not mine:
            return ManagedFindings()
        monitor = f"{location}/modelMonitors/{monitor_calls.monitor_id(mine[0])}"
        jobs = self._read(lambda: self._calls.jobs(monitor), patience, monitor)
        own = [one for one in jobs if one.display_name.startswith(f"{title}-")]
        job = monitor_findings.newest(own, window)
        if job is None or not monitor_findings.has_figures(job):
            return ManagedFindings(notes=monitor_findings.notes(job, own, window))
        stats = self._read(lambda: self._calls.stats(monitor, job.name), patience, monitor)
        alerts = self._read(lambda: self._calls.alerts(monitor, job.name), patience, monitor)
        return monitor_findings.of_job(job, stats, alerts)

    def pinned(self, endpoint: str, window: Window, *, min_rows: int) -> ManagedFindings:
        """Nothing: its monitors are of registered versions that the lifecycle deployed."""
        return ManagedFindings(notes=("Vertex AI's own monitoring is not set up for a model that the config pins",))

    def _served(self, watch: ManagedWatch, patience: Patience) -> Served | str:
        """The version as its endpoint has it, or why it cannot be watched there."""
        endpoint = self._calls.calls.existing(watch.endpoint, patience)
        mine = sharing.by_version(endpoint).get(watch.version)
        if not mine:
            return f"Vertex AI watches nothing: version {watch.version} is not at the endpoint"
        logging: Any = endpoint.predict_request_response_logging_config
        if not logging.enabled or not logging.bigquery_destination.output_uri:
            return "Vertex AI watches nothing: the endpoint does not log what it is asked"
        model, number = mine[0].model.partition("@")[0], mine[0].model_version_id
        return Served(
            model=model,
            model_version=number,
            deployed_models=tuple(sorted(one.id for one in mine)),
            table=request_log.table(logging.bigquery_destination.output_uri, watch.endpoint),
            explanation=self._explanation(f"{model}@{number}", patience),
            key=endpoint.encryption_spec.kms_key_name,
        )

    def _explanation(self, version: str, patience: Patience) -> Any:
        found: Any = versions.get(self._calls.calls, version, patience)
        if found is None or "explanation_spec" not in found:
            return None
        kind: Any = load("google.cloud.aiplatform_v1").ExplanationSpec
        return kind.to_dict(found.explanation_spec)

    def _read(self, act: Callable[[], _Answer], patience: Patience, resource: str) -> _Answer:
        return self._calls.ask(act, patience, doing=_READ, resource=resource)
