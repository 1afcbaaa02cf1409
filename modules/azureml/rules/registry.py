"""What Azure asks of registries of models and of images."""

from __future__ import annotations

from ...contract.rules import NameRule, TypeRules

RULES = {
    "azure-native:machinelearningservices:Registry": TypeRules(
        source="learn.microsoft.com/azure/templates/microsoft.machinelearningservices/2025-12-01/registries",
        name=NameRule(
            property="registryName", pattern=r"[a-zA-Z0-9][a-zA-Z0-9_-]*", minimum=3, maximum=33, unique="global"
        ),
        stateful=True,
        loses="every model, component and environment that was shared between environments",
        replaced_by=frozenset({"registryName", "location", "resourceGroupName"}),
        required=frozenset({"regionDetails"}),
        choices={"publicNetworkAccess": frozenset({"Enabled", "Disabled"})},
    ),
    "azure-native:containerregistry:Registry": TypeRules(
        source="learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules, "
        "learn.microsoft.com/azure/templates/microsoft.containerregistry/2023-01-01-preview/registries",
        name=NameRule(property="registryName", pattern=r"[a-zA-Z0-9]+", minimum=5, maximum=50, unique="global"),
        stateful=True,
        loses="every image that trains or serves",
        replaced_by=frozenset({"registryName", "location", "resourceGroupName", "encryption.status", "zoneRedundancy"}),
        choices={"sku.name": frozenset({"Basic", "Standard", "Premium"})},
        ranges={"policies.retentionPolicy.days": (0, 365)},
    ),
}
"""By type token."""
