"""What Azure asks of storage accounts, their containers and how long blobs stay."""

from __future__ import annotations

from ...contract.rules import NameRule, TypeRules

_NAMES = "learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules"
_CONTAINER = r"[a-z0-9](-?[a-z0-9])*"

RULES = {
    "azure-native:storage:StorageAccount": TypeRules(
        source=f"{_NAMES}, learn.microsoft.com/azure/templates/microsoft.storage/storageaccounts",
        name=NameRule(property="accountName", pattern=r"[a-z0-9]+", minimum=3, maximum=24, unique="global"),
        stateful=True,
        loses="data, models and logged requests of the environment",
        replaced_by=frozenset(
            {
                "location",
                "resourceGroupName",
                "kind",
                "isHnsEnabled",
                "encryption.requireInfrastructureEncryption",
            }
        ),
        choices={"minimumTlsVersion": frozenset({"TLS1_2", "TLS1_3"})},
    ),
    "azure-native:storage:BlobContainer": TypeRules(
        source=_NAMES,
        name=NameRule(property="containerName", pattern=_CONTAINER, minimum=3, maximum=63, unique="parent"),
        stateful=True,
        loses="every blob in the container",
        replaced_by=frozenset({"accountName", "resourceGroupName"}),
    ),
    "azure-native:storage:BlobServiceProperties": TypeRules(
        source="learn.microsoft.com/azure/templates/microsoft.storage/storageaccounts/blobservices",
        replaced_by=frozenset({"accountName", "resourceGroupName", "blobServicesName"}),
        patterns={"blobServicesName": "default"},
        ranges={
            "deleteRetentionPolicy.days": (1, 365),
            "containerDeleteRetentionPolicy.days": (1, 365),
            "changeFeed.retentionInDays": (1, 146000),
        },
    ),
    "azure-native:storage:ManagementPolicy": TypeRules(
        source="learn.microsoft.com/azure/storage/blobs/lifecycle-management-policy-structure",
        replaced_by=frozenset({"accountName", "resourceGroupName", "managementPolicyName"}),
        patterns={"managementPolicyName": "default", "policy.rules.name": r"[A-Za-z0-9-]{1,256}"},
        ranges={
            "policy.rules.definition.actions.baseBlob.delete.daysAfterModificationGreaterThan": (0, 99999),
            "policy.rules.definition.actions.version.delete.daysAfterCreationGreaterThan": (0, 99999),
        },
    ),
}
"""By type token."""
