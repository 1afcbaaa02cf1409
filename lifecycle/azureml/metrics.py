"""What the versions at an online endpoint did, from the metrics that Azure Monitor keeps of it by the minute."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ...core import clock
from ..contract.traffic import Observation
from . import errors, routing
from .calls import Calls, names
from .deployments import version_of

_DOING = "read the metrics of the endpoint"
_NAMESPACE = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints"
_MINUTE = timedelta(minutes=1)
_WINDOW = timedelta(days=1)
_MOST_SERIES = 500
_LATENCIES = ("RequestLatency_P50", "RequestLatency_P95")


@dataclass(kw_only=True)
class _Minutes:
    """A deployment by the minute: requests, those that failed, and the latencies by the name of the metric."""

    requests: dict[datetime, float] = field(default_factory=dict[datetime, float])
    errors: float = 0.0
    latencies: dict[str, dict[datetime, float]] = field(default_factory=dict[str, dict[datetime, float]])

    def latency(self, metric: str) -> float | None:
        """The mean over the minutes, by how many requests each had; None without any."""
        known = [(value, self.requests.get(minute, 0.0)) for minute, value in self.latencies.get(metric, {}).items()]
        weight = sum(one for _, one in known)
        return sum(value * one for value, one in known) / weight if weight else None


def looked(calls: Calls, resource: str) -> Mapping[str, bool]:
    """The deployments of an endpoint, and whether each is mirrored to now. Raises NotFoundError."""
    endpoint = calls.endpoint(resource, calls.looking(), doing=_DOING)
    mirrored = routing.shares(endpoint)[1]
    return {name: name in mirrored for name in names(endpoint)}


def observe(calls: Calls, resource: str, since: str, until: str, copies: Mapping[str, bool]) -> Sequence[Observation]:
    """What each version did since a moment, whole minutes only: what it did before must not count.

    Versions that were removed meanwhile are among them. ``copies`` are the deployments that are there; what one gets
    that is mirrored to now counts as copies.
    """
    there = {name: _Minutes() for name in copies}
    for begin, end in _windows(clock.from_text(since), clock.from_text(until) if until else clock.now()):
        _count(there, _series(calls, resource, begin, end, ("RequestsPerMinute",), "statusCodeClass"))
        _time(there, _series(calls, resource, begin, end, _LATENCIES, ""))
    numbered = sorted((version, name) for name in there if (version := version_of(name)) is not None)
    return [_observation(version, since, there[name], copies=copies.get(name, False)) for version, name in numbered]


def _observation(version: int, since: str, seen: _Minutes, *, copies: bool) -> Observation:
    total = round(sum(seen.requests.values()))
    return Observation(
        version=version,
        since=since,
        requests=0 if copies else total,
        errors=round(seen.errors),
        latency_p50_ms=seen.latency("RequestLatency_P50"),
        latency_p95_ms=seen.latency("RequestLatency_P95"),
        mirrored=total if copies else 0,
    )


def _count(there: dict[str, _Minutes], series: Iterator[tuple[str, Mapping[str, str], Any]]) -> None:
    for _, dimensions, data in series:
        one = there.setdefault(dimensions["deployment"], _Minutes())
        for point in _points(data):
            one.requests[point[0]] = one.requests.get(point[0], 0.0) + point[1]
            one.errors += point[1] if dimensions["statuscodeclass"].startswith("5") else 0.0


def _time(there: dict[str, _Minutes], series: Iterator[tuple[str, Mapping[str, str], Any]]) -> None:
    for metric, dimensions, data in series:
        one = there.setdefault(dimensions["deployment"], _Minutes())
        one.latencies.setdefault(metric, {}).update(_points(data))


def _points(data: Any) -> Iterator[tuple[datetime, float]]:
    """The minutes of which something is known."""
    return ((one.time_stamp, float(one.average)) for one in data if one.average is not None)


def _series(
    calls: Calls, resource: str, begin: datetime, end: datetime, metrics: Sequence[str], split: str
) -> Iterator[tuple[str, Mapping[str, str], Any]]:
    """Each metric of each deployment: its name, its dimensions in small letters, its minutes."""

    def act() -> Any:
        return calls.monitor(resource).metrics.list(
            resource_uri=resource,
            timespan=f"{clock.to_text(begin)}/{clock.to_text(end)}",
            interval="PT1M",
            metricnames=",".join(metrics),
            aggregation="Average",
            top=_MOST_SERIES,
            filter="deployment eq '*'" + (f" and {split} eq '*'" if split else ""),
            metricnamespace=_NAMESPACE,
        )

    found = calls.found(act, calls.looking(), doing=_DOING, resource=resource, role=errors.METRICS_READER)
    for metric in found.value if found else ():
        for one in metric.timeseries or ():
            dimensions = {part.name.value.lower(): part.value for part in one.metadatavalues or ()}
            yield metric.name.value, dimensions, one.data or ()


def _windows(since: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """From the first whole minute on, a day at a time: that many points fit into one answer."""
    begin = since.replace(second=0, microsecond=0)
    begin += _MINUTE if begin < since else timedelta(0)
    while begin < end:
        yield begin, min(begin + _WINDOW, end)
        begin += _WINDOW
