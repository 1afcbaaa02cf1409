"""Who did what in a workspace is logged.

What: a ``DiagnosticSetting`` names the workspace, has at least one category of logs enabled, and sends them to a Log
Analytics workspace, a storage account, an event hub or a partner.

Why: Azure keeps a workspace's resource logs nowhere unless told where; after an incident there is nothing to read.

Fix: groundplan does so by itself. Elsewhere add a ``DiagnosticSetting`` for the workspace.

Decided: metrics alone are not logs, so a setting that sends only them fails.
"""

from ..azure import DIAGNOSTICS, logged
from ..rule import Example, ResourceRule, Severity

WORKSPACE = "azure-native:machinelearningservices:Workspace"
_WORKSPACE = {"type": WORKSPACE, "name": "ml", "properties": {"workspaceName": "mlw-churn"}}
_LOGS = [{"categoryGroup": "allLogs", "enabled": True}]


def _setting(**properties: object) -> dict[str, object]:
    return {"type": DIAGNOSTICS, "name": "logs", "properties": {"resourceUri": "${ml.id}", **properties}}


RULE = ResourceRule(
    id="AML-07",
    title="Diagnostic logs of the workspace",
    severity=Severity.MEDIUM,
    scope="graph",
    types=(WORKSPACE,),
    check=logged(),
    covers=(
        "azp:afe0c3be-ba3b-4544-ba52-0c99672a8ad6",
        "azp:f59276f0-5740-4aaf-821d-45d185aa210e",
        "machinelearning/workspaceLoggingEnabled",
        "MCSB:LT-3",
    ),
    packs=("baseline", "hardened"),
    failing=(
        Example(name="no setting", resources=[_WORKSPACE]),
        Example(
            name="metrics alone",
            resources=[_WORKSPACE, _setting(workspaceId="law", metrics=[{"category": "AllMetrics", "enabled": True}])],
        ),
        Example(
            name="logs switched off",
            resources=[_WORKSPACE, _setting(workspaceId="law", logs=[{"category": "AmlRunEvent", "enabled": False}])],
        ),
        Example(name="sent nowhere", resources=[_WORKSPACE, _setting(logs=_LOGS)]),
    ),
    passing=(
        Example(name="to a workspace", resources=[_WORKSPACE, _setting(workspaceId="law", logs=_LOGS)]),
        Example(name="to an event hub", resources=[_WORKSPACE, _setting(eventHubAuthorizationRuleId="r", logs=_LOGS)]),
    ),
)
