"""Who asked an Azure AI services account what is logged.

What: a ``DiagnosticSetting`` names the account, has at least one category of logs enabled, and sends them to a Log
Analytics workspace, a storage account, an event hub or a partner.

Why: Azure keeps an account's resource logs nowhere unless told where; after an incident there is nothing to read, and
the EU AI Act asks for records of a high-risk system's operation.

Fix: add a ``DiagnosticSetting`` for the account.
"""

from ..azure import DIAGNOSTICS, logged
from ..rule import Example, ResourceRule, Severity

ACCOUNT = "azure-native:cognitiveservices:Account"
_ACCOUNT = {"type": ACCOUNT, "name": "ai", "properties": {"accountName": "ai-churn"}}
_LOGS = [{"category": "RequestResponse", "enabled": True}]


def _setting(**properties: object) -> dict[str, object]:
    return {"type": DIAGNOSTICS, "name": "logs", "properties": {"resourceUri": "${ai.id}", **properties}}


RULE = ResourceRule(
    id="AIS-07",
    title="Diagnostic logs of AI services",
    severity=Severity.MEDIUM,
    scope="graph",
    types=(ACCOUNT,),
    check=logged(),
    covers=(
        "azp:1b4d1c4e-934c-4703-944c-27c82c06bebb",
        "openai/accountDiagnosticLogging",
        "EU-AI-Act:12.1",
        "EU-AI-Act:12.2",
        "NIST-AI-RMF",
    ),
    packs=("baseline", "hardened"),
    failing=(
        Example(name="no setting", resources=[_ACCOUNT]),
        Example(
            name="metrics alone",
            resources=[_ACCOUNT, _setting(workspaceId="law", metrics=[{"category": "AllMetrics", "enabled": True}])],
        ),
        Example(name="sent nowhere", resources=[_ACCOUNT, _setting(logs=_LOGS)]),
    ),
    passing=(Example(name="to a workspace", resources=[_ACCOUNT, _setting(workspaceId="law", logs=_LOGS)]),),
)
