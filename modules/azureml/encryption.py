"""Encryption at Azure: a vault with keys that are renewed by themselves, and the parts of a key's address."""

from __future__ import annotations

import pulumi
from pulumi_azure_native import keyvault

from ..contract.component import Component
from ..contract.context import Context
from ..contract.encryption import EncryptionArguments, EncryptionKey, EncryptionOutputs
from . import names, vaults
from .diagnostics import diagnostics
from .private_endpoints import private_endpoint

_VAULT = "Microsoft.KeyVault/vaults"


class Encryption(Component):
    """A vault that holds nothing but keys, one for each stack: whoever may use one can read no other stack's data.

    A key has no end: a workspace is bound to one version of it until the next ``up``, and a version that ended would
    take the workspace's data with it. What bounds its life is the rotation.
    """

    platform = "azureml"

    def __init__(
        self,
        name: str,
        context: Context,
        arguments: EncryptionArguments,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, context, opts)
        vault = vaults.vault(
            self,
            "vault",
            vaults.key_vault_name(context),
            group=arguments.foundation.group,
            public=False,
            premium=arguments.protection == "hsm",
            depends_on=arguments.foundation.ready,
        )
        diagnostics(self, "vault-diagnostics", vault.id, arguments.foundation.logs_id)
        foundation, network = arguments.foundation, arguments.network
        private_endpoint(self, "vault", vault.id, "vault", foundation=foundation, network=network)
        keys = {stack: self._key(stack, arguments, vault) for stack in arguments.stacks}
        self.outputs = EncryptionOutputs(keys=keys)
        self.done({"vault_id": vault.id, **{f"key_id_{stack}": key.version_id for stack, key in keys.items()}})

    def _key(self, stack: str, arguments: EncryptionArguments, vault: keyvault.Vault) -> EncryptionKey:
        key = keyvault.Key(
            f"{self.name}-key-{stack}",
            key_name=_name(self.context, stack),
            vault_name=vaults.key_vault_name(self.context),
            resource_group_name=arguments.foundation.group,
            properties=keyvault.KeyPropertiesArgs(
                kty="RSA-HSM" if arguments.protection == "hsm" else "RSA",
                key_size=3072,
                key_ops=["wrapKey", "unwrapKey"],
                attributes=keyvault.KeyAttributesArgs(enabled=True, exportable=False),
                rotation_policy=keyvault.RotationPolicyArgs(
                    lifetime_actions=[
                        keyvault.LifetimeActionArgs(
                            action=keyvault.ActionArgs(type=keyvault.KeyRotationPolicyActionType.ROTATE),
                            trigger=keyvault.TriggerArgs(time_after_create=f"P{arguments.rotation_days}D"),
                        )
                    ],
                ),
            ),
            tags=self.context.tags,
            opts=self.child(stateful=True, depends_on=[vault]),
        )
        return EncryptionKey(key_id=key.key_uri, version_id=key.key_uri_with_version, vault_id=vault.id)


def encryption_key(context: Context, stack: str) -> EncryptionKey:
    """The key of a stack, computed from the context of the shared one; not its version, which the vault makes."""
    vault = vaults.key_vault_name(context)
    return EncryptionKey(
        key_id=f"https://{vault}.vault.azure.net/keys/{_name(context, stack)}",
        vault_id=names.resource_id(context, _VAULT, vault),
    )


def _name(context: Context, stack: str) -> str:
    return names.within(context.for_environment(stack), "key", 127)


def vault_uri(key_id: pulumi.Input[str]) -> pulumi.Output[str]:
    """``https://VAULT.vault.azure.net`` of a key's address."""
    return pulumi.Output.from_input(key_id).apply(lambda address: address.partition("/keys/")[0])


def key_name(key_id: pulumi.Input[str]) -> pulumi.Output[str]:
    """The name in a key's address."""
    return pulumi.Output.from_input(key_id).apply(lambda address: address.partition("/keys/")[2].partition("/")[0])


def key_scope(encryption: EncryptionKey) -> pulumi.Output[str]:
    """The key as a scope of roles: nobody who may use it gets at what else the vault holds."""
    return pulumi.Output.concat(encryption.vault_id, "/keys/", key_name(encryption.key_id))
