"""Storage at Azure: one account without keys, with a container for each kind of thing that is kept."""

from __future__ import annotations

from typing import Final

import pulumi
from pulumi_azure_native import storage as azure_storage

from ..contract.component import Component
from ..contract.context import Context
from ..contract.identity import workloads
from ..contract.storage import StorageArguments, StorageOutputs
from . import encryption as keys
from . import roles
from .catalogue.regions import WITHOUT_ZONES
from .diagnostics import diagnostics
from .names import account_name
from .private_endpoints import private_endpoint
from .retention import management_policy
from .storage_accounts import log_services, storage_account

CONTAINERS: Final = ("data", "artifacts", "cache", "requests")
"""What is kept apart; the workspace has a datastore of the same name for each."""

_UNDELETE_DAYS: Final = 30

_NOT_TRAINING_DATA: Final = (
    "((!(ActionMatches{'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read'})) OR "
    "(@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name] StringNotEquals 'data'))"
)
"""What serves reads models wherever the workspace keeps them, but not what they were trained on."""


class Storage(Component):
    """The account, its containers, how long things stay, and who of the workloads may read and write.

    The account is not hierarchical: Azure ML does not take such a one as a workspace's own.
    """

    platform = "azureml"

    def __init__(
        self,
        name: str,
        context: Context,
        arguments: StorageArguments,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, context, opts)
        self._arguments = arguments
        self._workloads = workloads(arguments.identity)
        self._public = arguments.network.access == "public"
        account = self._account(self._may_use_key())
        service = self._service(account)
        containers = {what: self._container(what, service) for what in self._wanted()}
        policy = management_policy(
            self,
            account_name(context),
            group=arguments.foundation.group,
            artifact_days=arguments.artifact_retention_days,
            requests=arguments.log_requests,
            after=service,
        )
        assigned = self._assign(account, containers)
        endpoints = self._private_endpoints(account)
        self._diagnostics(account)
        self.outputs = StorageOutputs(
            artifacts_uri=datastore_uri("artifacts"),
            cache_uri=datastore_uri("cache"),
            data_uri=datastore_uri("data"),
            requests_uri=datastore_uri("requests") if arguments.log_requests else "",
            name=account_name(context),
            id=account.id,
            ready=(account, service, *containers.values(), policy, *assigned, *endpoints),
        )
        self.done({"id": account.id, "name": account_name(context)})

    def _wanted(self) -> tuple[str, ...]:
        return tuple(one for one in CONTAINERS if one != "requests" or self._arguments.log_requests)

    def _may_use_key(self) -> tuple[pulumi.Resource, ...]:
        """The workspace's identity, which storage and workspace are encrypted as, may use the key."""
        encryption = self._arguments.encryption
        if encryption is None:
            return ()
        return (
            roles.assign(
                self,
                "workspace-key",
                scope=keys.key_scope(encryption),
                role=roles.KEY_VAULT_CRYPTO_USER,
                principal=self._workloads.workspace.principal,
            ),
        )

    def _account(self, after: tuple[pulumi.Resource, ...]) -> azure_storage.StorageAccount:
        arguments = self._arguments
        return storage_account(
            self,
            "account",
            name=account_name(self.context),
            group=arguments.foundation.group,
            redundancy=_redundancy(self.context),
            hierarchical=False,
            public=self._public,
            key=arguments.encryption,
            key_user=self._workloads.workspace.id,
            services=azure_storage.EncryptionServicesArgs(
                blob=azure_storage.EncryptionServiceArgs(enabled=True, key_type="Account"),
                file=azure_storage.EncryptionServiceArgs(enabled=True, key_type="Account"),
            ),
            opts=self.child(
                stateful=True,
                depends_on=[*arguments.foundation.ready, *arguments.identity.ready, *after],
                replace_on_changes=["encryption.requireInfrastructureEncryption"],
            ),
        )

    def _service(self, account: azure_storage.StorageAccount) -> azure_storage.BlobServiceProperties:
        keep = azure_storage.DeleteRetentionPolicyArgs(enabled=True, days=_UNDELETE_DAYS)
        return azure_storage.BlobServiceProperties(
            f"{self.name}-blobs",
            blob_services_name="default",
            account_name=account_name(self.context),
            resource_group_name=self._arguments.foundation.group,
            is_versioning_enabled=True,
            change_feed=azure_storage.ChangeFeedArgs(enabled=True, retention_in_days=_UNDELETE_DAYS),
            delete_retention_policy=keep,
            container_delete_retention_policy=keep,
            opts=self.child(depends_on=[account]),
        )

    def _container(self, what: str, after: pulumi.Resource) -> azure_storage.BlobContainer:
        return azure_storage.BlobContainer(
            f"{self.name}-{what}",
            container_name=what,
            account_name=account_name(self.context),
            resource_group_name=self._arguments.foundation.group,
            public_access=azure_storage.PublicAccess.NONE,
            opts=self.child(stateful=True, depends_on=[after]),
        )

    def _assign(
        self, account: azure_storage.StorageAccount, containers: dict[str, azure_storage.BlobContainer]
    ) -> tuple[pulumi.Resource, ...]:
        workspace, pipeline, endpoint = self._workloads.workspace, self._workloads.pipeline, self._workloads.endpoint
        given = [
            ("workspace-blobs", account.id, roles.BLOB_CONTRIBUTOR, workspace, ""),
            ("workspace-files", account.id, roles.FILE_CONTRIBUTOR, workspace, ""),
            ("pipeline-blobs", account.id, roles.BLOB_CONTRIBUTOR, pipeline, ""),
            ("endpoint-blobs", account.id, roles.BLOB_READER, endpoint, _NOT_TRAINING_DATA),
        ]
        if "requests" in containers:
            given.append(("endpoint-requests", containers["requests"].id, roles.BLOB_CONTRIBUTOR, endpoint, ""))
        return tuple(
            roles.assign(self, name, scope=scope, role=role, principal=to.principal, condition=condition)
            for name, scope, role, to, condition in given
        )

    def _private_endpoints(self, account: azure_storage.StorageAccount) -> tuple[pulumi.Resource, ...]:
        foundation, network = self._arguments.foundation, self._arguments.network
        return (
            *private_endpoint(self, "blob", account.id, "blob", foundation=foundation, network=network),
            *private_endpoint(self, "file", account.id, "file", foundation=foundation, network=network),
        )

    def _diagnostics(self, account: azure_storage.StorageAccount) -> None:
        logs_id = self._arguments.foundation.logs_id
        diagnostics(self, "account-diagnostics", account.id, logs_id, logs=False, metrics="Transaction")
        log_services(self, account, account_name(self.context), logs_id)


def _redundancy(context: Context) -> str:
    """One copy of everything outside production; there one in each zone, or in the paired region without zones."""
    if not context.protects:
        return "Standard_LRS"
    return "Standard_GRS" if context.region in WITHOUT_ZONES else "Standard_ZRS"


def datastore_uri(container: str) -> str:
    """How jobs and models of the workspace name what is in a container, through its keyless datastore."""
    return f"azureml://datastores/{container}/paths"
