"""Slowness and errors of a production endpoint raise an alert.

What: in production an alert that is not off is about the endpoint: a metric alert of Azure Monitor on its request
latency or its requests by status, a log alert whose query names it, or an alert policy of Google Cloud on the errors
or latencies of online predictions, of this endpoint or of all.

Why: whoever calls an endpoint notices first, unless something else does.

Fix: set ``monitoring.enabled: true`` in groundplan.yaml; ``monitoring.endpoint`` holds the limits.
"""

from collections.abc import Mapping
from functools import lru_cache

from ..environments import only_in_production
from ..graph import Graph
from ..outcome import failed, passed, unknown
from ..project import hides
from ..resource import Resource
from ..rule import Example, Facts, ResourceRule, Said, Severity

AZURE = "azure-native:machinelearningservices:OnlineEndpoint"
VERTEX = "gcp:vertex/aiEndpoint:AiEndpoint"
METRIC = "azure-native:monitor:MetricAlert"
LOG = "azure-native:monitor:ScheduledQueryRule"
POLICY = "gcp:monitoring/alertPolicy:AlertPolicy"
FILTER = "conditions[].conditionThreshold.filter"
EXPECTED = "an alert on its latency or its errors"
_ONLINE = "aiplatform.googleapis.com/prediction/online/"
_METRICS = (f"{_ONLINE}error_count", f"{_ONLINE}prediction_latencies", f"{_ONLINE}response_count")
_OF_AZURE = ("requestlatency", "requestsperminute")


def _check(resource: Resource, facts: Facts) -> Said:
    alerts, unsure = _azure(resource, facts) if resource.type == AZURE else _google(resource, facts)
    found = next((one for one in alerts if one.get("enabled") is not False), None)
    if found is not None:
        return passed("", found.name)
    return unknown("", EXPECTED) if unsure else failed("", "no alert", EXPECTED)


def _azure(resource: Resource, facts: Facts) -> tuple[list[Resource], bool]:
    metrics = facts.graph.references(METRIC, "scopes[]")
    queries = facts.graph.references(LOG, "criteria.allOf[].query")
    scoped = metrics.to(resource)
    about = [one for one in scoped if _is_about_requests(one)]
    unsure = metrics.unsure or queries.unsure or any(hides(one.get("criteria")) for one in scoped)
    return [*about, *queries.to(resource)], bool(unsure)


def _is_about_requests(alert: Resource) -> bool:
    names = (str(name).lower() for _path, name in alert.each("criteria.allOf[].metricName"))
    return any(name.startswith(_OF_AZURE) for name in names)


def _google(resource: Resource, facts: Facts) -> tuple[list[Resource], bool]:
    policies = facts.graph.references(POLICY, FILTER)
    own = [one for one in policies.to(resource) if any(_is_about_predictions(text) for text in _filters(one))]
    return [*own, *_of_all_endpoints(facts.graph)], bool(policies.unsure)


@lru_cache(maxsize=4)
def _of_all_endpoints(graph: Graph) -> tuple[Resource, ...]:
    """The alert policies on predictions whose filter names no endpoint, found once for a graph."""
    return tuple(
        one
        for one in graph.of(POLICY)
        if any(_is_about_predictions(text) and "endpoint_id" not in text for text in _filters(one))
    )


def _filters(policy: Resource) -> list[str]:
    return [str(text) for _path, text in policy.each(FILTER)]


def _is_about_predictions(text: str) -> bool:
    return any(name in text for name in _METRICS)


_AZURE = {"type": AZURE, "name": "churn", "properties": {"endpointName": "churn-1"}}
_GOOGLE = {"type": VERTEX, "name": "churn", "properties": {"name": "4711"}}


def _metric(metric: str, scope: str = "${churn.id}", **more: object) -> Mapping[str, object]:
    criteria = {"allOf": [{"metricName": metric}]}
    return {"type": METRIC, "name": "alert", "properties": {"scopes": [scope], "criteria": criteria, **more}}


def _policy(filter: str) -> Mapping[str, object]:
    conditions = [{"conditionThreshold": {"filter": filter}}]
    return {"type": POLICY, "name": "alert", "properties": {"conditions": conditions}}


def _query(text: str) -> Mapping[str, object]:
    return {"type": LOG, "name": "alert", "properties": {"criteria": {"allOf": [{"query": text}]}}}


_OF_4711 = 'resource.labels.endpoint_id = "4711" AND '
_OF_4712 = _OF_4711.replace("4711", "4712")
_ERRORS = f'metric.type = "{_METRICS[0]}"'

RULE = ResourceRule(
    id="MLG-032",
    title="Latency or error alert for each production endpoint",
    severity=Severity.MEDIUM,
    scope="graph",
    types=(AZURE, VERTEX),
    check=only_in_production(_check),
    relates_to=("NIST-AI-RMF MEASURE 2.5", "DORA 10", "SOC2 A1.1"),
    packs=("governance",),
    remedy="monitoring: {enabled: true, alerts: [oncall@example.com]}",
    failing=(
        Example(name="no alert", resources=[_AZURE]),
        Example(name="an alert on processors", resources=[_AZURE, _metric("CpuUtilizationPercentage")]),
        Example(name="an alert that is off", resources=[_AZURE, _metric("RequestLatency_P95", enabled=False)]),
        Example(
            name="an alert of another endpoint",
            resources=[_GOOGLE, _policy(_OF_4712 + _ERRORS)],
        ),
        Example(name="Google Cloud without one", resources=[_GOOGLE]),
    ),
    passing=(
        Example(name="on latency", resources=[_AZURE, _metric("RequestLatency_P95")]),
        Example(
            name="a query that names it",
            resources=[_AZURE, _query('AmlOnlineEndpointTrafficLog | where EndpointName == "churn-1"')],
        ),
        Example(name="on this endpoint's errors", resources=[_GOOGLE, _policy(_OF_4711 + _ERRORS)]),
        Example(name="on the errors of all endpoints", resources=[_GOOGLE, _policy(_ERRORS)]),
    ),
)
