"""Workspaces, endpoints and deployments of Azure ML send their logs and telemetry somewhere.

What: a diagnostic setting with an enabled log (a category, or ``allLogs`` or ``audit``) and a destination names the
workspace, and one the online endpoint; ``appInsightsEnabled`` of each online deployment is true, which Azure does not
do by itself. A workspace of the kind Project logs at its hub.

Why: what was not written down when it happened cannot be looked into afterwards.

Fix: groundplan makes these itself; ``monitoring.enabled: true`` adds what the endpoints need. On other programs add a
``DiagnosticSetting``.

Decided: the categories of endpoints (AmlOnlineEndpoint…) belong to the endpoint's own diagnostic settings and not to
the workspace's, so each is asked for its own.
"""

from collections.abc import Mapping

from ..conditions import equals, is_set, outcomes_of, referenced
from ..outcome import Outcome, Verdict, failed, not_applicable, unknown, worst
from ..project import entries, hides
from ..resource import Resource
from ..rule import Example, Facts, ResourceRule, Said, Severity, example

WORKSPACE = "azure-native:machinelearningservices:Workspace"
ENDPOINT = "azure-native:machinelearningservices:OnlineEndpoint"
DEPLOYMENT = "azure-native:machinelearningservices:OnlineDeployment"
SETTING = "azure-native:monitor:DiagnosticSetting"
_SINKS = ("workspaceId", "storageAccountId", "eventHubAuthorizationRuleId", "marketplacePartnerId")


def _logs(setting: Resource, facts: Facts) -> Outcome:
    logs = setting.get("logs")
    if not any(one.get("enabled", True) is True for one in entries(logs)):
        return unknown("logs", "an enabled log") if hides(logs) else failed("logs", "none is enabled", "an enabled log")
    sinks = [worst(outcomes_of(is_set(name, "a destination")(setting, facts))) for name in _SINKS]
    return next((one for one in sinks if one.verdict is not Verdict.FAIL), sinks[0])


_logged = referenced(SETTING, "resourceUri", "a diagnostic setting with an enabled log", by=_logs)
_traced = equals("properties.appInsightsEnabled", True, absent=False)


def _check(resource: Resource, facts: Facts) -> Said:
    if resource.type == DEPLOYMENT:
        return _traced(resource, facts)
    if resource.type == WORKSPACE and str(resource.get("kind")).lower() == "project":
        return not_applicable("it logs at its hub")
    return _logged(resource, facts)


def _setting(**properties: object) -> Mapping[str, object]:
    given = {"resourceUri": "${ml.id}", "workspaceId": "/subscriptions/s/workspaces/logs", **properties}
    return {"type": SETTING, "name": "diagnostics", "properties": given}


_ALL = [{"categoryGroup": "allLogs", "enabled": True}]
_ML = {"type": WORKSPACE, "name": "ml", "properties": {"workspaceName": "mlw-churn"}}
_ONLINE = {"type": ENDPOINT, "name": "ml", "properties": {"endpointName": "churn-1"}}

RULE = ResourceRule(
    id="MLG-035",
    title="Telemetry and diagnostics of workspaces and endpoints wired",
    severity=Severity.HIGH,
    scope="graph",
    types=(WORKSPACE, ENDPOINT, DEPLOYMENT),
    check=_check,
    relates_to=("MCSB LT-3", "EU-AI-Act 12"),
    packs=("governance",),
    remedy="monitoring: {enabled: true}",
    failing=(
        Example(name="no setting", resources=[_ML]),
        Example(name="metrics alone", resources=[_ML, _setting(metrics=[{"category": "AllMetrics", "enabled": True}])]),
        Example(name="no destination", resources=[_ONLINE, _setting(logs=_ALL, workspaceId="")]),
        example("Azure's default", DEPLOYMENT, {"properties": {"model": "azureml:churn:3"}}),
    ),
    passing=(
        Example(name="a workspace", resources=[_ML, _setting(logs=_ALL)]),
        Example(
            name="an endpoint's traffic",
            resources=[_ONLINE, _setting(logs=[{"category": "AmlOnlineEndpointTrafficLog", "enabled": True}])],
        ),
        example("a deployment", DEPLOYMENT, {"properties": {"appInsightsEnabled": True}}),
    ),
)
