"""What Azure asks of resource groups, Log Analytics workspaces and diagnostic settings."""

from __future__ import annotations

from ...contract.rules import NameRule, TypeRules

_NAMES = "learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules"

RULES = {
    "azure-native:resources:ResourceGroup": TypeRules(
        source=_NAMES,
        name=NameRule(
            property="resourceGroupName", pattern=r"[-\w.()]*[-\w()]", minimum=1, maximum=90, unique="account"
        ),
        stateful=True,
        loses="everything in the environment: models, data, endpoints, logs",
        replaced_by=frozenset({"location"}),
    ),
    "azure-native:operationalinsights:Workspace": TypeRules(
        source=f"{_NAMES}, learn.microsoft.com/azure/azure-monitor/logs/delete-workspace",
        name=NameRule(property="workspaceName", pattern=r"[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]", minimum=4, maximum=63),
        stateful=True,
        loses="the logs and metrics of the environment",
        replaced_by=frozenset({"location", "resourceGroupName"}),
        ranges={"retentionInDays": (30, 730)},
        soft_delete_days=14,
        purge=(
            "az monitor log-analytics workspace recover --workspace-name {name} --resource-group {group} && "
            "az monitor log-analytics workspace delete --workspace-name {name} --resource-group {group} --force --yes"
        ),
    ),
    "azure-native:monitor:DiagnosticSetting": TypeRules(
        source="learn.microsoft.com/azure/azure-monitor/essentials/diagnostic-settings",
        replaced_by=frozenset({"name", "resourceUri"}),
        patterns={"name": r"[^<>*%&:\\?+/]{1,260}"},
        required=frozenset({"workspaceId"}),
    ),
}
"""By type token."""
