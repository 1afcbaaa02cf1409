"""The registries at Azure. Not proved: what Azure makes for a registry of models in the group that it manages."""

from __future__ import annotations

from typing import Any

from groundplan.modules.azureml.names import models_name
from groundplan.modules.azureml.registry import Registry, images_name, registry_outputs
from groundplan.modules.contract.encryption import EncryptionKey
from groundplan.modules.contract.registry import RegistryArguments

import azure_capability as kit
import azure_stack

SHARED = azure_stack.context("shared", "production")
TAGS = {**kit.TAGS, "environment": "shared"}
IDENTITY = f"{azure_stack.SHARED_GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities"


def registry(*, encryption: EncryptionKey | None = None, public: bool = False, own_network: bool = False,
             **wanted: Any) -> kit.Capability[Registry]:  # fmt: skip
    def build(base: kit.Base) -> Registry:
        arguments = RegistryArguments(
            foundation=base.foundation, network=base.network, encryption=base.encryption, **wanted
        )
        return Registry("registry", base.context, arguments)

    return kit.make(
        build, environment="shared", tier="production", public=public, own_network=own_network, encryption=encryption
    )


def test_images_are_pulled_by_nobody_without_a_role() -> None:
    found = registry(retention_days=30)
    images = found.made["registry-images"]

    assert found.inputs("registry-images") == {
        "registryName": images_name(SHARED),
        "resourceGroupName": kit.GROUP,
        "location": "westeurope",
        "sku": {"name": "Premium"},
        "adminUserEnabled": False,
        "anonymousPullEnabled": False,
        "dataEndpointEnabled": True,
        "publicNetworkAccess": "Disabled",
        "networkRuleBypassOptions": "AzureServices",
        "networkRuleSet": {"defaultAction": "Deny"},
        "policies": {
            "exportPolicy": {"status": "disabled"},
            "retentionPolicy": {"status": "enabled", "days": 30},
        },
        "zoneRedundancy": "Enabled",
        "tags": TAGS,
    }
    assert images.protect
    assert set(images.replace_on_changes) == {"encryption.status", "zoneRedundancy"}


def test_models_are_kept_in_each_region_once() -> None:
    found = registry(regions=("swedencentral", "westeurope", "westus"))
    storage = {
        "storageAccountHnsEnabled": False, "allowBlobPublicAccess": False, "storageAccountType": "Standard_ZRS",
    }  # fmt: skip

    def region(location: str, **changes: Any) -> dict[str, Any]:
        return {
            "location": location,
            "acrDetails": [{"systemCreatedAcrAccount": {"acrAccountSku": "Premium"}}],
            "storageAccountDetails": [{"systemCreatedStorageAccount": {**storage, **changes}}],
        }

    assert found.inputs("registry-models") == {
        "registryName": models_name(SHARED),
        "resourceGroupName": kit.GROUP,
        "location": "westeurope",
        "identity": {"type": "SystemAssigned"},
        "publicNetworkAccess": "Disabled",
        "regionDetails": [
            region("westeurope"), region("swedencentral"), region("westus", storageAccountType="Standard_LRS"),
        ],
        "tags": TAGS,
    }  # fmt: skip
    assert found.made["registry-models"].protect


def test_both_send_their_logs() -> None:
    found = registry()

    assert found.types() == {
        "registry-images": "containerregistry:Registry",
        "registry-models": "machinelearningservices:Registry",
        "registry-images-diagnostics": "monitor:DiagnosticSetting",
        "registry-models-diagnostics": "monitor:DiagnosticSetting",
    }
    assert found.inputs("registry-models-diagnostics") == {
        "name": "groundplan",
        "resourceUri": "<registry-models.id>",
        "workspaceId": "<logs>",
        "logs": [{"categoryGroup": "allLogs", "enabled": True}],
    }
    assert found.steps() == {}


def test_both_are_reached_inside_an_own_network() -> None:
    found = registry(own_network=True)

    assert {name for name in found.made if "private" in name or "zone" in name} == {
        "registry-images-private-endpoint", "registry-images-zone-group",
        "registry-models-private-endpoint", "registry-models-zone-group",
    }  # fmt: skip


def test_only_public_access_opens_them() -> None:
    found = registry(public=True)
    images, models = found.inputs("registry-images"), found.inputs("registry-models")

    assert (images["publicNetworkAccess"], images["networkRuleSet"]) == ("Enabled", {"defaultAction": "Allow"})
    assert (images["adminUserEnabled"], images["anonymousPullEnabled"]) == (False, False)
    assert images["policies"] == {
        "exportPolicy": {"status": "enabled"}, "retentionPolicy": {"status": "disabled", "days": 7},
    }  # fmt: skip
    assert models["publicNetworkAccess"] == "Enabled"


def test_images_are_encrypted_with_the_own_key_by_an_identity_that_may_use_nothing_else() -> None:
    found = registry(encryption=kit.KEY)
    images, role = found.inputs("registry-images"), found.inputs("registry-images-key")

    assert images["encryption"] == {
        "status": "enabled",
        "keyVaultProperties": {
            "keyIdentifier": "https://kvk-churn.vault.azure.net/keys/key-churn-dev",
            "identity": "<registry-identity.clientId>",
        },
    }
    assert images["identity"] == {
        "type": "UserAssigned", "userAssignedIdentities": {f"{IDENTITY}/id-churn-shared-registry": {}},
    }  # fmt: skip
    assert (role["scope"], role["principalId"]) == (
        f"{kit.KEY.vault_id}/keys/key-churn-dev", "<registry-identity.principalId>",
    )  # fmt: skip
    assert found.waits_for("registry-images") >= {"registry-identity", "registry-images-key"}
    assert list(found.steps()) == [f"Know that the model registry {models_name(SHARED)} is encrypted with Azure's keys"]


def test_an_environment_knows_the_shared_registry_by_its_context_alone() -> None:
    known, made = registry_outputs(SHARED), registry().component.outputs

    assert known.id == (
        f"{azure_stack.SHARED_GROUP}/providers/Microsoft.MachineLearningServices/registries/{models_name(SHARED)}"
    )
    assert known.images_id == (
        f"{azure_stack.SHARED_GROUP}/providers/Microsoft.ContainerRegistry/registries/{images_name(SHARED)}"
    )
    assert (made.images_uri, made.tracking_uri) == (known.images_uri, known.tracking_uri)
    assert known.images_uri == f"{images_name(SHARED)}.azurecr.io"
