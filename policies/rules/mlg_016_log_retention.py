"""What endpoints log is kept as long as it must be.

What: where the system is of high risk, what takes the logs of an endpoint keeps them for the setting ``days``: the Log
Analytics workspace that diagnostic settings of an Azure ML endpoint name (``retentionInDays``), the BigQuery dataset
that a Vertex AI endpoint logs to (``defaultTableExpirationMs`` and ``defaultPartitionExpirationMs``, which absent mean
for ever), the log bucket that a sink for Vertex AI fills (``retentionDays``). For other systems the setting
``days_otherwise``, 0 for none.

Why: the EU AI Act asks who provides and who deploys such a system to keep its logs for at least six months.

Fix: keep them longer: an ``overrides`` entry for ``retentionInDays`` or ``retentionDays`` in groundplan.yaml.

Decided: where nothing says the risk of a system, neither config nor tag, the rule is silent; MLG-021 and MLG-050 ask
for it. Log Analytics keeps 30 days where nothing is said, a log bucket too.
"""

from collections.abc import Mapping

from ..conditions import all_of, at_least, satisfies
from ..conditions import number as as_number
from ..outcome import not_applicable
from ..project import is_high_risk, mapping
from ..resource import Resource
from ..rule import Example, Facts, Option, ResourceRule, Said, Severity
from ..values import ABSENT

TABLES = "gcp:bigquery/dataset:Dataset"
LOGS = "azure-native:operationalinsights:Workspace"
BUCKET = "gcp:logging/projectBucketConfig:ProjectBucketConfig"
ENDPOINT = "azure-native:machinelearningservices:OnlineEndpoint"
SETTING = "azure-native:monitor:DiagnosticSetting"
VERTEX = "gcp:vertex/aiEndpoint:AiEndpoint"
SINK = "gcp:logging/projectSink:ProjectSink"
_OUTPUT = "predictRequestResponseLoggingConfig.bigqueryDestination.outputUri"
_DAY_MS = 86_400_000


def _check(resource: Resource, facts: Facts) -> Said:
    days = _needed(resource, facts)
    if not days:
        return not_applicable("nothing asks for it")
    if not _takes_logs(resource, facts):
        return not_applicable("no endpoint logs to it")
    if resource.type != TABLES:
        path = "retentionInDays" if resource.type == LOGS else "retentionDays"
        return at_least(path, days, absent=30)(resource, facts)
    return all_of(*(_kept(path, days) for path in ("defaultTableExpirationMs", "defaultPartitionExpirationMs")))(
        resource, facts
    )


def _kept(path: str, days: float):
    def long_enough(value: object) -> bool:
        return value == "never" or as_number(value) >= days * _DAY_MS

    return satisfies(path, long_enough, f"at least {days * _DAY_MS:.0f}", absent="never")


def _needed(resource: Resource, facts: Facts) -> float:
    tier = mapping(resource.tags).get("risk-tier", "")
    if tier == "high" or (facts.config is not None and is_high_risk(facts.config)):
        return facts.number("days")
    return facts.number("days_otherwise")


def _takes_logs(resource: Resource, facts: Facts) -> bool:
    graph = facts.graph
    if resource.type == TABLES:
        return bool(graph.referring(resource, VERTEX, _OUTPUT))
    if resource.type == LOGS:
        settings = graph.referring(resource, SETTING, "workspaceId")
        return any(graph.targets(one, "resourceUri", ENDPOINT) for one in settings)
    sinks = graph.referring(resource, SINK, "destination")
    return any(one.get("filter") in (ABSENT, "") or "aiplatform" in str(one.get("filter")) for one in sinks)


_HIGH = {"governance": {"risk_tier": "high"}}


def _azure(name: str, properties: Mapping[str, object], config: Mapping[str, object] = _HIGH) -> Example:
    setting = {"resourceUri": "${churn.id}", "workspaceId": "${logs.id}"}
    return Example(
        name=name,
        config=config,
        resources=[
            {"type": LOGS, "name": "logs", "properties": properties},
            {"type": ENDPOINT, "name": "churn", "properties": {"endpointName": "churn"}},
            {"type": SETTING, "name": "diagnostics", "properties": setting},
        ],
    )


def _tables(name: str, properties: Mapping[str, object]) -> Example:
    logging = {"bigqueryDestination": {"outputUri": "bq://acme.churn_requests.churn"}}
    return Example(
        name=name,
        config=_HIGH,
        resources=[
            {"type": TABLES, "name": "requests", "properties": {"datasetId": "churn_requests", **properties}},
            {"type": VERTEX, "name": "churn", "properties": {"predictRequestResponseLoggingConfig": logging}},
        ],
    )


def _bucket(name: str, days: int) -> Example:
    destination = "logging.googleapis.com/projects/acme/locations/europe-west4/buckets/churn-prod"
    return Example(
        name=name,
        config=_HIGH,
        resources=[
            {"type": BUCKET, "name": "logs", "properties": {"bucketId": "churn-prod", "retentionDays": days}},
            {"type": SINK, "name": "sink", "properties": {"destination": destination}},
        ],
    )


RULE = ResourceRule(
    id="MLG-016",
    title="Inference logs are kept for the required period",
    severity=Severity.HIGH,
    scope="graph",
    types=(TABLES, LOGS, BUCKET),
    check=_check,
    relates_to=("EU-AI-Act 19(1)", "EU-AI-Act 26(6)", "ISO-42001 A.6.2.8", "SOC2 CC7.2"),
    packs=("governance",),
    remedy="overrides: {foundation-logs: {retentionInDays: 180}}",
    options={
        "days": Option(default=180, help="how many days the logs of a system of high risk are kept"),
        "days_otherwise": Option(default=0, help="how many days the logs of other systems are; 0: not asked"),
    },
    failing=(
        _azure("three months", {"retentionInDays": 90}),
        _azure("Azure's default", {}),
        _tables("a month", {"defaultTableExpirationMs": 30 * _DAY_MS}),
        _bucket("a month", 30),
    ),
    passing=(
        _azure("half a year", {"retentionInDays": 180}),
        _tables("for ever", {}),
        _tables("half a year", {"defaultTableExpirationMs": 180 * _DAY_MS}),
        _bucket("a year", 365),
    ),
)
