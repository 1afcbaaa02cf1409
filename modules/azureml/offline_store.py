"""The offline store of features: a hierarchical storage account without keys, for nothing but computed features."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import storage as azure_storage

from ..contract.component import Component
from ..contract.context import Context
from ..contract.features import FeaturesArguments
from ..contract.identity import workloads
from . import names, roles
from .private_endpoints import private_endpoint
from .storage_accounts import log_services, storage_account

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
    log_services(component, account, account_name(component.context), foundation.logs_id)
    return OfflineStore(account_id=account.id, container_id=container.id, ready=tuple(made))


def account_name(context: Context) -> str:
    """The name of the account."""
    return names.unique(context, "stf", 24, separator="")


def _account(component: Component, arguments: FeaturesArguments) -> azure_storage.StorageAccount:
    return storage_account(
        component,
        "offline-account",
        name=account_name(component.context),
        group=arguments.foundation.group,
        redundancy="Standard_LRS",
        hierarchical=True,
        public=arguments.network.access == "public",
        key=arguments.encryption,
        key_user=workloads(arguments.identity).workspace.id,
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
