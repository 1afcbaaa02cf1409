"""Datastores: the containers of the storage account as a workspace's jobs name them, reached without a key."""

from __future__ import annotations

import pulumi
from pulumi_azure_native import machinelearningservices as ml

from ..contract.component import Component
from ..contract.storage import StorageOutputs


def datastores(
    component: Component, workspace: ml.Workspace, workspace_name: str, *, group: str, storage: StorageOutputs
) -> tuple[pulumi.Resource, ...]:
    """A datastore for each container, of its name; jobs read and write as their own identity."""
    wanted = ["data", "artifacts", "cache", *(["requests"] if storage.requests_uri else [])]
    return tuple(
        ml.Datastore(
            f"{component.name}-datastore-{name}",
            name=name,
            workspace_name=workspace_name,
            resource_group_name=group,
            skip_validation=True,  # the account cannot be reached from where the check runs
            properties=ml.AzureBlobDatastoreArgs(
                datastore_type="AzureBlob",
                account_name=storage.name,
                container_name=name,
                endpoint="core.windows.net",
                protocol="https",
                resource_group=group,
                subscription_id=component.context.account.subscription,
                credentials=ml.NoneDatastoreCredentialsArgs(credentials_type="None"),
                service_data_access_auth_identity="WorkspaceUserAssignedIdentity",
                tags=component.context.tags,
            ),
            opts=component.child(depends_on=[workspace, *storage.ready]),
        )
        for name in wanted
    )
