"""Storage at Azure: an account without keys, its containers, how long things stay, who may read them."""

from __future__ import annotations

from groundplan.modules.azureml import names
from groundplan.modules.contract.planned import PlannedResource

import azure_stack
import pulumi_kit

CLOSED = {
    "accountName": names.account_name(azure_stack.context()),
    "resourceGroupName": "rg-churn-dev-westeurope",
    "location": "westeurope",
    "kind": "StorageV2",
    "sku": {"name": "Standard_LRS"},
    "accessTier": "Hot",
    "allowBlobPublicAccess": False,
    "allowSharedKeyAccess": False,
    "allowCrossTenantReplication": False,
    "defaultToOAuthAuthentication": True,
    "enableHttpsTrafficOnly": True,
    "minimumTlsVersion": "TLS1_2",
    "isHnsEnabled": False,
    "isLocalUserEnabled": False,
    "isSftpEnabled": False,
    "publicNetworkAccess": "Disabled",
    "networkRuleSet": {"bypass": "AzureServices", "defaultAction": "Deny"},
    "encryption": {
        "keySource": "Microsoft.Storage",
        "requireInfrastructureEncryption": True,
        "services": {
            "blob": {"enabled": True, "keyType": "Account"},
            "file": {"enabled": True, "keyType": "Account"},
        },
    },
    "tags": azure_stack.TAGS,
}


def test_the_account_is_closed_and_has_no_keys(default: azure_stack.Made) -> None:
    assert default["storage-account"].properties == CLOSED


def test_public_opens_the_account_to_the_internet_and_nothing_else(public: azure_stack.Made) -> None:
    assert public["storage-account"].properties == {
        **CLOSED,
        "publicNetworkAccess": "Enabled",
        "networkRuleSet": {"bypass": "AzureServices", "defaultAction": "Allow"},
    }


def test_a_key_of_ones_own_is_used_in_its_newest_version_as_the_workspace(hardened: azure_stack.Made) -> None:
    account = hardened["storage-account"]
    assert account.properties["encryption"] == {
        "keySource": "Microsoft.Keyvault",
        "requireInfrastructureEncryption": True,
        "services": {
            "blob": {"enabled": True, "keyType": "Account"},
            "file": {"enabled": True, "keyType": "Account"},
        },
        "encryptionIdentity": {"encryptionUserAssignedIdentity": "<identity-workspace.id>"},
        "keyVaultProperties": {"keyName": "key-churn-dev", "keyVaultUri": "https://kvk-churn.vault.azure.net"},
    }
    assert account.properties["identity"] == {
        "type": "UserAssigned",
        "userAssignedIdentities": ["<identity-workspace.id>"],
    }
    assert "storage-workspace-key" in pulumi_kit.depends_on(account)
    assert hardened["storage-workspace-key"].properties["scope"] == f"{azure_stack.KEY.vault_id}/keys/key-churn-dev"


def test_production_keeps_copies_in_other_zones_or_in_another_region() -> None:
    def sku(environment: str, tier: str, region: str) -> object:
        context = azure_stack.context(environment, tier, region)  # type: ignore[arg-type]
        made = pulumi_kit.record(lambda: azure_stack.base(azure_stack.Variant(context=context)))
        return pulumi_kit.by_name(made)["storage-account"].properties["sku"]

    assert sku("prod", "production", "westeurope") == {"name": "Standard_ZRS"}
    assert sku("prod", "production", "westus") == {"name": "Standard_GRS"}


def test_each_kind_of_thing_has_its_container(default: azure_stack.Made, public: azure_stack.Made) -> None:
    containers = pulumi_kit.of_type(list(default.values()), "azure-native:storage:BlobContainer")
    assert containers == {
        f"storage-{what}": {
            "containerName": what,
            "accountName": CLOSED["accountName"],
            "resourceGroupName": "rg-churn-dev-westeurope",
            "publicAccess": "None",
        }
        for what in ("data", "artifacts", "cache", "requests")
    }
    assert "storage-requests" not in public


def test_what_was_deleted_or_overwritten_can_be_had_back(default: azure_stack.Made) -> None:
    assert default["storage-blobs"].properties == {
        "blobServicesName": "default",
        "accountName": CLOSED["accountName"],
        "resourceGroupName": "rg-churn-dev-westeurope",
        "isVersioningEnabled": True,
        "changeFeed": {"enabled": True, "retentionInDays": 30},
        "deleteRetentionPolicy": {"enabled": True, "days": 30},
        "containerDeleteRetentionPolicy": {"enabled": True, "days": 30},
    }


