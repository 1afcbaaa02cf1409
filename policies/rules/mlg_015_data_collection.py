"""Production endpoints keep what they were asked and what they answered, encrypted.

What: in production an online deployment of Azure ML collects ``model_inputs`` and ``model_outputs``; a Vertex AI
endpoint logs requests and responses with a sampling rate above 0. The BigQuery dataset that takes them has a
customer-managed key where the data is restricted.

Why: without what was asked nobody can see drift, explain an answer or look into a complaint.

Fix: set ``endpoints.<name>.log_sample`` above 0 in groundplan.yaml, and ``encryption: {}`` for restricted data.
"""

from collections.abc import Mapping

from ..conditions import all_of, equals, is_set, outcomes_of, satisfies
from ..conditions import number as as_number
from ..environments import only_in_production
from ..outcome import Outcome, passed
from ..project import classifications, mapping
from ..resource import Resource
from ..rule import Example, Facts, ResourceRule, Said, Severity, example

DEPLOYMENT = "azure-native:machinelearningservices:OnlineDeployment"
ENDPOINT = "gcp:vertex/aiEndpoint:AiEndpoint"
TABLES = "gcp:bigquery/dataset:Dataset"
_COLLECTIONS = "properties.dataCollector.collections"
_LOGGING = "predictRequestResponseLoggingConfig"

_collects = all_of(
    *(
        equals(f"{_COLLECTIONS}.{name}.dataCollectionMode", "Enabled", absent="Disabled")
        for name in ("model_inputs", "model_outputs")
    )
)
_logs = all_of(
    equals(f"{_LOGGING}.enabled", True, absent=False),
    satisfies(f"{_LOGGING}.samplingRate", lambda rate: as_number(rate) > 0, "above 0", absent=0),
)


def _check(resource: Resource, facts: Facts) -> Said:
    if resource.type == DEPLOYMENT:
        return _collects(resource, facts)
    return [*outcomes_of(_logs(resource, facts)), *_of_tables(resource, facts)]


def _of_tables(resource: Resource, facts: Facts) -> list[Outcome]:
    if not _is_restricted(resource, facts):
        return []
    path = f"{_LOGGING}.bigqueryDestination.outputUri"
    tables = facts.graph.targets(resource, path, TABLES)
    key = is_set("defaultEncryptionConfiguration.kmsKeyName", "a customer-managed key")
    judged = [outcome for one in tables for outcome in outcomes_of(key(one, facts))]
    return judged or [passed(path)]


def _is_restricted(resource: Resource, facts: Facts) -> bool:
    words = set(classifications(facts.config).values()) if facts.config is not None else set[str]()
    return "restricted" in words or mapping(resource.tags).get("data-classification") == "restricted"


def _collected(mode: str) -> Mapping[str, object]:
    names = ("model_inputs", "model_outputs")
    return {"properties": {"dataCollector": {"collections": {one: {"dataCollectionMode": mode} for one in names}}}}


def _logged(rate: float) -> Mapping[str, object]:
    destination = {"outputUri": "bq://acme.churn_requests.churn"}
    return {_LOGGING: {"enabled": True, "samplingRate": rate, "bigqueryDestination": destination}}


def _restricted(name: str, key: Mapping[str, object]) -> Example:
    endpoint = {**_logged(0.1), "labels": {"data-classification": "restricted"}}
    return Example(
        name=name,
        resources=[
            {"type": ENDPOINT, "name": "churn", "properties": endpoint},
            {"type": TABLES, "name": "requests", "properties": {"datasetId": "churn_requests", **key}},
        ],
    )


RULE = ResourceRule(
    id="MLG-015",
    title="Data collection of production endpoints on and encrypted",
    severity=Severity.HIGH,
    scope="graph",
    types=(DEPLOYMENT, ENDPOINT),
    check=only_in_production(_check),
    relates_to=(
        "EU-AI-Act 12",
        "EU-AI-Act 19",
        "EU-AI-Act 26(6)",
        "NIST-AI-RMF MEASURE 2.4",
        "NIST-AI-RMF MANAGE 4.1",
        "ISO-42001 A.6.2.8",
    ),
    packs=("governance",),
    remedy="endpoints: {churn: {log_sample: 0.1}}",
    failing=(
        example("nothing is collected", DEPLOYMENT, _collected("Disabled")),
        example("no collector", DEPLOYMENT, {"properties": {}}),
        example("no log", ENDPOINT, {}),
        example("nothing is sampled", ENDPOINT, _logged(0)),
        _restricted("restricted data with the cloud's own key", {}),
    ),
    passing=(
        example("both are collected", DEPLOYMENT, _collected("Enabled")),
        example("a sample", ENDPOINT, _logged(0.1)),
        _restricted(
            "restricted data with an own key", {"defaultEncryptionConfiguration": {"kmsKeyName": "projects/p"}}
        ),
    ),
)
