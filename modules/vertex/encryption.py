"""A key of one's own at Google Cloud: a ring and a key in Cloud KMS, renewed by themselves, never deleted.

Cloud KMS deletes neither rings nor keys, so that their names are taken for good: both stay when the stack goes, and
what was encrypted stays readable.
"""

from __future__ import annotations

import pulumi
from pulumi_gcp import kms

from ..contract.component import Component
from ..contract.context import Context
from ..contract.encryption import EncryptionArguments, EncryptionOutputs
from ..contract.foundation import FoundationOutputs
from . import names, roles
from .labels import labels

_DAY = 86400
_DAYS_BEFORE_DESTRUCTION = 30


class Encryption(Component):
    """Makes the key in the shared stack; whoever encrypts with it lets its own service agents use it."""

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
        key = kms.CryptoKey(
            f"{name}-key",
            key_ring=ring.id,
            name=names.KEY,
            purpose="ENCRYPT_DECRYPT",
            rotation_period=f"{arguments.rotation_days * _DAY}s",
            destroy_scheduled_duration=f"{_DAYS_BEFORE_DESTRUCTION * _DAY}s",
            version_template={
                "algorithm": "GOOGLE_SYMMETRIC_ENCRYPTION",
                "protection_level": arguments.protection.upper(),
            },
            labels=labels(context),
            opts=self.child(stateful=True, retain_on_delete=True),
        )
        self.outputs = EncryptionOutputs(key_id=key.id)
        self.done({"key_id": key.id})


def grants(
    component: Component, encryption: EncryptionOutputs | None, foundation: FoundationOutputs, *services: str
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
