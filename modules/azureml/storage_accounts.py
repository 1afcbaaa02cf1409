"""A storage account as every capability makes it: without keys, encrypted twice, logged, closed unless public."""

from __future__ import annotations

import pulumi
from pulumi_azure_native import storage

from ..contract.component import Component
from ..contract.encryption import EncryptionKey
from . import encryption as keys
from . import names
from .diagnostics import diagnostics

_ACCOUNT = "Microsoft.Storage/storageAccounts"


def storage_account(
    component: Component,
    what: str,
    *,
    name: str,
    group: str,
    redundancy: str,
    hierarchical: bool,
    public: bool,
    opts: pulumi.ResourceOptions,
    key: EncryptionKey | None,
    key_user: pulumi.Input[str],
    services: storage.EncryptionServicesArgs | None = None,
) -> storage.StorageAccount:
    """An account named ``name``; with a ``key`` of one's own it reads that as the identity ``key_user`` (resource id).

    ``hierarchical`` gives it folders, which no workspace takes for its own; ``services`` are those encrypted by it.
    """
    action = storage.DefaultAction.ALLOW if public else storage.DefaultAction.DENY
    return storage.StorageAccount(
        f"{component.name}-{what}",
        account_name=name,
        resource_group_name=group,
        location=component.context.region,
        kind="StorageV2",
        sku=storage.SkuArgs(name=redundancy),
        access_tier=storage.AccessTier.HOT,
        allow_blob_public_access=False,
        allow_shared_key_access=False,
        allow_cross_tenant_replication=False,
        default_to_o_auth_authentication=True,
        enable_https_traffic_only=True,
        minimum_tls_version="TLS1_2",
        is_hns_enabled=hierarchical,
        is_local_user_enabled=False,
        is_sftp_enabled=False,
        public_network_access="Enabled" if public else "Disabled",
        network_rule_set=storage.NetworkRuleSetArgs(bypass="AzureServices", default_action=action),
        encryption=_encryption(key, key_user, services),
        identity=None
        if key is None
        else storage.IdentityArgs(type="UserAssigned", user_assigned_identities=[key_user]),
        tags=component.context.tags,
        opts=opts,
    )


def log_services(component: Component, account: storage.StorageAccount, name: str, logs_id: pulumi.Input[str]) -> None:
    """Log who reads, writes and deletes, in the services that nothing here uses too: nobody else should either."""
    for service in ("blob", "file", "queue", "table"):
        target = f"{names.resource_id(component.context, _ACCOUNT, name)}/{service}Services/default"
        diagnostics(component, f"{service}-diagnostics", target, logs_id, metrics="Transaction", depends_on=[account])


def _encryption(
    key: EncryptionKey | None, key_user: pulumi.Input[str], services: storage.EncryptionServicesArgs | None
) -> storage.EncryptionArgs:
    """Encrypted twice; one of the two keys is one's own where there is one, always in its newest version."""
    if key is None:
        return storage.EncryptionArgs(
            key_source="Microsoft.Storage", require_infrastructure_encryption=True, services=services
        )
    return storage.EncryptionArgs(
        key_source="Microsoft.Keyvault",
        require_infrastructure_encryption=True,
        services=services,
        encryption_identity=storage.EncryptionIdentityArgs(encryption_user_assigned_identity=key_user),
        key_vault_properties=storage.KeyVaultPropertiesArgs(
            key_name=keys.key_name(key.key_id), key_vault_uri=keys.vault_uri(key.key_id)
        ),
    )
