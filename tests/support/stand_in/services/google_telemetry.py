"""Cloud Monitoring's time series and Cloud Logging's entries, as far as endpoints and jobs are asked about them."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from groundplan.core import clock

from .http import Json, Request
from .vertex_words import refused

_ENDPOINT = "aiplatform.googleapis.com/Endpoint"
_METRICS = {
    "prediction_latencies": ("DISTRIBUTION", {"deployed_model_id", "latency_type", "model_display_name"}),
    "response_count": ("INT64", {"deployed_model_id", "response_code", "model_display_name"}),
    "private/prediction_latencies": ("DISTRIBUTION", {"deployed_model_id"}),
    "private/response_count": ("INT64", {"deployed_model_id", "response_code"}),
}
"""The kind of value and the labels of each metric, as Google lists them (metrics_gcp, prediction/online)."""

_USAGE = "serviceruntime.googleapis.com/quota/allocation/usage"
_TERM = re.compile(r'(?P<field>[\w.]+) ?= ?"(?P<value>[^"]*)"')
_ANY_OF = re.compile(r'(?P<field>labels\.deployed_model_id|resource\.labels\.job_id)=\((?P<ids>"\d+"(?: OR "\d+")*)\)')
_REDUCERS = {"REDUCE_PERCENTILE_50": 50, "REDUCE_PERCENTILE_95": 95}


@dataclass(frozen=True, kw_only=True)
class Point:
    """What was measured in one minute: a count, or the values of a distribution."""

    metric: str
    endpoint: str
    labels: Mapping[str, str]
    when: dt.datetime
    count: int = 0
    values: tuple[float, ...] = ()


@dataclass(kw_only=True)
class Telemetry:
    """What was measured and written, oldest first; ``page`` is how much an answer gives at once.

    ``in_use`` is how much of a quota of Vertex AI is in use, by metric and region.
    """

    points: list[Point] = field(default_factory=list[Point])
    entries: list[Json] = field(default_factory=list[Json])
    in_use: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    page: int = 1000

    def clear(self) -> None:
        """Nothing was measured or written."""
        self.points.clear()
        self.entries.clear()
        self.in_use.clear()
        self.page = 1000

    def wrote(self, endpoint: str, id: str, message: str, *, second: int) -> None:
        """A container wrote a line."""
        _, project, _, location, _, name = endpoint.split("/")
        self.entries.append(
            {
                "logName": f"projects/{project}/logs/aiplatform.googleapis.com%2Fprediction_container",
                "resource": {
                    "type": _ENDPOINT,
                    "labels": {"endpoint_id": name, "location": location, "resource_container": f"projects/{project}"},
                },
                "labels": {"deployed_model_id": id, "replica_id": "predictor-0"},
                "timestamp": f"2026-01-01T00:00:{second:02d}Z",
                "severity": "INFO",
                "jsonPayload": {"message": message},
                "insertId": str(len(self.entries)),
            }
        )

    def printed(self, project: str, job: str, lines: Sequence[str]) -> None:
        """The container of a custom job wrote these lines."""
        for line in lines:
            self.entries.append(
                {
                    "logName": f"projects/{project}/logs/workerpool0-0",
                    "resource": {
                        "type": "ml_job",
                        "labels": {"job_id": job, "project_id": project, "task_name": "workerpool0-0"},
                    },
                    "labels": {},
                    "timestamp": clock.to_text(clock.now()),
                    "severity": "INFO",
                    "jsonPayload": {"message": line},
                    "insertId": str(len(self.entries)),
                }
            )

    def series_of(self, request: Request) -> Json:
        """``timeSeries.list``, for what is measured as a change and drawn together over the whole interval."""
        filters = _terms(request.query.get("filter", ""))
        if filters.get("metric.type") == _USAGE:
            return self._paged(request, self._in_use(request, filters))
        metric = filters.pop("metric.type", "").removeprefix("aiplatform.googleapis.com/prediction/online/")
        if metric not in _METRICS or filters.pop("resource.type", _ENDPOINT) != _ENDPOINT:
            raise refused("INVALID_ARGUMENT", "The filter must specify a single metric type that is known.")
        kind, labels = _METRICS[metric]
        by = [value.removeprefix("metric.labels.") for name, value in request.parameters
              if name == "aggregation.groupByFields"]  # fmt: skip
        if set(by) - labels:
            raise refused("INVALID_ARGUMENT", f"Unknown fields to group by: {sorted(set(by) - labels)}")
        since, until = _moment(request, "interval.startTime"), _moment(request, "interval.endTime")
        period = int(request.query.get("aggregation.alignmentPeriod", "0s").removesuffix("s"))
        reducer = request.query.get("aggregation.crossSeriesReducer", "")
        if period < 60 or since > until or request.query.get("aggregation.perSeriesAligner") != "ALIGN_DELTA":
            raise refused("INVALID_ARGUMENT", "Bad interval, alignment period or aligner.")
        if reducer not in ({"REDUCE_SUM"} if kind == "INT64" else _REDUCERS):
            raise refused("INVALID_ARGUMENT", f"{reducer} does not fit {kind}.")
        groups: dict[tuple[str, ...], list[Point]] = defaultdict(list)
        for one in self.points:
            if one.metric == metric and since < one.when <= until and _matches(one, filters):
                groups[tuple(one.labels.get(name, "") for name in by)].append(one)
        return self._paged(request, [_series(metric, dict(zip(by, key, strict=True)), points, reducer, since, until)
                                     for key, points in sorted(groups.items())])  # fmt: skip

    def _in_use(self, request: Request, filters: Mapping[str, str]) -> list[Json]:
        """What is in use of quotas, as it was measured a minute ago and an hour ago: the newest comes first."""
        labels = {"service", "location"}
        if {name for name in filters if name != "metric.type"} != {
            "resource.type", *(f"resource.labels.{one}" for one in labels)
        } or filters["resource.type"] != "consumer_quota":  # fmt: skip
            raise refused("INVALID_ARGUMENT", "The filter must name the resource consumer_quota and its labels.")
        since, until = _moment(request, "interval.startTime"), _moment(request, "interval.endTime")
        moments = [until - dt.timedelta(minutes=1), until - dt.timedelta(hours=1)]
        return [
            {
                "metric": {"type": _USAGE, "labels": {"quota_metric": f"aiplatform.googleapis.com/{metric}"}},
                "resource": {
                    "type": "consumer_quota",
                    "labels": {name: filters[f"resource.labels.{name}"] for name in sorted(labels)},
                },
                "metricKind": "GAUGE",
                "valueType": "INT64",
                "points": [
                    {"interval": {"startTime": clock.to_text(when), "endTime": clock.to_text(when)},
                     "value": {"int64Value": str(used - hours)}}
                    for hours, when in enumerate(moments)
                    if since < when
                ],
            }
            for (metric, region), used in self.in_use.items()
            if region == filters["resource.labels.location"]
        ]  # fmt: skip

    def _paged(self, request: Request, found: list[Json]) -> Json:
        first = int(request.query.get("pageToken") or 0)
        more = {"nextPageToken": str(first + self.page)} if first + self.page < len(found) else {}
        return {"timeSeries": found[first : first + self.page], **more}

    def entries_of(self, request: Request) -> Json:
        """``entries.list``, oldest or newest first."""
        text: str = request.body.get("filter", "")
        wanted = _ANY_OF.search(text)
        terms = _terms(text.replace(wanted[0] if wanted else "\0", 'any="1"'))
        terms.pop("any", None)
        order = request.body.get("orderBy")
        if not request.body.get("resourceNames") or order not in ("timestamp desc", "timestamp asc"):
            raise refused("INVALID_ARGUMENT", "resource_names are required, and an order that is known.")
        found = [one for one in self.entries if _is_of(one, wanted) and _written(one, terms)]
        if order == "timestamp desc":
            found.reverse()
        first, size = int(request.body.get("pageToken") or 0), min(self.page, request.body.get("pageSize", 50))
        more = {"nextPageToken": str(first + size)} if first + size < len(found) else {}
        return {"entries": found[first : first + size], **more}


def _series(
    metric: str,
    labels: Mapping[str, str],
    points: Sequence[Point],
    reducer: str,
    since: dt.datetime,
    until: dt.datetime,
) -> Json:
    value: Json
    if reducer == "REDUCE_SUM":
        value = {"int64Value": str(sum(one.count for one in points))}
    else:
        values = sorted(value for one in points for value in one.values)
        rank = max(1, math.ceil(len(values) * _REDUCERS[reducer] / 100))
        value = {"doubleValue": values[rank - 1]}
    return {
        "metric": {"type": f"aiplatform.googleapis.com/prediction/online/{metric}", "labels": dict(labels)},
        "resource": {"type": _ENDPOINT},
        "metricKind": "DELTA",
        "valueType": "INT64" if reducer == "REDUCE_SUM" else "DOUBLE",
        "points": [{"interval": {"startTime": clock.to_text(since), "endTime": clock.to_text(until)}, "value": value}],
    }


def _terms(text: str) -> dict[str, str]:
    found = [_TERM.fullmatch(part.strip()) for part in text.split(" AND ")] if text else []
    if None in found:
        raise refused("INVALID_ARGUMENT", f"Invalid filter: {text}")
    return {one["field"]: one["value"] for one in found if one is not None}


def _matches(point: Point, filters: Mapping[str, str]) -> bool:
    known = {"resource.labels.endpoint_id": point.endpoint,
             **{f"metric.labels.{name}": value for name, value in point.labels.items()}}  # fmt: skip
    return all(known.get(name) == value for name, value in filters.items())


def _is_of(entry: Json, wanted: re.Match[str] | None) -> bool:
    return wanted is None or _field(entry, wanted["field"]) in re.findall(r"\d+", wanted["ids"])


def _written(entry: Json, terms: Mapping[str, str]) -> bool:
    return all(_field(entry, name) == value for name, value in terms.items())


def _field(entry: Json, path: str) -> str | None:
    found: Any = entry
    for name in path.split("."):
        found = found.get(name, {})
    return found if isinstance(found, str) else None


def _moment(request: Request, name: str) -> dt.datetime:
    try:
        return clock.from_text(request.query.get(name, ""))
    except ValueError as error:
        raise refused("INVALID_ARGUMENT", f"{name}: {error}") from error
