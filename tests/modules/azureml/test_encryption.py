"""The key of one's own at Azure. Not proved: that a vault renews the key."""

from __future__ import annotations

import pulumi
from groundplan.modules.azureml import encryption
from groundplan.modules.azureml.foundation import Foundation
from groundplan.modules.contract.encryption import EncryptionArguments, EncryptionKey
from groundplan.modules.contract.foundation import FoundationArguments
from groundplan.modules.contract.network import NetworkOutputs

import azure_stack
import pulumi_kit


def test_the_vault_cannot_be_emptied_nor_reached(shared: azure_stack.Made) -> None:
    vault = shared["encryption-vault"]
    assert vault.properties["properties"] == {
        "tenantId": azure_stack.TENANT,
        "sku": {"family": "A", "name": "standard"},
        "enableRbacAuthorization": True,
        "enableSoftDelete": True,
        "enablePurgeProtection": True,
        "softDeleteRetentionInDays": 90,
        "enabledForDeployment": False,
        "enabledForDiskEncryption": False,
        "enabledForTemplateDeployment": False,
        "publicNetworkAccess": "Disabled",
        "networkAcls": {"bypass": "AzureServices", "defaultAction": "Deny"},
    }
    assert vault.protect


def test_the_key_wraps_keys_and_is_renewed(shared: azure_stack.Made) -> None:
    key = shared["encryption-key-dev"]
    assert key.properties["properties"] == {
        "kty": "RSA",
        "keySize": 3072,
        "keyOps": ["wrapKey", "unwrapKey"],
        "attributes": {"enabled": True, "exportable": False},
        "rotationPolicy": {"lifetimeActions": [{"action": {"type": "rotate"}, "trigger": {"timeAfterCreate": "P90D"}}]},
    }
    assert key.properties["keyName"] == "key-churn-dev"
    assert key.properties["vaultName"] == shared["encryption-vault"].properties["vaultName"]
    assert key.protect


def test_a_key_in_hardware_needs_the_premium_vault() -> None:
    context = azure_stack.context("shared")

    def program() -> None:
        foundation = Foundation("foundation", context, FoundationArguments()).outputs
        arguments = EncryptionArguments(
            foundation=foundation,
            network=NetworkOutputs(access="private"),
            stacks=("dev",),
            protection="hsm",
            rotation_days=30,
        )
        encryption.Encryption("encryption", context, arguments)

    made = pulumi_kit.by_name(pulumi_kit.record(program))
    vault, key = made["encryption-vault"].properties["properties"], made["encryption-key-dev"].properties["properties"]
    assert isinstance(vault, dict)
    assert isinstance(key, dict)
    assert vault["sku"] == {"family": "A", "name": "premium"}
    assert key["kty"] == "RSA-HSM"
    assert key["rotationPolicy"]["lifetimeActions"][0]["trigger"] == {"timeAfterCreate": "P30D"}


def test_an_address_of_a_key_falls_into_its_parts() -> None:
    found: dict[str, str] = {}

    def program() -> None:
        pulumi.Output.all(
            encryption.vault_uri(azure_stack.KEY.key_id),
            encryption.key_name(azure_stack.KEY.key_id),
            encryption.key_name("https://kvk-churn.vault.azure.net/keys/without-version"),
            encryption.key_scope(azure_stack.KEY),
        ).apply(lambda parts: found.update(zip(("vault", "name", "bare", "scope"), parts, strict=True)))

    pulumi_kit.record(program)
    assert found == {
        "vault": "https://kvk-churn.vault.azure.net",
        "name": "key-churn-dev",
        "bare": "without-version",
        "scope": f"{azure_stack.KEY.vault_id}/keys/key-churn-dev",
    }


def test_an_environment_knows_its_key_but_for_the_version(shared: azure_stack.Made) -> None:
    key = encryption.encryption_key(azure_stack.context("shared"), "dev")

    vault, name = shared["encryption-vault"].properties["vaultName"], shared["encryption-key-dev"].properties["keyName"]
    assert key == EncryptionKey(
        key_id=f"https://{vault}.vault.azure.net/keys/{name}",
        vault_id=f"{azure_stack.SHARED_GROUP}/providers/Microsoft.KeyVault/vaults/{vault}",
    )


def test_with_a_hub_the_keys_are_reached_inside_it(shared: azure_stack.Made) -> None:
    endpoint = shared["encryption-vault-private-endpoint"].properties
    assert endpoint["subnet"] == {"id": "<network-private-endpoints.id>"}
    assert endpoint["privateLinkServiceConnections"] == [
        {"name": "vault", "privateLinkServiceId": "<encryption-vault.id>", "groupIds": ["vault"]}
    ]


def test_without_a_hub_nothing_leads_to_the_keys() -> None:
    assert [name for name in pulumi_kit.by_name(azure_stack.shared()) if "private-endpoint" in name] == []
