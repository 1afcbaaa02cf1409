"""Making Vertex AI's model monitors and their schedules, and changing them to what they are told now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..patience import Patience
from . import monitor_spec, naming
from .client import CALL_SECONDS
from .monitor_calls import MonitorCalls
from .monitor_spec import MonitorSpec

_MAKE, _CHANGE = "make a model monitor", "make the schedule of a model monitor"


def make(calls: MonitorCalls, wanted: MonitorSpec, patience: Patience) -> str:
    """The monitor, unless it is so; the name of somebody else's that is in its place, else nothing."""
    strangers: list[str] = []

    def begin() -> Any:
        # Looked at each time: a try whose answer was lost, or a killed command, may have done it.
        found = calls.monitor(wanted.name)
        if found is not None and monitor_spec.same_content(found.display_name, wanted.monitor["display_name"]):
            return None
        strangers[:] = [] if found is not None else _strangers(calls, wanted)
        return None if strangers else _begun(calls, wanted, is_new=found is None)

    calls.work(begin, patience, doing=_MAKE, resource=wanted.name)
    return next(iter(strangers), "")


def _begun(calls: MonitorCalls, wanted: MonitorSpec, *, is_new: bool) -> Any:
    there = calls.of(wanted.name)
    message = there.messages.ModelMonitor(**wanted.monitor)
    if is_new:
        location, _, id = wanted.name.rpartition("/modelMonitors/")
        request = {"parent": location, "model_monitor": message, "model_monitor_id": id}
        begun = there.monitors.create_model_monitor(request=request, timeout=CALL_SECONDS, retry=None)
    else:
        message.name = wanted.name
        changed = {"paths": ["display_name", "training_dataset", "model_monitoring_schema"]}
        begun = there.monitors.update_model_monitor(
            model_monitor=message, update_mask=changed, timeout=CALL_SECONDS, retry=None
        )
    return there.begun(begun, there.messages.ModelMonitor)


def _strangers(calls: MonitorCalls, wanted: MonitorSpec) -> list[str]:
    """Other monitors of this version, of which Vertex AI allows one."""
    location, _, id = wanted.name.rpartition("/modelMonitors/")
    target = wanted.monitor["model_monitoring_target"]["vertex_model"]
    mine = f"{target['model']}@{target['model_version_id']}"
    watched = [(one.name, one.model_monitoring_target.vertex_model) for one in calls.monitors(location)]
    return [
        name for name, model in watched
        if name.rpartition("/")[2] != id and naming.same_version(f"{model.model}@{model.model_version_id}", mine)
    ]  # fmt: skip


def plan(calls: MonitorCalls, wanted: MonitorSpec, patience: Patience) -> tuple[str, ...]:
    """The schedule, unless it is so; what somebody paused stays so, and is said."""
    there, location = calls.of(wanted.name), naming.location_of(wanted.name)
    message = there.messages.Schedule(**wanted.schedule)

    def act() -> Sequence[Any]:
        # Looked at each time, as above. Two may be there after a list that came late: the oldest stays.
        found = calls.schedules(location, wanted.title)
        mine = [one for one in found if one.display_name == wanted.title]
        if not mine:
            return [
                there.schedules.create_schedule(
                    parent=location, schedule=message, timeout=CALL_SECONDS, retry=None
                )
            ]  # fmt: skip
        if _job(mine[0]).display_name != _job(message).display_name:
            message.name = mine[0].name
            changed = {"paths": ["cron", "create_model_monitoring_job_request"]}
            there.schedules.update_schedule(
                schedule=message, update_mask=changed, timeout=CALL_SECONDS, retry=None
            )  # fmt: skip
        return mine

    kept, *twice = calls.ask(act, patience, doing=_CHANGE, resource=wanted.name)
    for one in twice:
        calls.delete_schedule(one.name, patience)
    if kept.state == there.messages.Schedule.State.PAUSED:
        return (f"Vertex AI's monitor does not look: somebody paused its schedule {kept.name}",)
    return ()


def _job(schedule: Any) -> Any:
    return schedule.create_model_monitoring_job_request.model_monitoring_job
