"""The feature store at Azure ML: a workspace of its own, entities, feature sets, and where features are computed to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pulumi
from pulumi_azure_native import machinelearningservices as ml

from ...core.errors import UsageError
from ..contract.component import Component
from ..contract.context import AfterUp, Context
from ..contract.features import FeaturesArguments, FeatureSetArguments, FeaturesOutputs
from . import names, roles, vaults
from .diagnostics import diagnostics
from .drift import SPARK
from .materialization import recurrence
from .offline_store import OfflineStore, offline_store
from .private_endpoints import private_endpoint
from .workspace import is_sensitive

_CONNECTION = "offline-store"
_MACHINE = "standard_e8s_v3"
_MANAGEMENT, _API = "https://management.azure.com", "2025-12-01"
_SETTINGS = "materialization_settings"


class Features(Component):
    """A feature store beside the workspace: it shares vault, storage and telemetry, and has its own offline store.

    A version of a feature set is read from a file in the storage account, which must be there before; so versions are
    a step after ``up``, as is joining the offline store, which Azure takes only once store and connection exist.
    """

    platform = "azureml"

    def __init__(
        self,
        name: str,
        context: Context,
        arguments: FeaturesArguments,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, context, opts)
        self._arguments = arguments
        self._store_name = store_name(context)
        self._public = arguments.network.access == "public"
        offline = offline_store(self, arguments)
        store = self._store(offline)
        self._connect(store, offline)
        foundation, network = arguments.foundation, arguments.network
        private_endpoint(self, "store", store.id, "amlworkspace", foundation=foundation, network=network)
        diagnostics(self, "diagnostics", store.id, foundation.logs_id)
        for entity, keys in _entities(arguments).items():
            self._entity(entity, keys, store)
        sets: dict[str, pulumi.Input[str]] = {one.name: self._set(one.name, store) for one in arguments.sets}
        self.steps = tuple(self._after_up())
        self.outputs = FeaturesOutputs(id=store.id, sets=sets)
        self.done({"id": store.id})

    def _store(self, offline: OfflineStore) -> ml.Workspace:
        context, arguments = self.context, self._arguments
        identity, encryption = arguments.identity, arguments.encryption
        acting = [one.id for one in (identity.workspace, identity.pipeline) if one is not None]
        return ml.Workspace(
            f"{self.name}-store",
            workspace_name=self._store_name,
            resource_group_name=arguments.foundation.group,
            location=context.region,
            kind="FeatureStore",
            sku=ml.SkuArgs(name="Basic", tier=ml.SkuTier.BASIC),
            friendly_name=f"{context.project} {context.environment} features",
            storage_account=arguments.storage.id,
            key_vault=names.resource_id(context, "Microsoft.KeyVault/vaults", vaults.workspace_vault_name(context)),
            application_insights=arguments.workspace.insights_id,
            system_datastores_auth_mode="Identity",
            public_network_access="Enabled" if self._public else "Disabled",
            managed_network=ml.ManagedNetworkSettingsArgs(
                isolation_mode="AllowInternetOutbound" if self._public else "AllowOnlyApprovedOutbound"
            ),
            provision_network_now=True,
            v1_legacy_mode=False,
            hbi_workspace=is_sensitive(context),
            feature_store_settings=ml.FeatureStoreSettingsArgs(
                compute_runtime=ml.ComputeRuntimeDtoArgs(spark_runtime_version=SPARK)
            ),
            identity=ml.ManagedServiceIdentityArgs(type="UserAssigned", user_assigned_identities=acting)
            if acting
            else ml.ManagedServiceIdentityArgs(type="SystemAssigned"),
            primary_user_assigned_identity=identity.workspace.id if identity.workspace else None,
            encryption=None
            if encryption is None or identity.workspace is None
            else ml.EncryptionPropertyArgs(
                status="Enabled",
                identity=ml.IdentityForCmkArgs(user_assigned_identity=identity.workspace.id),
                key_vault_properties=ml.KeyVaultPropertiesArgs(
                    key_vault_arm_id=encryption.vault_id,
                    key_identifier=encryption.version_id,
                    identity_client_id=identity.workspace.client_id,
                ),
            ),
            tags=context.tags,
            opts=self.child(
                stateful=True,
                ignore_changes=["featureStoreSettings.offlineStoreConnectionName"],
                replace_on_changes=["storageAccount", "keyVault", "hbiWorkspace", "kind", "encryption.status"],
                delete_before_replace=True,
                depends_on=[*arguments.workspace.ready, *offline.ready],
            ),
        )

    def _connect(self, store: ml.Workspace, offline: OfflineStore) -> None:
        """How jobs of the feature store reach the offline store: as the identity of pipelines, through its network."""
        pipeline = self._arguments.identity.pipeline
        if pipeline is None:
            return
        group = self._arguments.foundation.group
        ml.WorkspaceConnection(
            f"{self.name}-connection",
            connection_name=_CONNECTION,
            workspace_name=self._store_name,
            resource_group_name=group,
            properties=ml.ManagedIdentityAuthTypeWorkspaceConnectionPropertiesArgs(
                auth_type="ManagedIdentity",
                category="ADLSGen2",
                target=offline.container_id,
                is_shared_to_all=True,
                credentials=ml.WorkspaceConnectionManagedIdentityArgs(
                    client_id=pipeline.client_id, resource_id=pipeline.id
                ),
            ),
            opts=self.child(depends_on=[store]),
        )
        roles.assign(self, "pipeline-store", scope=store.id, role=roles.DATA_SCIENTIST, principal=pipeline.principal)
        earlier: list[pulumi.Resource] = [store]
        for target in () if self._public else ("blob", "dfs"):
            # One rule after another: a managed network takes one change at a time.
            rule = ml.ManagedNetworkSettingsRule(
                f"{self.name}-outbound-{target}",
                rule_name=f"offline-{target}",
                workspace_name=self._store_name,
                resource_group_name=group,
                properties=ml.PrivateEndpointOutboundRuleArgs(
                    type="PrivateEndpoint",
                    category="UserDefined",
                    destination=ml.PrivateEndpointDestinationArgs(
                        service_resource_id=offline.account_id, subresource_target=target, spark_enabled=True
                    ),
                ),
                opts=self.child(depends_on=earlier),
            )
            earlier = [rule]

    def _entity(self, entity: str, keys: tuple[str, ...], store: ml.Workspace) -> None:
        """An entity and its version. The config does not say the keys' types: text holds them all."""
        group, tags = self._arguments.foundation.group, self.context.tags
        container = ml.FeaturestoreEntityContainerEntity(
            f"{self.name}-entity-{entity}",
            name=entity,
            workspace_name=self._store_name,
            resource_group_name=group,
            properties=ml.FeaturestoreEntityContainerPropertiesArgs(tags=tags),
            opts=self.child(depends_on=[store]),
        )
        ml.FeaturestoreEntityVersion(
            f"{self.name}-entity-{entity}-version",
            name=entity,
            version="1",
            workspace_name=self._store_name,
            resource_group_name=group,
            properties=ml.FeaturestoreEntityVersionPropertiesArgs(
                index_columns=[ml.IndexColumnArgs(column_name=key, data_type="String") for key in keys], tags=tags
            ),
            opts=self.child(depends_on=[container]),
        )

    def _set(self, name: str, store: ml.Workspace) -> pulumi.Output[str]:
        return ml.FeaturesetContainerEntity(
            f"{self.name}-set-{name}",
            name=name,
            workspace_name=self._store_name,
            resource_group_name=self._arguments.foundation.group,
            properties=ml.FeaturesetContainerPropertiesArgs(tags=self.context.tags),
            opts=self.child(stateful=True, depends_on=[store]),
        ).id

    def _after_up(self) -> Iterator[AfterUp]:
        arguments, group = self._arguments, self._arguments.foundation.group
        store = f"--name {self._store_name} --resource-group {group}"
        yield AfterUp(
            title="Prepare the feature store's network for Spark",
            reason="features are computed on Spark, which no property of the store asks for",
            command=f"az ml workspace provision-network {store} --include-spark",
        )
        if arguments.identity.pipeline is not None:
            store_id = names.resource_id(self.context, "Microsoft.MachineLearningServices/workspaces", self._store_name)
            body = f'{{"properties":{{"featureStoreSettings":{{"offlineStoreConnectionName":"{_CONNECTION}"}}}}}}'
            yield AfterUp(
                title="Join the offline store to the feature store",
                reason="Azure takes the name of the connection only once the store and the connection exist",
                command=f"az rest --method patch --url '{_MANAGEMENT}{store_id}?api-version={_API}' --body '{body}'",
            )
        schedule = recurrence(arguments.schedule)
        for one in arguments.sets:
            yield self._register(one, schedule)
        if arguments.online:
            yield AfterUp(
                title="Serve features online",
                reason="the online store of Azure ML is an Azure Cache for Redis, which Azure retires and which is "
                "reached by a key: groundplan makes none; one that you have can be joined by its id",
                command=f"az ml feature-store update {store}"
                " --set online_store.type=redis online_store.target=YOUR_REDIS_ID",
            )

    def _register(self, one: FeatureSetArguments, schedule: str) -> AfterUp:
        where = f"--feature-store-name {self._store_name} --resource-group {self._arguments.foundation.group}"
        settings = f"offline_enabled=true {_SETTINGS}.resource.instance_type={_MACHINE} {schedule}"
        return AfterUp(
            title=f"Register and schedule the feature set {one.name}",
            reason="Azure ML reads the columns and their types from a FeatureSetSpec.yaml, which the config does not"
            f" hold and Pulumi cannot upload without the account's keys; its source is {one.source}",
            command=f"az ml feature-set create {where} --file features/{one.name}.yaml && "
            f"az ml feature-set update {where} --name {one.name} --version 1 --set {_SETTINGS}.{settings}",
        )


def store_name(context: Context) -> str:
    """The name of a stack's feature store."""
    return names.within(context, "mlfs", 33)


def _entities(arguments: FeaturesArguments) -> Mapping[str, tuple[str, ...]]:
    """The keys of each entity, which all its sets must share."""
    found: dict[str, tuple[str, ...]] = {}
    for one in arguments.sets:
        if found.setdefault(one.entity, one.keys) != one.keys:
            raise UsageError(
                f"the feature set {one.name!r} names other keys of the entity {one.entity!r} than another set does:"
                f" {', '.join(one.keys)} and {', '.join(found[one.entity])}",
                hint="Give the sets the same keys, or different entities.",
            )
    return found