def test_what_is_in_use_stays_and_the_rest_goes(default: azure_stack.Made, public: azure_stack.Made) -> None:
    assert _rules(default["storage-retention"]) == {
        "artifacts": {
            "baseBlob": {"tierToCool": {"daysAfterModificationGreaterThan": 90}},
            "version": {"delete": {"daysAfterCreationGreaterThan": 365}},
        },
        "data": {"version": {"delete": {"daysAfterCreationGreaterThan": 365}}},
        "cache": {
            "baseBlob": {"delete": {"daysAfterModificationGreaterThan": 30}},
            "version": {"delete": {"daysAfterCreationGreaterThan": 1}},
        },
        "requests": {
            "baseBlob": {"delete": {"daysAfterModificationGreaterThan": 365}},
            "version": {"delete": {"daysAfterCreationGreaterThan": 1}},
        },
    }
    assert set(_rules(public["storage-retention"])) == {"artifacts", "data", "cache"}


def test_each_workload_may_do_its_work_without_a_key(default: azure_stack.Made) -> None:
    given = {
        name: (one.properties["principalId"], one.properties["scope"])
        for name, one in default.items()
        if name.startswith("storage-") and one.type == "azure-native:authorization:RoleAssignment"
    }
    assert given == {
        "storage-workspace-blobs": ("<identity-workspace.principalId>", "<storage-account.id>"),
        "storage-workspace-files": ("<identity-workspace.principalId>", "<storage-account.id>"),
        "storage-pipeline-blobs": ("<identity-pipeline.principalId>", "<storage-account.id>"),
        "storage-endpoint-blobs": ("<identity-endpoint.principalId>", "<storage-account.id>"),
        "storage-endpoint-requests": ("<identity-endpoint.principalId>", "<storage-requests.id>"),
    }


def test_what_serves_never_reads_training_data(default: azure_stack.Made) -> None:
    assert default["storage-endpoint-blobs"].properties["condition"] == (
        "((!(ActionMatches{'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read'})) OR "
        "(@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name] StringNotEquals 'data'))"
    )


def test_blobs_and_files_are_reached_privately_where_there_is_a_network(
    hardened: azure_stack.Made, default: azure_stack.Made
) -> None:
    endpoint = hardened["storage-file-private-endpoint"].properties
    assert endpoint == {
        "privateEndpointName": "pe-churn-prod-storage-file",
        "resourceGroupName": "rg-churn-prod-westeurope",
        "location": "westeurope",
        "subnet": {"id": "<network-private-endpoints.id>"},
        "customNetworkInterfaceName": "pe-churn-prod-storage-file-nic",
        "privateLinkServiceConnections": [
            {"name": "file", "privateLinkServiceId": "<storage-account.id>", "groupIds": ["file"]}
        ],
        "tags": {**azure_stack.TAGS, "environment": "prod"},
    }
    assert hardened["storage-blob-zone-group"].properties == {
        "privateDnsZoneGroupName": "default",
        "privateEndpointName": "pe-churn-prod-storage-blob",
        "resourceGroupName": "rg-churn-prod-westeurope",
        "privateDnsZoneConfigs": [
            {
                "name": "privatelink-blob-core-windows-net",
                "privateDnsZoneId": "<network-privatelink.blob.core.windows.net.id>",
            }
        ],
    }
    assert not [name for name in default if "private-endpoint" in name]


def _rules(policy: PlannedResource) -> dict[str, object]:
    content: dict[str, list[dict[str, dict[str, object]]]] = policy.properties["policy"]  # type: ignore[assignment]
    for rule in content["rules"]:
        assert rule["definition"]["filters"] == {"blobTypes": ["blockBlob"], "prefixMatch": [f"{rule['name']}/"]}
    return {str(rule["name"]): rule["definition"]["actions"] for rule in content["rules"]}


def test_who_reads_and_writes_is_logged_in_every_service(default: azure_stack.Made) -> None:
    context = azure_stack.context()
    account = names.resource_id(context, "Microsoft.Storage/storageAccounts", names.account_name(context))
    logged = {
        name.removeprefix("storage-").removesuffix("-diagnostics"): one.properties["resourceUri"]
        for name, one in default.items()
        if name.startswith("storage-") and name.endswith("-diagnostics") and "logs" in one.properties
    }

    assert logged == {name: f"{account}/{name}Services/default" for name in ("blob", "file", "queue", "table")}
