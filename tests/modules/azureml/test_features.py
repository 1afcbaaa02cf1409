"""The feature store at Azure ML. Not proved: that Azure joins the offline store, and that features are computed."""

from __future__ import annotations

from typing import Any

import pytest
from groundplan.core.errors import UsageError
from groundplan.modules.azureml import vaults
from groundplan.modules.azureml.features import Features
from groundplan.modules.azureml.materialization import recurrence
from groundplan.modules.azureml.offline_store import account_name
from groundplan.modules.contract.encryption import EncryptionKey
from groundplan.modules.contract.features import FeaturesArguments, FeatureSetArguments

import azure_capability as kit
import azure_stack

STORE, VAULT = "mlfs-churn-dev", vaults.workspace_vault_name(azure_stack.context())
PROFILE = FeatureSetArguments(name="profile", source="customers", entity="customer", keys=("customer_id", "country"))
USAGE = FeatureSetArguments(name="usage", source="usage", entity="customer", keys=("customer_id", "country"))
PLACE = {"resourceGroupName": kit.GROUP, "workspaceName": STORE}


def features(*sets: FeatureSetArguments, public: bool = False, own_network: bool = False,
             encryption: EncryptionKey | None = None, **wanted: Any) -> kit.Capability[Features]:  # fmt: skip
    def build(base: kit.Base) -> Features:
        arguments = FeaturesArguments(sets=sets or (PROFILE,), encryption=base.encryption, **base.common, **wanted)
        return Features("features", base.context, arguments)

    return kit.make(build, public=public, own_network=own_network, encryption=encryption)


def test_the_store_is_a_closed_workspace_that_acts_as_the_environments_identities() -> None:
    found = features()
    store = found.made["features-store"]

    assert found.inputs("features-store") == {
        **PLACE,
        "location": "westeurope",
        "kind": "FeatureStore",
        "sku": {"name": "Basic", "tier": "Basic"},
        "friendlyName": "churn dev features",
        "storageAccount": "<storage>",
        "keyVault": f"{kit.GROUP_ID}/providers/Microsoft.KeyVault/vaults/{VAULT}",
        "applicationInsights": "<insights>",
        "systemDatastoresAuthMode": "Identity",
        "publicNetworkAccess": "Disabled",
        "managedNetwork": {"isolationMode": "AllowOnlyApprovedOutbound", "enableNetworkMonitor": False},
        "provisionNetworkNow": True,
        "v1LegacyMode": False,
        "hbiWorkspace": False,
        "featureStoreSettings": {"computeRuntime": {"sparkRuntimeVersion": "3.4"}},
        "identity": {"type": "UserAssigned", "userAssignedIdentities": ["<workspace>", "<pipeline>"]},
        "primaryUserAssignedIdentity": "<workspace>",
        "tags": kit.TAGS,
    }
    assert store.ignore_changes == ("featureStoreSettings.offlineStoreConnectionName",)


def test_the_offline_store_is_an_account_without_keys() -> None:
    account = features().inputs("features-offline-account")

    assert account == {
        "accountName": account_name(azure_stack.context()),
        "resourceGroupName": kit.GROUP,
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
        "isHnsEnabled": True,
        "isLocalUserEnabled": False,
        "isSftpEnabled": False,
        "publicNetworkAccess": "Disabled",
        "networkRuleSet": {"bypass": "AzureServices", "defaultAction": "Deny"},
        "encryption": {"keySource": "Microsoft.Storage", "requireInfrastructureEncryption": True},
        "tags": kit.TAGS,
    }


def test_pipelines_write_features_as_their_own_identity() -> None:
    found = features()

    assert found.inputs("features-connection") == {
        **PLACE,
        "connectionName": "offline-store",
        "properties": {
            "authType": "ManagedIdentity",
            "category": "ADLSGen2",
            "target": "<features-offline.id>",
            "isSharedToAll": True,
            "credentials": {"clientId": "<pipeline-client>", "resourceId": "<pipeline>"},
        },
    }
    roles = {
        name: (one.properties["scope"], one.properties["principalId"], str(one.properties["roleDefinitionId"])[-36:])
        for name, one in found.made.items()
        if one.type.endswith(":RoleAssignment")
    }
    assert roles == {
        "features-pipeline-offline": (
            "<features-offline.id>", "<pipeline-principal>", "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
        ),
        "features-pipeline-store": (
            "<features-store.id>", "<pipeline-principal>", "f6c7c914-8db3-469d-8ca1-694a8f32e121",
        ),
    }  # fmt: skip


