"""The registries of all environments at Azure: one of models, components and environments, one of images."""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi_azure_native import containerregistry, managedidentity
from pulumi_azure_native import machinelearningservices as ml

from ..contract.component import Component
from ..contract.context import AfterUp, Context
from ..contract.encryption import EncryptionKey
from ..contract.registry import RegistryArguments, RegistryOutputs
from . import encryption as keys
from . import names, roles
from .catalogue.regions import WITHOUT_ZONES
from .diagnostics import diagnostics
from .names import models_name
from .private_endpoints import private_endpoint

_IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities"
_IMAGES = "Microsoft.ContainerRegistry/registries"
_MODELS = "Microsoft.MachineLearningServices/registries"


class Registry(Component):
    """A registry of models in every region that serves them, and a container registry without passwords.

    Images are not put into quarantine: nothing here would release them again. What an untagged image leaves goes after
    the config's retention.
    """

    platform = "azureml"

    def __init__(
        self,
        name: str,
        context: Context,
        arguments: RegistryArguments,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, context, opts)
        self._arguments = arguments
        self._public = arguments.network.access == "public"
        images, models = self._images(), self._models()
        foundation, network = arguments.foundation, arguments.network
        private_endpoint(self, "images", images.id, "registry", foundation=foundation, network=network)
        private_endpoint(self, "models", models.id, "amlregistry", foundation=foundation, network=network)
        diagnostics(self, "images-diagnostics", images.id, foundation.logs_id)
        diagnostics(self, "models-diagnostics", models.id, foundation.logs_id, metrics="")
        self.steps = () if arguments.encryption is None else (_azures_keys(models_name(context)),)
        known = registry_outputs(context)
        self.outputs = RegistryOutputs(
            tracking_uri=known.tracking_uri, id=models.id, images_id=images.id, images_uri=known.images_uri
        )
        self.done({"id": models.id, "images_id": images.id, "images_uri": known.images_uri})

    def _images(self) -> containerregistry.Registry:
        context, arguments = self.context, self._arguments
        properties, needs = self._encrypted(arguments.encryption) if arguments.encryption else ({}, ())
        return containerregistry.Registry(
            f"{self.name}-images",
            registry_name=images_name(context),
            resource_group_name=arguments.foundation.group,
            location=context.region,
            sku=containerregistry.SkuArgs(name="Premium"),
            admin_user_enabled=False,
            anonymous_pull_enabled=False,
            data_endpoint_enabled=not self._public,
            public_network_access="Enabled" if self._public else "Disabled",
            network_rule_bypass_options="AzureServices",
            network_rule_set=containerregistry.NetworkRuleSetArgs(default_action="Allow" if self._public else "Deny"),
            policies=self._policies(),
            zone_redundancy="Enabled" if context.protects and context.region not in WITHOUT_ZONES else "Disabled",
            tags=context.tags,
            **properties,
            opts=self.child(
                stateful=True,
                depends_on=[*arguments.foundation.ready, *needs],
                replace_on_changes=["encryption.status", "zoneRedundancy"],
                delete_before_replace=True,
            ),
        )

    def _policies(self) -> containerregistry.PoliciesArgs:
        """Images leave through the network that is allowed, or not at all."""
        days = self._arguments.retention_days
        return containerregistry.PoliciesArgs(
            export_policy=containerregistry.ExportPolicyArgs(status="enabled" if self._public else "disabled"),
            retention_policy=containerregistry.RetentionPolicyArgs(
                status="disabled" if days is None else "enabled", days=days
            ),
        )

    def _encrypted(self, encryption: EncryptionKey) -> tuple[dict[str, Any], tuple[pulumi.Resource, ...]]:
        """The properties of a registry with a key of one's own, and an identity that may use the key, nothing else."""
        name = names.within(self.context, "id", 128, "registry")
        identity = managedidentity.UserAssignedIdentity(
            f"{self.name}-identity",
            resource_name_=name,
            resource_group_name=self._arguments.foundation.group,
            location=self.context.region,
            tags=self.context.tags,
            opts=self.child(stateful=True, depends_on=list(self._arguments.foundation.ready)),
        )
        may_use = roles.assign(
            self,
            "images-key",
            scope=keys.key_scope(encryption),
            role=roles.KEY_VAULT_CRYPTO_USER,
            principal=identity.principal_id,
        )
        # Without a version in the key's address the registry follows the rotation.
        key = pulumi.Output.concat(keys.vault_uri(encryption.key_id), "/keys/", keys.key_name(encryption.key_id))
        properties = {
            "identity": containerregistry.IdentityPropertiesArgs(
                type=containerregistry.ResourceIdentityType.USER_ASSIGNED,
                user_assigned_identities={
                    names.resource_id(self.context, _IDENTITY, name): containerregistry.UserIdentityPropertiesArgs()
                },
            ),
            "encryption": containerregistry.EncryptionPropertyArgs(
                status="enabled",
                key_vault_properties=containerregistry.KeyVaultPropertiesArgs(
                    key_identifier=key, identity=identity.client_id
                ),
            ),
        }
        return properties, (identity, may_use)

    def _models(self) -> ml.Registry:
        context, arguments = self.context, self._arguments
        regions = dict.fromkeys((context.region, *arguments.regions))
        return ml.Registry(
            f"{self.name}-models",
            registry_name=models_name(context),
            resource_group_name=arguments.foundation.group,
            location=context.region,
            identity=ml.ManagedServiceIdentityArgs(type="SystemAssigned"),
            public_network_access="Enabled" if self._public else "Disabled",
            region_details=[self._in_region(region) for region in regions],
            tags=context.tags,
            opts=self.child(stateful=True, depends_on=list(arguments.foundation.ready)),
        )

    def _in_region(self, region: str) -> ml.RegistryRegionArmDetailsArgs:
        """What Azure makes for the registry in a region, in a resource group of its own that nobody else may change."""
        zones = self.context.protects and region not in WITHOUT_ZONES
        return ml.RegistryRegionArmDetailsArgs(
            location=region,
            acr_details=[
                ml.AcrDetailsArgs(system_created_acr_account=ml.SystemCreatedAcrAccountArgs(acr_account_sku="Premium"))
            ],
            storage_account_details=[
                ml.StorageAccountDetailsArgs(
                    system_created_storage_account=ml.SystemCreatedStorageAccountArgs(
                        storage_account_type="Standard_ZRS" if zones else "Standard_LRS",
                        storage_account_hns_enabled=False,
                        allow_blob_public_access=False,
                    )
                )
            ],
        )


def registry_outputs(context: Context) -> RegistryOutputs:
    """The registry of a stack, computed from its context alone: how an environment knows the shared one."""
    name, images = models_name(context), images_name(context)
    return RegistryOutputs(
        tracking_uri=f"azureml://{context.region}.api.azureml.ms/mlflow/v1.0/registries/{name}",
        id=names.resource_id(context, _MODELS, name),
        images_id=names.resource_id(context, _IMAGES, images),
        images_uri=f"{images}.azurecr.io",
    )


def images_name(context: Context) -> str:
    """The name of a stack's container registry."""
    return names.unique(context, "cr", 50, separator="")


def _azures_keys(name: str) -> AfterUp:
    return AfterUp(
        title=f"Know that the model registry {name} is encrypted with Azure's keys",
        reason="no property of a registry takes another key; the images and the workspaces have the config's own",
    )
