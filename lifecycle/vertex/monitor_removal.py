"""Deleting Vertex AI's model monitors of versions that serve no more, and their schedules."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ..patience import Patience
from . import monitor_spec, naming
from .monitor_calls import MonitorCalls, monitor_id

_LOOK = "list model monitors"


def remove(calls: MonitorCalls, endpoint: str, keep: Collection[int], patience: Patience) -> tuple[int, ...]:
    """Delete those of an endpoint's other versions; which versions that were.

    A monitor that another endpoint has a schedule on stays, without this endpoint's.
    """
    location = naming.location_of(endpoint)
    schedules = calls.ask(
        lambda: calls.schedules(location, monitor_spec.PREFIX), patience, doing=_LOOK, resource=endpoint
    )  # fmt: skip
    monitors = calls.ask(lambda: calls.monitors(location), patience, doing=_LOOK, resource=endpoint)
    going = _going({one.name: one.display_name for one in (*schedules, *monitors)}, endpoint, keep)
    used = {monitor_id(one) for one in schedules if one.name not in going}
    shared = [one.name for one in schedules if one.name in going and monitor_id(one) in used]
    # By the schedules of which it is, and by its own name where a kill left it without any.
    unused = {monitor_id(one): going[one.name] for one in schedules if one.name in going}
    unused |= {one.name.rpartition("/")[2]: going[one.name] for one in monitors if one.name in going}
    for name in shared:
        calls.delete_schedule(name, patience)
    for id in sorted(unused.keys() - used):
        calls.delete_monitor(f"{location}/modelMonitors/{id}", patience)
    return tuple(sorted({going[name] for name in shared} | {unused[id] for id in unused.keys() - used}))


def _going(called: Mapping[str, str], endpoint: str, keep: Collection[int]) -> Mapping[str, int]:
    """The versions by the names of what goes."""
    versions = {name: monitor_spec.version_of(endpoint, title) for name, title in called.items()}
    return {name: version for name, version in versions.items() if version is not None and version not in keep}
