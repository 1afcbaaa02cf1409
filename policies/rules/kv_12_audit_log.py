"""Who used which key or secret of a vault can be looked up.

What: a diagnostic setting of the vault sends AuditEvent logs, by name or in the groups audit or allLogs, to a
workspace, a storage account or an event hub.

Why: after a leak the first question is who read the secret, and without the log nobody can tell.

Fix: add a ``DiagnosticSetting`` of the vault with the group allLogs; groundplan always does.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..azure import DIAGNOSTICS, logged
from ..rule import Example, ResourceRule, Severity

VAULT = "azure-native:keyvault:Vault"

_VAULT: Mapping[str, object] = {
    "type": VAULT,
    "name": "vault",
    "properties": {"vaultName": "kv-churn", "properties": {}},
}


def _setting(**log: object) -> Mapping[str, object]:
    properties = {"resourceUri": "${vault.id}", "logs": [log], "workspaceId": "/subscriptions/s/logs"}
    return {"type": DIAGNOSTICS, "name": "vault-logs", "properties": properties}


RULE = ResourceRule(
    id="KV-12",
    title="Use of a key vault is logged",
    severity=Severity.MEDIUM,
    scope="graph",
    types=(VAULT,),
    check=logged("AuditEvent"),
    covers=(
        "azp:AuditDiagnosticLog_Audit",
        "Azure.KeyVault.Logs",
        "keyvault_logging_enabled",
    ),
    packs=("baseline", "hardened"),
    failing=(
        Example(name="nothing is logged", resources=[_VAULT]),
        Example(name="the log is off", resources=[_VAULT, _setting(category="AuditEvent", enabled=False)]),
        Example(
            name="another log", resources=[_VAULT, _setting(category="AzurePolicyEvaluationDetails", enabled=True)]
        ),
    ),
    passing=(
        Example(name="by name", resources=[_VAULT, _setting(category="AuditEvent", enabled=True)]),
        Example(name="in a group", resources=[_VAULT, _setting(categoryGroup="allLogs", enabled=True)]),
    ),
)