def test_the_stores_network_reaches_the_offline_store_by_one_rule_after_another() -> None:
    found = features()

    assert found.inputs("features-outbound-dfs")["properties"] == {
        "type": "PrivateEndpoint",
        "category": "UserDefined",
        "destination": {
            "serviceResourceId": "<features-offline-account.id>", "subresourceTarget": "dfs", "sparkEnabled": True,
        },
    }  # fmt: skip
    assert "features-outbound-blob" in found.waits_for("features-outbound-dfs")


def test_sets_of_one_entity_share_it() -> None:
    found = features(PROFILE, USAGE)

    assert {name for name in found.made if "entity" in name or "-set-" in name} == {
        "features-entity-customer", "features-entity-customer-version", "features-set-profile", "features-set-usage",
    }  # fmt: skip
    assert found.inputs("features-entity-customer-version") == {
        **PLACE,
        "name": "customer",
        "version": "1",
        "properties": {
            "indexColumns": [
                {"columnName": "customer_id", "dataType": "String"}, {"columnName": "country", "dataType": "String"},
            ],
            "isAnonymous": False,
            "isArchived": False,
            "tags": kit.TAGS,
        },
    }  # fmt: skip
    assert set(found.component.outputs.sets) == {"profile", "usage"}


def test_sets_that_do_not_agree_on_an_entitys_keys_are_refused() -> None:
    other = FeatureSetArguments(name="usage", source="usage", entity="customer", keys=("id",))

    with pytest.raises(UsageError, match="the feature set 'usage' names other keys of the entity 'customer'"):
        features(PROFILE, other)


def test_only_public_access_opens_store_and_account() -> None:
    found = features(public=True)

    assert found.inputs("features-store")["publicNetworkAccess"] == "Enabled"
    assert found.inputs("features-store")["managedNetwork"]["isolationMode"] == "AllowInternetOutbound"
    assert found.inputs("features-offline-account")["networkRuleSet"]["defaultAction"] == "Allow"
    assert found.inputs("features-offline-account")["allowSharedKeyAccess"] is False
    assert not [name for name in found.made if "outbound" in name]


def test_an_own_network_and_an_own_key_reach_the_store_too() -> None:
    found = features(own_network=True, encryption=kit.KEY)
    encryption = found.inputs("features-store")["encryption"]

    assert {name for name in found.made if name.endswith("private-endpoint")} == {
        "features-store-private-endpoint", "features-blob-private-endpoint", "features-dfs-private-endpoint",
    }  # fmt: skip
    assert encryption["keyVaultProperties"] == {
        "keyVaultArmId": kit.KEY.vault_id,
        "keyIdentifier": kit.KEY.version_id,
        "identityClientId": "<workspace-client>",
    }
    assert found.inputs("features-offline-account")["encryption"] == {
        "keySource": "Microsoft.Keyvault",
        "requireInfrastructureEncryption": True,
        "encryptionIdentity": {"encryptionUserAssignedIdentity": "<workspace>"},
        "keyVaultProperties": {"keyName": "key-churn-dev", "keyVaultUri": "https://kvk-churn.vault.azure.net"},
    }


def test_what_no_resource_can_do_is_a_step_after_up() -> None:
    found = features(online=True, schedule="30 4 * * 1")

    assert list(found.steps()) == [
        "Prepare the feature store's network for Spark",
        "Join the offline store to the feature store",
        "Register and schedule the feature set profile",
        "Serve features online",
    ]
    assert found.steps()["Join the offline store to the feature store"] == (
        "az rest --method patch --url 'https://management.azure.com"
        f"{kit.GROUP_ID}/providers/Microsoft.MachineLearningServices/workspaces/{STORE}?api-version=2025-12-01'"
        """ --body '{"properties":{"featureStoreSettings":{"offlineStoreConnectionName":"offline-store"}}}'"""
    )
    assert "schedule.frequency=week" in found.steps()["Register and schedule the feature set profile"]


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("0 3 * * *", "frequency=day interval=1 pattern.hours=[3] pattern.minutes=[0]"),
        (
            "45 23 * * 7",
            "frequency=week interval=1 pattern.hours=[23] pattern.minutes=[45] pattern.week_days=[sunday]",
        ),
    ],
)
def test_a_time_of_the_day_is_azures_recurrence(cron: str, expected: str) -> None:
    settings = recurrence(cron).replace("materialization_settings.schedule.", "")

    assert settings == f"type=recurrence {expected}"


@pytest.mark.parametrize("cron", ["*/5 * * * *", "0 24 * * *", "60 3 * * *", "0 3 1 * *", "0 3 * * 1-5", "0 3 * * 8"])
def test_times_that_azure_cannot_say_are_refused(cron: str) -> None:
    with pytest.raises(UsageError, match="features cannot be computed at"):
        recurrence(cron)
