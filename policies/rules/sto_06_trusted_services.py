"""The firewall of a storage account lets Azure's trusted services through.

What: ``networkRuleSet.bypass`` holds AzureServices. Where the property is absent Azure takes AzureServices.

Why: backup, monitoring and Azure ML itself reach the account as trusted services; without the exception they stop,
and people open the account for all instead.

Fix: add AzureServices to ``networkRuleSet.bypass``, or remove the property; groundplan always has it.
"""

from __future__ import annotations

from ..conditions import satisfies
from ..rule import ResourceRule, Severity, example

ACCOUNT = "azure-native:storage:StorageAccount"


def _lets_services_through(bypass: object) -> bool:
    return "azureservices" in (one.strip() for one in str(bypass).lower().split(","))


RULE = ResourceRule(
    id="STO-06",
    title="Azure's trusted services pass the storage account's firewall",
    severity=Severity.LOW,
    types=(ACCOUNT,),
    check=satisfies(
        "networkRuleSet.bypass",
        _lets_services_through,
        "AzureServices, alone or beside others",
        absent="AzureServices",
    ),
    covers=(
        "CKV_AZURE_36",
        "azp:StorageAccess_TrustedMicrosoftServices_Audit",
        "AZU-0010",
        "AC_AZURE_0371",
    ),
    packs=("baseline", "hardened"),
    failing=(
        example("nobody passes", ACCOUNT, {"networkRuleSet": {"bypass": "None"}}),
        example("others pass", ACCOUNT, {"networkRuleSet": {"bypass": "Logging, Metrics"}}),
    ),
    passing=(
        example("services pass", ACCOUNT, {"networkRuleSet": {"bypass": "AzureServices"}}),
        example("and others", ACCOUNT, {"networkRuleSet": {"bypass": "Logging, AzureServices"}}),
        example("Azure's default", ACCOUNT, {"networkRuleSet": {"defaultAction": "Deny"}}),
    ),
)
