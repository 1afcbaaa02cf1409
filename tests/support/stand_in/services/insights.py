"""Azure Monitor's metrics of an online endpoint over ARM, by the published list of its metrics and dimensions."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from . import arm
from .http import Answer, Json, Request

if TYPE_CHECKING:
    from .azureml import AzureMLService

_ROUTE = re.compile(r"(?P<resource>/.+/onlineEndpoints/[^/]+)/providers/Microsoft\.Insights/metrics", re.IGNORECASE)
_NAMESPACE = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints"
_DIMENSIONS = {
    "RequestsPerMinute": ("deployment", "statusCode", "statusCodeClass", "modelStatusCode"),
    "RequestLatency": ("deployment",),
    "RequestLatency_P50": ("deployment",),
    "RequestLatency_P90": ("deployment",),
    "RequestLatency_P95": ("deployment",),
    "RequestLatency_P99": ("deployment",),
}
_CLAUSE = re.compile(r"(?P<name>\w+) eq '\*'")
_TOP_BY_DEFAULT = 10


@dataclass(frozen=True, kw_only=True)
class Point:
    """What was measured in one minute; ``value`` is None where nothing is known."""

    metric: str
    minute: datetime
    value: float | None
    dimensions: tuple[tuple[str, str], ...]


@dataclass(kw_only=True)
class _Query:
    names: list[str]
    split: list[str]
    begin: datetime
    end: datetime
    top: int
    series: dict[tuple[str, ...], list[Json]] = field(default_factory=dict[tuple[str, ...], list[Json]])


class Insights:
    """The metrics; ``points`` are what was measured."""

    def __init__(self, service: AzureMLService) -> None:
        self._service = service
        self.points: list[Point] = []

    def answer(self, request: Request) -> Answer | None:
        """The metrics that are asked for; None for an address of another service."""
        route = _ROUTE.fullmatch(request.path)
        if route is None:
            return None
        if self._service.store.get(route["resource"]) is None:
            raise arm.refused(404, "ResourceNotFound", f"The Resource '{route['resource']}' was not found.")
        query = _query(request)
        return Answer(body={
            "cost": 0, "timespan": request.query["timespan"], "interval": "PT1M", "namespace": _NAMESPACE,
            "resourceregion": "westeurope",
            "value": [self._metric(route["resource"], name, query) for name in query.names],
        })  # fmt: skip

    def _metric(self, resource: str, name: str, query: _Query) -> Json:
        series: dict[tuple[str, ...], list[Json]] = {}
        for point in self.points:
            if point.metric == name and query.begin <= point.minute < query.end:
                known = dict(point.dimensions)
                data: Json = {"timeStamp": point.minute.isoformat()}
                data |= {} if point.value is None else {"average": point.value}
                series.setdefault(tuple(known[one] for one in query.split), []).append(data)
        return {
            "id": f"{resource}/providers/Microsoft.Insights/metrics/{name}", "type": "Microsoft.Insights/metrics",
            "name": {"value": name, "localizedValue": name}, "unit": "Count", "errorCode": "Success",
            "timeseries": [
                # Azure gives the names of dimensions in small letters.
                {"metadatavalues": [{"name": {"value": name.lower(), "localizedValue": name}, "value": value}
                                    for name, value in zip(query.split, values, strict=True)],
                 "data": data}
                for values, data in list(series.items())[: query.top]
            ],
        }  # fmt: skip


def _query(request: Request) -> _Query:
    query = request.query
    names, split = query["metricnames"].split(","), [one["name"] for one in _CLAUSE.finditer(query.get("$filter", ""))]
    begin, end = (datetime.fromisoformat(one) for one in query["timespan"].split("/"))
    wrong = [f"no metric {one}" for one in names if one not in _DIMENSIONS]
    wrong += [f"{one} has no dimension {part}" for one in names for part in split
              if part not in _DIMENSIONS.get(one, ())]  # fmt: skip
    if query.get("aggregation") != "Average" or query.get("interval") != "PT1M" or begin >= end:
        wrong.append("only the average of a minute is measured, and time goes on")
    if query.get("metricnamespace", _NAMESPACE) != _NAMESPACE:
        wrong.append("no such namespace")
    if wrong:
        raise arm.refused(400, "BadRequest", "; ".join(wrong))
    return _Query(names=names, split=split, begin=begin, end=end, top=int(query.get("top", _TOP_BY_DEFAULT)))
