"""The calls that read, change and delete Vertex AI's model monitors, their schedules and their jobs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from ...core.extras import load
from ..patience import Pace, Patience
from . import errors
from .calls import Calls
from .client import CALL_SECONDS
from .monitor_clients import MonitorClients, clients

_Answer = TypeVar("_Answer")
_ONCE: Mapping[str, Any] = {"timeout": CALL_SECONDS, "retry": None}
_STARTS_SO = 'display_name:"{}*"'
_JOB_FIELDS = (
    "name", "display_name", "state", "create_time", "update_time", "schedule_time", "job_execution_detail",
)  # fmt: skip
"""All of a job but what it was told."""


class MonitorCalls:
    """The model monitors of all regions; a resource's name says in which region it is."""

    def __init__(self, pace: Pace | None) -> None:
        self.calls = Calls(pace)
        self._clients: dict[str, MonitorClients] = {}

    def of(self, resource: str) -> MonitorClients:
        """The clients of a resource's region."""
        region = resource.split("/")[3]
        if region not in self._clients:
            self._clients[region] = clients(region)
        return self._clients[region]

    def monitor(self, name: str) -> Any:
        """A monitor as it is now; None where there is none."""
        try:
            return self.of(name).monitors.get_model_monitor(name=name, **_ONCE)
        except load("google.api_core.exceptions").NotFound:
            return None

    def monitors(self, location: str) -> Sequence[Any]:
        """All monitors of a region, whoever made them."""
        return list(self.of(location).monitors.list_model_monitors(parent=location, **_ONCE))

    def schedules(self, location: str, start: str) -> Sequence[Any]:
        """The schedules of model monitors whose names start so, the oldest first."""
        request = {"parent": location, "filter": _STARTS_SO.format(start)}
        found = self.of(location).schedules.list_schedules(request=request, **_ONCE)
        known = [one for one in found if "create_model_monitoring_job_request" in one]
        return sorted(known, key=lambda one: (one.create_time.timestamp(), one.name))

    def jobs(self, monitor: str) -> Sequence[Any]:
        """A monitor's jobs, without what they were told; none where the monitor is gone."""
        request = {"parent": monitor, "read_mask": {"paths": list(_JOB_FIELDS)}}
        missing = load("google.api_core.exceptions").NotFound
        try:
            return list(self.of(monitor).monitors.list_model_monitoring_jobs(request=request, **_ONCE))
        except missing:
            return []

    def stats(self, monitor: str, job: str) -> Sequence[Any]:
        """What a job measured."""
        wanted = {"tabular_stats_filter": {"model_monitoring_job": job}}
        request = {"model_monitor": monitor, "stats_filter": wanted}
        return list(self.of(monitor).monitors.search_model_monitoring_stats(request=request, **_ONCE))

    def alerts(self, monitor: str, job: str) -> Sequence[Any]:
        """What a job alerts to."""
        request = {"model_monitor": monitor, "model_monitoring_job": job}
        return list(self.of(monitor).monitors.search_model_monitoring_alerts(request=request, **_ONCE))

    def ask(self, act: Callable[[], _Answer], patience: Patience, *, doing: str, resource: str) -> _Answer:
        """What a call gives, asked again as long as that helps."""
        return self.calls.ask(act, patience, doing=doing, resource=resource)

    def work(self, begin: Callable[[], Any], patience: Patience, *, doing: str, resource: str) -> None:
        """Begin an operation and wait for its end; ``begin`` gives None where there is nothing to do."""
        operation = self.ask(begin, patience, doing=doing, resource=resource)
        if operation is None:
            return
        failure = self.calls.ended(operation, patience, doing=doing, resource=resource)
        if failure is not None:
            raise errors.translated(failure, doing=doing, resource=resource) from failure

    def delete_monitor(self, name: str, patience: Patience) -> None:
        """Delete a monitor with its schedules; one that is gone is fine."""
        request = {"name": name, "force": True}
        delete = self.of(name).monitors.delete_model_monitor
        self._delete(lambda: delete(request=request, **_ONCE), name, patience, "delete a model monitor")

    def delete_schedule(self, name: str, patience: Patience) -> None:
        """Delete a schedule; one that is gone is fine."""
        delete = self.of(name).schedules.delete_schedule
        self._delete(lambda: delete(name=name, **_ONCE), name, patience, "delete the schedule of a model monitor")

    def _delete(self, act: Callable[[], Any], name: str, patience: Patience, doing: str) -> None:
        begun = self.calls.found(act, patience, doing=doing, resource=name)
        empty = load("google.protobuf.empty_pb2").Empty
        operation = None if begun is None else self.of(name).begun(begun, empty)
        self.work(lambda: operation, patience, doing=doing, resource=name)


def monitor_id(schedule: Any) -> str:
    """The id of a schedule's monitor; a project has a name and a number, so whole names differ."""
    return str(schedule.create_model_monitoring_job_request.parent.rpartition("/")[2])
