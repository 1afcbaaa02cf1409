"""The workspace at Azure ML: closed, without keys, acting as an identity that has its roles before it exists."""

from __future__ import annotations

import pulumi
from pulumi_azure_native import applicationinsights, keyvault
from pulumi_azure_native import machinelearningservices as ml

from ..contract.component import Component
from ..contract.context import AfterUp, Context
from ..contract.identity import WorkloadIdentity, workloads
from ..contract.workspace import WorkspaceArguments, WorkspaceOutputs
from . import names, roles, vaults
from .datastores import datastores
from .diagnostics import diagnostics
from .names import workspace_name
from .outbound import outbound_rules
from .private_endpoints import private_endpoint

_SENSITIVE = frozenset({"confidential", "restricted"})


class Workspace(Component):
    """A workspace with its vault, Application Insights, managed network and datastores, and who may use them."""

    platform = "azureml"

    def __init__(
        self,
        name: str,
        context: Context,
        arguments: WorkspaceArguments,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, context, opts)
        self._arguments = arguments
        self._workloads = workloads(arguments.identity)
        self._public = arguments.network.access == "public"
        foundation = arguments.foundation
        vault = vaults.vault(
            self,
            "vault",
            vaults.workspace_vault_name(context),
            group=foundation.group,
            public=self._public,
            depends_on=foundation.ready,
        )
        insights = self._insights()
        first = self._roles_first(vault, insights)
        workspace = self._workspace(vault, insights, first)
        rules = outbound_rules(
            self,
            workspace,
            workspace_name(context),
            group=foundation.group,
            network=arguments.network,
            registry_id=arguments.model_registry_id,
        )
        stores = datastores(self, workspace, workspace_name(context), group=foundation.group, storage=arguments.storage)
        endpoints = self._private_endpoints(workspace, vault)
        then = self._roles_then(workspace, insights)
        diagnostics(self, "diagnostics", workspace.id, foundation.logs_id)
        diagnostics(self, "vault-diagnostics", vault.id, foundation.logs_id)
        self.steps = self._steps()
        self.outputs = WorkspaceOutputs(
            uri=workspace.id,
            name=workspace_name(context),
            insights_id=insights.id,
            ready=(workspace, *first, *rules, *stores, *endpoints, *then),
        )
        self.done({"id": workspace.id, "name": workspace_name(context)})

    def _insights(self) -> applicationinsights.Component:
        """Takes telemetry over the internet too: what serves reports from Azure ML's network, as its identity only."""
        foundation = self._arguments.foundation
        return applicationinsights.Component(
            f"{self.name}-insights",
            resource_name_=names.within(self.context, "appi", 255),
            resource_group_name=foundation.group,
            location=self.context.region,
            kind="web",
            application_type="web",
            ingestion_mode="LogAnalytics",
            workspace_resource_id=foundation.logs_id,
            disable_local_auth=True,
            disable_ip_masking=False,
            public_network_access_for_ingestion="Enabled",
            public_network_access_for_query="Enabled",
            tags=self.context.tags,
            opts=self.child(stateful=True, depends_on=list(foundation.ready)),
        )

    def _roles_first(
        self, vault: keyvault.Vault, insights: applicationinsights.Component
    ) -> tuple[pulumi.Resource, ...]:
        """What the identities need on the things around the workspace, before there is one."""
        identity, group_id = self._workloads, self._arguments.foundation.group_id
        given: list[tuple[str, pulumi.Input[str] | None, roles.Role, WorkloadIdentity]] = [
            ("workspace-group", group_id, roles.READER, identity.workspace),
            ("workspace-network", group_id, roles.NETWORK_APPROVER, identity.workspace),
            ("workspace-secrets", vault.id, roles.KEY_VAULT_SECRETS_OFFICER, identity.workspace),
            ("workspace-insights", insights.id, roles.APPLICATION_INSIGHTS_CONTRIBUTOR, identity.workspace),
            ("workspace-images", self._arguments.registry_id, roles.ACR_PUSH, identity.workspace),
            ("workspace-images-network", self._arguments.registry_id, roles.NETWORK_APPROVER, identity.workspace),
            ("workspace-models-network", self._arguments.model_registry_id, roles.NETWORK_APPROVER, identity.workspace),
            ("pipeline-images", self._arguments.registry_id, roles.ACR_PULL, identity.pipeline),
            ("endpoint-images", self._arguments.registry_id, roles.ACR_PULL, identity.endpoint),
        ]
        return tuple(
            roles.assign(self, name, scope=scope, role=role, principal=to.principal)
            for name, scope, role, to in given
            if scope is not None
        )

    def _workspace(
        self, vault: keyvault.Vault, insights: applicationinsights.Component, after: tuple[pulumi.Resource, ...]
    ) -> ml.Workspace:
        context, arguments = self.context, self._arguments
        return ml.Workspace(
            f"{self.name}-workspace",
            workspace_name=workspace_name(context),
            resource_group_name=arguments.foundation.group,
            location=context.region,
            kind="Default",
            sku=ml.SkuArgs(name="Basic", tier=ml.SkuTier.BASIC),
            friendly_name=f"{context.project} {context.environment}",
            storage_account=arguments.storage.id,
            key_vault=vault.id,
            application_insights=insights.id,
            container_registry=arguments.registry_id,
            identity=ml.ManagedServiceIdentityArgs(
                # Jobs on serverless Spark, such as monitors, act only as what the workspace itself has.
                type="UserAssigned",
                user_assigned_identities=[self._workloads.workspace.id, self._workloads.pipeline.id],
            ),
            primary_user_assigned_identity=self._workloads.workspace.id,
            system_datastores_auth_mode="Identity",
            public_network_access="Enabled" if self._public else "Disabled",
            managed_network=self._managed_network(),
            provision_network_now=True,
            serverless_compute_settings=ml.ServerlessComputeSettingsArgs(serverless_compute_no_public_ip=True),
            v1_legacy_mode=False,
            hbi_workspace=is_sensitive(context),
            encryption=self._encryption(),
            tags=context.tags,
            opts=self.child(
                stateful=True,
                depends_on=[
                    *arguments.foundation.ready, *arguments.network.ready, *arguments.identity.ready,
                    *arguments.storage.ready, *after,
                ],
                replace_on_changes=["storageAccount", "keyVault", "hbiWorkspace", "kind", "encryption.status"],
                delete_before_replace=True,
            ),
        )  # fmt: skip

    def _managed_network(self) -> ml.ManagedNetworkSettingsArgs:
        """Out goes what is approved; hosts by name need a firewall, of which the smallest will do for packages."""
        if self._public:
            return ml.ManagedNetworkSettingsArgs(isolation_mode="AllowInternetOutbound")
        return ml.ManagedNetworkSettingsArgs(
            isolation_mode="AllowOnlyApprovedOutbound",
            firewall_sku="Basic" if self._arguments.network.allowed_outbound else None,
        )

    def _encryption(self) -> ml.EncryptionPropertyArgs | None:
        encryption, workspace = self._arguments.encryption, self._workloads.workspace
        if encryption is None:
            return None
        return ml.EncryptionPropertyArgs(
            status="Enabled",
            identity=ml.IdentityForCmkArgs(user_assigned_identity=workspace.id),
            key_vault_properties=ml.KeyVaultPropertiesArgs(
                key_vault_arm_id=encryption.vault_id,
                key_identifier=encryption.version_id,
                identity_client_id=workspace.client_id,
            ),
        )

    def _roles_then(
        self, workspace: ml.Workspace, insights: applicationinsights.Component
    ) -> tuple[pulumi.Resource, ...]:
        """What serves may say how it fares."""
        endpoint = self._workloads.endpoint
        return (
            roles.assign(
                self, "endpoint-metrics", scope=workspace.id, role=roles.METRICS_WRITER, principal=endpoint.principal
            ),
            roles.assign(
                self,
                "endpoint-telemetry",
                scope=insights.id,
                role=roles.MONITORING_METRICS_PUBLISHER,
                principal=endpoint.principal,
            ),
        )

    def _private_endpoints(self, workspace: ml.Workspace, vault: keyvault.Vault) -> tuple[pulumi.Resource, ...]:
        foundation, network = self._arguments.foundation, self._arguments.network
        return (
            *private_endpoint(self, "api", workspace.id, "amlworkspace", foundation=foundation, network=network),
            *private_endpoint(self, "vault", vault.id, "vault", foundation=foundation, network=network),
        )

    def _steps(self) -> tuple[AfterUp, ...]:
        name, group = workspace_name(self.context), self._arguments.foundation.group
        spark = AfterUp(
            title="Prepare the managed network for Spark",
            reason="drift monitors and feature sets run on Spark, which no property of the workspace asks for",
            command=f"az ml workspace provision-network --name {name} --resource-group {group} --include-spark",
        )
        if self._public or self._arguments.network.endpoints_subnet_id is not None:
            return (spark,)
        reach = AfterUp(
            title="Reach the private workspace from where you work",
            reason="it has no public address, and the config gives no network.address_space to reach it from",
            command=(
                f"az network private-endpoint create --name pe-{name} --resource-group YOUR_GROUP "
                f"--subnet YOUR_SUBNET_ID --connection-name {name} --group-id amlworkspace "
                "--private-connection-resource-id "
                + names.resource_id(self.context, "Microsoft.MachineLearningServices/workspaces", name)
            ),
        )
        return reach, spark


def is_sensitive(context: Context) -> bool:
    """Whether the data is such that Azure may keep less of it for diagnosis (high business impact)."""
    return context.tags.get("data-classification") in _SENSITIVE
