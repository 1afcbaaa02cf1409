"""What all environments share: the registry, CI's identities, the keys, the network's hub where one is asked for."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from ..modules.contract.context import SHARED
from ..modules.contract.encryption import EncryptionArguments, EncryptionKey, EncryptionOutputs
from ..modules.contract.foundation import FoundationArguments, FoundationOutputs
from ..modules.contract.identity import IdentityArguments, IdentityOutputs
from ..modules.contract.network import NetworkArguments, NetworkOutputs
from ..modules.contract.registry import RegistryArguments
from . import settings
from .causes import caused_by
from .components import Components
from .config.checks_of_sharing import makes_key
from .config.resolved import Resolved
from .references import brought_along


def provision(resolved: Resolved, configs: Mapping[str, Resolved]) -> None:
    """Make the shared stack's components and export what environments need of them."""
    components = Components(resolved, resolved.environment)
    foundation = _foundation(components)
    network = _network(components, foundation)
    identity = _identity(components, foundation)
    encryption = _encryption(components, foundation, network, configs)
    if resolved.config.registry.shared:
        with caused_by("registry"):
            registry = components.make(
                "registry",
                RegistryArguments(
                    foundation=foundation,
                    network=network,
                    encryption=encryption,
                    regions=tuple(sorted({one.config.region or "" for one in configs.values()})),
                    retention_days=components.retention_days,
                ),
            )
        pulumi.export("registry_id", registry.outputs.id)
        pulumi.export("images_uri", registry.outputs.images_uri)
    for stack, ci in identity.ci.items():
        pulumi.export(f"ci_principal_{stack}", ci.principal)
        pulumi.export(f"ci_client_id_{stack}", ci.client_id)
        pulumi.export(f"ci_identity_{stack}", ci.id)
    if network.network_id is not None:
        pulumi.export("hub_network_id", network.network_id)
    components.export()


def _foundation(components: Components) -> FoundationOutputs:
    private, days = components.config.network.access == "private", settings.log_retention_days(components.config)
    with caused_by("project"):
        made = components.make("foundation", FoundationArguments(private=private, log_retention_days=days))
    outputs: FoundationOutputs = made.outputs
    return outputs


def _network(components: Components, foundation: FoundationOutputs) -> NetworkOutputs:
    section = components.config.network
    if section.hub is None:
        return NetworkOutputs(access=section.access, connection=section.connection)
    with caused_by("network.hub"):
        made = components.make(
            "network",
            NetworkArguments(
                foundation=foundation,
                access=section.access,
                address_space=section.hub,
                allowed_outbound=tuple(section.allowed_outbound),
                connection=section.connection,
                hub=True,
            ),
        )
    outputs: NetworkOutputs = made.outputs
    return outputs


def _identity(components: Components, foundation: FoundationOutputs) -> IdentityOutputs:
    federation = settings.federation(components.resolved)
    if federation is None:
        return IdentityOutputs()
    with caused_by("identity.federation"):
        made = components.make("identity", IdentityArguments(foundation=foundation, federation=federation))
    outputs: IdentityOutputs = made.outputs
    return outputs


def _encryption(
    components: Components, foundation: FoundationOutputs, network: NetworkOutputs, configs: Mapping[str, Resolved]
) -> EncryptionKey | None:
    """The key of what is shared; those of the environments are made with it and exported."""
    section = components.config.encryption
    if section is None or section.key is not None:
        return brought_along(section)
    with caused_by("encryption"):
        made = components.make(
            "encryption",
            EncryptionArguments(
                foundation=foundation,
                network=network,
                stacks=tuple(name for name, one in configs.items() if makes_key(one.config)),
                rotation_days=settings.days(section.rotation),
                protection=section.protection,
            ),
        )
    outputs: EncryptionOutputs = made.outputs
    for stack, key in outputs.keys.items():
        pulumi.export(f"encryption_key_id_{stack}", key.version_id)
    return outputs.keys[SHARED]
