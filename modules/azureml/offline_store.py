"""The offline store of features: a hierarchical storage account without keys, for nothing but computed features."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import storage as azure_storage

from ..contract.component import Component
from ..contract.context import Context
from ..contract.features import FeaturesArguments
from . import encryption as keys
from . import names, roles
from .diagnostics import diagnostics
from .private_endpoints import private_endpoint

CONTAINER = "features"
"""The container that features are computed into."""

_UNDELETE_DAYS = 30


@dataclass(frozen=True, kw_only=True)
class OfflineStore:
    """The account's id, the container's id, and what must exist before anything is kept there."""

    account_id: pulumi.Input[str]
    container_id: pulumi.Input[str]
    ready: tuple[pulumi.Resource, ...]


def offline_store(component: Component, arguments: FeaturesArguments) -> OfflineStore:
    """The store, closed like the environment's other account; pipelines' identity reads and writes it."""
    account = _account(component, arguments)
    container = azure_storage.BlobContainer(
        f"{component.name}-offline",
        container_name=CONTAINER,
        account_name=account_name(component.context),
        resource_group_name=arguments.foundation.group,
        public_access=azure_storage.PublicAccess.NONE,
        opts=component.child(stateful=True, depends_on=[account]),
    )
    made: list[pulumi.Resource] = [account, container, _undelete(component, arguments, account)]
    if arguments.identity.pipeline is not None:
        made.append(
            roles.assign(
                component,
                "pipeline-offline",
                scope=container.id,
                role=roles.BLOB_CONTRIBUTOR,
                principal=arguments.identity.pipeline.principal,
            )
        )
    foundation, network = arguments.foundation, arguments.network
    made += private_endpoint(component, "blob", account.id, "blob", foundation=foundation, network=network)
    made += private_endpoint(component, "dfs", account.id, "dfs", foundation=foundation, network=network)
    diagnostics(
        component,
        "offline-diagnostics",
        pulumi.Output.concat(account.id, "/blobServices/default"),
        foundation.logs_id,
        metrics="Transaction",
    )
    return OfflineStore(account_id=account.id, container_id=container.id, ready=tuple(made))


def account_name(context: Context) -> str:
    """The name of the account."""
    return names.unique(context, "stf", 24, separator="")


def _account(component: Component, arguments: FeaturesArguments) -> azure_storage.StorageAccount:
    context, workspace = component.context, arguments.identity.workspace
    public = arguments.network.access == "public"
    key = None if workspace is None else arguments.encryption
    return azure_storage.StorageAccount(
        f"{component.name}-offline-account",
        account_name=account_name(context),
        resource_group_name=arguments.foundation.group,
        location=context.region,
        kind="StorageV2",
        sku=azure_storage.SkuArgs(name="Standard_LRS"),
        access_tier=azure_storage.AccessTier.HOT,
        allow_blob_public_access=False,
        allow_shared_key_access=False,
        allow_cross_tenant_replication=False,
        default_to_o_auth_authentication=True,
        enable_https_traffic_only=True,
        minimum_tls_version="TLS1_2",
        is_hns_enabled=True,
        is_local_user_enabled=False,
        is_sftp_enabled=False,
        public_network_access="Enabled" if public else "Disabled",
        network_rule_set=azure_storage.NetworkRuleSetArgs(
            bypass="AzureServices",
            default_action=azure_storage.DefaultAction.ALLOW if public else azure_storage.DefaultAction.DENY,
        ),
        encryption=azure_storage.EncryptionArgs(
            key_source="Microsoft.Storage" if key is None else "Microsoft.Keyvault",
            require_infrastructure_encryption=True,
            encryption_identity=None
            if key is None or workspace is None
            else azure_storage.EncryptionIdentityArgs(encryption_user_assigned_identity=workspace.id),
            key_vault_properties=None
            if key is None
            else azure_storage.KeyVaultPropertiesArgs(
                key_name=keys.key_name(key.key_id), key_vault_uri=keys.vault_uri(key.key_id)
            ),
        ),
        identity=None
        if key is None or workspace is None
        else azure_storage.IdentityArgs(type="UserAssigned", user_assigned_identities=[workspace.id]),
        tags=context.tags,
        # The environment's storage comes first: with it the workspace's identity may use the key.
        opts=component.child(stateful=True, depends_on=[*arguments.storage.ready, *arguments.identity.ready]),
    )


def _undelete(
    component: Component, arguments: FeaturesArguments, account: pulumi.Resource
) -> azure_storage.BlobServiceProperties:
    """Hierarchical accounts keep no versions, but what was deleted can be had back."""
    keep = azure_storage.DeleteRetentionPolicyArgs(enabled=True, days=_UNDELETE_DAYS)
    return azure_storage.BlobServiceProperties(
        f"{component.name}-offline-blobs",
        blob_services_name="default",
        account_name=account_name(component.context),
        resource_group_name=arguments.foundation.group,
        delete_retention_policy=keep,
        container_delete_retention_policy=keep,
        opts=component.child(depends_on=[account]),
    )
