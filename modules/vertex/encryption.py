"""Keys of one's own at Google Cloud: a ring with keys in Cloud KMS, renewed by themselves, never deleted.

Cloud KMS deletes neither rings nor keys, so that their names are taken for good: both stay when the stack goes, and
what was encrypted stays readable.
"""

from __future__ import annotations

import pulumi
from pulumi_gcp import kms

from ..contract.component import Component
from ..contract.context import Context
from ..contract.encryption import EncryptionArguments, EncryptionKey, EncryptionOutputs
from ..contract.foundation import FoundationOutputs
from . import names, roles
from .labels import labels

_DAY = 86400
_DAYS_BEFORE_DESTRUCTION = 30


class Encryption(Component):
    """Makes a key for each stack; whoever encrypts with it lets its own service agents use it."""

    platform = "vertex"

    def __init__(
        self,
        name: str,
        context: Context,
        arguments: EncryptionArguments,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, context, opts)
        ring = kms.KeyRing(
            f"{name}-ring",
            project=context.account.project,
            location=context.region,
            name=names.key_ring(context),
            opts=self.child(stateful=True, retain_on_delete=True, depends_on=list(arguments.foundation.ready)),
        )
        keys = {stack: self._key(stack, arguments, ring) for stack in arguments.stacks}
        self.outputs = EncryptionOutputs(keys=keys)
        self.done({f"key_id_{stack}": key.key_id for stack, key in keys.items()})

    def _key(self, stack: str, arguments: EncryptionArguments, ring: kms.KeyRing) -> EncryptionKey:
        key = kms.CryptoKey(
            f"{self.name}-key-{stack}",
            key_ring=ring.id,
            name=stack,
            purpose="ENCRYPT_DECRYPT",
            rotation_period=f"{arguments.rotation_days * _DAY}s",
            destroy_scheduled_duration=f"{_DAYS_BEFORE_DESTRUCTION * _DAY}s",
            version_template={
                "algorithm": "GOOGLE_SYMMETRIC_ENCRYPTION",
                "protection_level": arguments.protection.upper(),
            },
            labels=labels(self.context),
            opts=self.child(stateful=True, retain_on_delete=True),
        )
        return EncryptionKey(key_id=key.id, version_id=key.id)


def encryption_key(context: Context, stack: str) -> EncryptionKey:
    """The key of a stack, computed from the context of the shared one."""
    key = names.key_path(context, stack)
    return EncryptionKey(key_id=key, version_id=key)


def grants(
    component: Component, encryption: EncryptionKey | None, foundation: FoundationOutputs, *services: str
) -> tuple[pulumi.Resource, ...]:
    """Let the service agents of ``services`` use the key; nothing that the key encrypts can be made before."""
    if encryption is None:
        return ()
    return tuple(
        roles.key_member(
            component,
            f"key-{service}",
            encryption.key_id,
            foundation.agents[service],
            depends_on=foundation.ready,
        )
        for service in services
    )
