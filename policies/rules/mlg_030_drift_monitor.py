"""Every production endpoint is watched for drift.

What: in production a schedule of Azure ML with the action CreateMonitor is enabled, targets the endpoint or a
deployment of it, and has a signal for drift (DataDrift, PredictionDrift, FeatureAttributionDrift). Where the
endpoint's deployments are made by the lifecycle and not by the plan, and on Vertex AI, whose monitors are no resource
of any provider, ``monitoring.enabled`` of the config decides.

Why: models fail quietly: the world changes, the answers go on, and nobody sees an error.

Fix: set ``monitoring.enabled: true`` in groundplan.yaml.

Decided: without a config nothing tells whether a Vertex AI endpoint is watched; that is reported as unknown, not as a
failure.
"""

from collections.abc import Mapping

from ..conditions import folded
from ..environments import only_in_production
from ..outcome import Outcome, failed, passed, unknown
from ..project import hides, mapping
from ..resource import Resource
from ..rule import Example, Facts, ResourceRule, Said, Severity

AZURE = "azure-native:machinelearningservices:OnlineEndpoint"
DEPLOYMENT = "azure-native:machinelearningservices:OnlineDeployment"
SCHEDULE = "azure-native:machinelearningservices:Schedule"
VERTEX = "gcp:vertex/aiEndpoint:AiEndpoint"
TARGET = "properties.action.monitorDefinition.monitoringTarget"
SIGNALS = "properties.action.monitorDefinition.signals"
EXPECTED = "a monitor of drift"
_DRIFT = ("datadrift", "predictiondrift", "featureattributiondrift")


def _check(resource: Resource, facts: Facts) -> Said:
    if resource.type == VERTEX:
        return unknown("", EXPECTED) if facts.config is None else _of_config(facts)
    monitors = facts.graph.references(SCHEDULE, TARGET)
    found = monitors.to(resource)
    if any(_watches(one) for one in found):
        return passed("", EXPECTED)
    if monitors.unsure or any(hides(one.get(SIGNALS)) for one in found):
        return unknown("", EXPECTED)
    if facts.config is not None and not facts.graph.referring(resource, DEPLOYMENT, "endpointName"):
        return _of_config(facts)
    return failed("", "no monitor", EXPECTED)


def _of_config(facts: Facts) -> Outcome:
    path = "monitoring.enabled"
    on = facts.config is not None and facts.config.get(path) is True
    return passed(path, True) if on else failed(path, False, "true")


def _watches(schedule: Resource) -> bool:
    signals = mapping(schedule.get(SIGNALS)).values()
    kinds = {folded(mapping(one).get("signalType")) for one in signals}
    action = folded(schedule.get("properties.action.actionType"))
    return action == "createmonitor" and schedule.get("properties.isEnabled") is not False and bool(kinds & {*_DRIFT})


def _monitor(signal: str, deployment: str = "azureml:churn-1:blue", **more: object) -> Mapping[str, object]:
    definition = {"monitoringTarget": {"deploymentId": deployment}, "signals": {"one": {"signalType": signal}}}
    properties = {"action": {"actionType": "CreateMonitor", "monitorDefinition": definition}, **more}
    return {"type": SCHEDULE, "name": "drift", "properties": {"properties": properties}}


def _azure(name: str, *more: Mapping[str, object], **given: object) -> Example:
    endpoint = {"type": AZURE, "name": "churn", "properties": {"endpointName": "churn-1"}}
    blue = {"type": DEPLOYMENT, "name": "blue", "properties": {"endpointName": "churn-1"}}
    return Example(name=name, resources=[endpoint, blue, *more], **given)  # pyright: ignore[reportArgumentType]


def _config(name: str, type: str, on: bool) -> Example:
    resource = {"type": type, "name": "churn", "properties": {"name": "churn-1"}}
    return Example(name=name, resources=[resource], config={"monitoring": {"enabled": on}})


_ARM = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w"

RULE = ResourceRule(
    id="MLG-030",
    title="Every production endpoint has a drift monitor",
    severity=Severity.CRITICAL,
    scope="graph",
    types=(AZURE, VERTEX),
    check=only_in_production(_check),
    relates_to=(
        "EU-AI-Act 72",
        "EU-AI-Act 15(4)",
        "NIST-AI-RMF MEASURE 2.4",
        "NIST-AI-RMF MANAGE 4.1",
        "ISO-42001 A.6.2.6",
        "ISO-42001 9.1",
        "SR-11-7 VI",
    ),
    packs=("governance",),
    remedy="monitoring: {enabled: true}",
    failing=(
        _azure("no monitor"),
        _azure("a monitor of quality alone", _monitor("DataQuality")),
        _azure("a monitor that is off", _monitor("DataDrift", isEnabled=False)),
        _azure("a monitor of another endpoint", _monitor("DataDrift", "azureml:churn-12:blue")),
        _config("Vertex AI, off in the config", VERTEX, on=False),
        _config("Azure ML without a deployment, off in the config", AZURE, on=False),
    ),
    passing=(
        _azure("by a short name", _monitor("DataDrift")),
        _azure("by an id", _monitor("PredictionDrift", f"{_ARM}/onlineEndpoints/churn-1/deployments/blue")),
        _config("Vertex AI, on in the config", VERTEX, on=True),
        _config("Azure ML without a deployment, on in the config", AZURE, on=True),
    ),
)
