"""What Azure asks of workspaces, their datastores, their way out and Application Insights."""

from __future__ import annotations

from ...contract.rules import NameRule, TypeRules

_NAMES = "learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules"
_SPECIFICATION = "learn.microsoft.com/azure/templates/microsoft.machinelearningservices/2025-12-01/workspaces"
_HOST = r"(\*\.)?([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"

RULES = {
    "azure-native:machinelearningservices:Workspace": TypeRules(
        source=f"{_SPECIFICATION}, learn.microsoft.com/azure/machine-learning/concept-soft-delete",
        name=NameRule(property="workspaceName", pattern=r"[a-zA-Z0-9][a-zA-Z0-9_-]*", minimum=3, maximum=33),
        stateful=True,
        loses="experiments, registered models, endpoints and schedules of the environment",
        replaced_by=frozenset(
            {
                "location",
                "resourceGroupName",
                "kind",
                "storageAccount",
                "keyVault",
                "hbiWorkspace",
                "encryption.status",
            }
        ),
        choices={
            "publicNetworkAccess": frozenset({"Enabled", "Disabled"}),
            "managedNetwork.isolationMode": frozenset(
                {"Disabled", "AllowInternetOutbound", "AllowOnlyApprovedOutbound"}
            ),
        },
        soft_delete_days=14,
        purge="az ml workspace delete --name {name} --resource-group {group} --permanently-delete --yes",
    ),
    "azure-native:machinelearningservices:Datastore": TypeRules(
        source=f"{_SPECIFICATION}/datastores",
        name=NameRule(property="name", pattern=r"[a-zA-Z0-9][a-zA-Z0-9_]*", minimum=1, maximum=255, unique="parent"),
        replaced_by=frozenset({"workspaceName", "resourceGroupName"}),
    ),
    "azure-native:machinelearningservices:ManagedNetworkSettingsRule": TypeRules(
        source="learn.microsoft.com/azure/machine-learning/how-to-managed-network",
        name=NameRule(
            property="ruleName", pattern=r"[A-Za-z0-9]([\w-]*[A-Za-z0-9])?", minimum=1, maximum=80, unique="parent"
        ),
        replaced_by=frozenset({"workspaceName", "resourceGroupName", "properties.type"}),
        choices={"properties.type": frozenset({"FQDN", "PrivateEndpoint", "ServiceTag"})},
        patterns={"properties.destination": _HOST},
    ),
    "azure-native:applicationinsights:Component": TypeRules(
        source=_NAMES,
        name=NameRule(property="resourceName", pattern=r"[^%&\\?/]*[^%&\\?/ .]", minimum=1, maximum=260),
        stateful=True,
        loses="the telemetry of the endpoints",
        replaced_by=frozenset({"location", "resourceGroupName"}),
        required=frozenset({"workspaceResourceId"}),
    ),
}
"""By type token."""
