"""What versions did at an endpoint, as Cloud Monitoring has it.

Metrics and labels: https://cloud.google.com/monitoring/api/metrics_gcp (aiplatform, prediction/online).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from ...core import clock
from ..contract.traffic import Observation
from ..patience import Patience
from . import naming, sharing
from .calls import Calls
from .client import address_of

_PREFIX: Final = "aiplatform.googleapis.com/prediction/online"
_SHORTEST: Final = 60
"""The shortest stretch of time that Cloud Monitoring can be asked about, in seconds; it measures once in it."""
_ID: Final = "deployed_model_id"
_NAME: Final = "model_display_name"


@dataclass(kw_only=True)
class _Found:
    requests: int = 0
    errors: int = 0
    latencies: dict[int, float] = field(default_factory=dict[int, float])


@dataclass(frozen=True, kw_only=True)
class _Question:
    """Which series are wanted, how those of each time are drawn together, and by which labels they stay apart."""

    metric: str
    reducer: str
    by: tuple[str, ...]
    where: str = ""


def observe(calls: Calls, endpoint: Any, since: str, until: str, patience: Patience) -> Sequence[Observation]:
    """Each version that is there or of which something is known; the slower latency where it was deployed twice."""
    end = clock.from_text(until) if until else clock.now()
    versions = {one.id: number for number, all in sharing.by_version(endpoint).items() for one in all}
    found: dict[int, _Found] = defaultdict(_Found, {number: _Found() for number in versions.values()})
    seconds = math.ceil((end - clock.from_text(since)).total_seconds())
    if seconds >= _SHORTEST:
        asking = _Asking(calls=calls, endpoint=endpoint, since=since, until=end, seconds=seconds, patience=patience)
        for labels, value in asking.answered(_counts(endpoint)):
            version = _version(labels, versions)
            if version is not None:
                found[version].requests += int(value)
                found[version].errors += int(value) if labels["response_code"].startswith("5") else 0
        for percent in (50, 95):
            for labels, value in asking.answered(_latency(endpoint, percent)):
                version = _version(labels, versions)
                if version is not None:
                    known = found[version].latencies
                    known[percent] = max(value, known.get(percent, 0.0))
    return [
        Observation(
            version=version,
            since=since,
            requests=one.requests,
            errors=one.errors,
            latency_p50_ms=one.latencies.get(50),
            latency_p95_ms=one.latencies.get(95),
        )
        for version, one in sorted(found.items())
    ]


@dataclass(frozen=True, kw_only=True)
class _Asking:
    calls: Calls
    endpoint: Any
    since: str
    until: datetime
    seconds: int
    patience: Patience

    def answered(self, question: _Question) -> Iterator[tuple[Mapping[str, str], float]]:
        """The labels and the value of each series, page by page."""
        token = ""
        while True:
            page = self._page(question, token)
            for series in page.get("timeSeries", []):
                for point in series["points"]:
                    value = point["value"]
                    yield series["metric"]["labels"], float(value.get("int64Value") or value.get("doubleValue") or 0)
            token = page.get("nextPageToken", "")
            if not token:
                return

    def _page(self, question: _Question, token: str) -> Mapping[str, Any]:
        project, id = self.endpoint.name.split("/")[1], self.endpoint.name.rpartition("/")[2]
        wanted: dict[str, object] = {
            "filter": f'metric.type = "{question.metric}" AND resource.type = "aiplatform.googleapis.com/Endpoint" '
            f'AND resource.labels.endpoint_id = "{id}"{question.where}',
            "interval.startTime": self.since,
            "interval.endTime": clock.to_text(self.until),
            "aggregation.alignmentPeriod": f"{self.seconds}s",
            "aggregation.perSeriesAligner": "ALIGN_DELTA",
            "aggregation.crossSeriesReducer": question.reducer,
            "aggregation.groupByFields": [f"metric.labels.{one}" for one in question.by],
            "view": "FULL",
            **({"pageToken": token} if token else {}),
        }
        url = f"{address_of('monitoring', 'monitoring.googleapis.com')}/v3/projects/{project}/timeSeries"
        return self.calls.ask(
            lambda: self.calls.of(self.endpoint.name).get(url, **wanted),
            self.patience,
            doing="read the endpoint's metrics",
            resource=self.endpoint.name,
        )


def _is_private(endpoint: Any) -> bool:
    """Whether its requests come from its own network: they are counted in metrics of their own, with fewer labels."""
    return bool(endpoint.network or endpoint.private_service_connect_config.enable_private_service_connect)


def _counts(endpoint: Any) -> _Question:
    if _is_private(endpoint):
        return _Question(metric=f"{_PREFIX}/private/response_count", reducer="REDUCE_SUM", by=(_ID, "response_code"))
    return _Question(metric=f"{_PREFIX}/response_count", reducer="REDUCE_SUM", by=(_ID, _NAME, "response_code"))


def _latency(endpoint: Any, percent: int) -> _Question:
    reducer = f"REDUCE_PERCENTILE_{percent}"
    if _is_private(endpoint):
        return _Question(metric=f"{_PREFIX}/private/prediction_latencies", reducer=reducer, by=(_ID,))
    return _Question(
        metric=f"{_PREFIX}/prediction_latencies", reducer=reducer, by=(_ID, _NAME),
        where=' AND metric.labels.latency_type = "total"',
    )  # fmt: skip


def _version(labels: Mapping[str, str], there: Mapping[str, int]) -> int | None:
    """The version of a series; one that was taken off is known by its name alone."""
    if labels[_ID] in there:
        return there[labels[_ID]]
    named = naming.deployed_version(labels.get(_NAME, ""))
    return None if named is None else int(named[1])
