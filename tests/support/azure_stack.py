"""The lower half of an Azure environment, made under Pulumi's mocks: one context, one variant, all components."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from groundplan.modules.azureml.access import Access
from groundplan.modules.azureml.encryption import Encryption
from groundplan.modules.azureml.foundation import Foundation
from groundplan.modules.azureml.identity import Identity
from groundplan.modules.azureml.network import Network
from groundplan.modules.azureml.storage import Storage
from groundplan.modules.azureml.workspace import Workspace
from groundplan.modules.contract.access import AccessArguments
from groundplan.modules.contract.context import Account, Context, Tier
from groundplan.modules.contract.encryption import EncryptionArguments, EncryptionKey
from groundplan.modules.contract.foundation import FoundationArguments, FoundationOutputs
from groundplan.modules.contract.identity import FederationArguments, IdentityArguments, IdentityOutputs, Principal
from groundplan.modules.contract.network import NetworkArguments, NetworkOutputs
from groundplan.modules.contract.planned import PlannedResource
from groundplan.modules.contract.registry import RegistryOutputs
from groundplan.modules.contract.storage import StorageArguments, StorageOutputs
from groundplan.modules.contract.workspace import WorkspaceArguments, WorkspaceOutputs

import pulumi_kit

Made = Mapping[str, PlannedResource]
"""What was made, by logical name."""

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
TENANT = "00000000-0000-0000-0000-0000000000aa"
GROUP = "11111111-0000-0000-0000-000000000001"
USER = "22222222-0000-0000-0000-000000000002"
CI = "33333333-0000-0000-0000-000000000003"
"""Object ids of a group, a person and CI's identity."""

TAGS = {
    "project": "churn",
    "environment": "dev",
    "owner": "team@example.com",
    "cost-center": "cc-1",
    "system-id": "churn",
    "data-classification": "internal",
    "risk-tier": "limited",
}
SHARED_GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-churn-shared-westeurope"
REGISTRY = RegistryOutputs(
    id=f"{SHARED_GROUP}/providers/Microsoft.MachineLearningServices/registries/mlr-churn",
    images_id=f"{SHARED_GROUP}/providers/Microsoft.ContainerRegistry/registries/crchurn",
    images_uri="crchurn.azurecr.io",
)
HUB = f"{SHARED_GROUP}/providers/Microsoft.Network/virtualNetworks/vnet-churn-shared"
KEY = EncryptionKey(
    key_id="https://kvk-churn.vault.azure.net/keys/key-churn-dev",
    version_id="https://kvk-churn.vault.azure.net/keys/key-churn-dev/0123456789abcdef",
    vault_id=f"{SHARED_GROUP}/providers/Microsoft.KeyVault/vaults/kvk-churn",
)


def context(environment: str = "dev", tier: Tier = "development", region: str = "westeurope") -> Context:
    """An environment of the project ``churn``."""
    return Context(
        project="churn",
        environment=environment,
        tier=tier,
        region=region,
        account=Account(subscription=SUBSCRIPTION, tenant=TENANT),
        tags={**TAGS, "environment": environment},
    )


def with_tags(where: Context, tags: Mapping[str, str]) -> Context:
    """The same with other tags."""
    return replace(where, tags={**where.tags, **tags})


@dataclass(frozen=True, kw_only=True)
class Variant:
    """What a test asks for; the rest is as groundplan has it by default."""

    context: Context = field(default_factory=context)
    public: bool = False
    address_space: str | None = None
    hub: str | None = None
    allowed_outbound: tuple[str, ...] = ()
    encryption: EncryptionKey | None = None
    log_requests: bool = True
    team: Mapping[str, tuple[Principal, ...]] = field(default_factory=dict[str, tuple[Principal, ...]])
    ci: str | None = None
    promoting: Mapping[str, str] = field(default_factory=dict[str, str])
    retraining: str | None = None


HARDENED = Variant(
    context=context("prod", "production"),
    address_space="10.1.0.0/24",
    allowed_outbound=("pypi.org", "*.conda.io", "pypi.org"),
    encryption=KEY,
    team={
        "ml-engineer": (Principal(kind="group", id=GROUP),),
        "solution-architect": (Principal(kind="user", id=USER),),
    },
    ci=CI,
)
"""Production with everything that closes it."""


@dataclass(frozen=True, kw_only=True)
class Base:
    """The outputs of what the upper half stands on."""

    foundation: FoundationOutputs
    network: NetworkOutputs
    identity: IdentityOutputs
    storage: StorageOutputs
    workspace: WorkspaceOutputs


def base(variant: Variant) -> Base:
    """Foundation, network, identity, storage and workspace; to be called inside ``pulumi_kit.record``."""
    where = variant.context
    foundation = Foundation("foundation", where, FoundationArguments(private=not variant.public)).outputs
    network = Network(
        "network",
        where,
        NetworkArguments(
            foundation=foundation,
            access="public" if variant.public else "private",
            address_space=variant.address_space,
            allowed_outbound=variant.allowed_outbound,
            hub_network_id=variant.hub,
        ),
    ).outputs
    identity = Identity("identity", where, IdentityArguments(foundation=foundation)).outputs
    storage = Storage(
        "storage",
        where,
        StorageArguments(
            foundation=foundation,
            network=network,
            identity=identity,
            encryption=variant.encryption,
            log_requests=variant.log_requests,
        ),
    ).outputs
    workspace = Workspace(
        "workspace",
        where,
        WorkspaceArguments(
            foundation=foundation,
            network=network,
            identity=identity,
            storage=storage,
            encryption=variant.encryption,
            registry_id=REGISTRY.images_id,
            model_registry_id=REGISTRY.id,
        ),
    ).outputs
    return Base(foundation=foundation, network=network, identity=identity, storage=storage, workspace=workspace)


def environment(variant: Variant) -> list[PlannedResource]:
    """Everything of the lower half, with access."""

    def program() -> None:
        made = base(variant)
        Access(
            "access",
            variant.context,
            AccessArguments(
                foundation=made.foundation,
                identity=made.identity,
                storage=made.storage,
                workspace=made.workspace,
                registry=REGISTRY,
                endpoints={},
                team=variant.team,
                ci=variant.ci,
                promoting=variant.promoting,
                retraining=variant.retraining,
            ),
        )

    return pulumi_kit.record(program, environment=variant.context.environment)


def shared(federation: FederationArguments | None = None, hub: str | None = None) -> list[PlannedResource]:
    """The shared stack without its registry: foundation, key, hub where asked, CI's identity where federated."""
    where = context("shared", "production")

    def program() -> None:
        foundation = Foundation("foundation", where, FoundationArguments()).outputs
        network = NetworkOutputs(access="private")
        if hub is not None:
            arguments = NetworkArguments(foundation=foundation, address_space=hub, hub=True)
            network = Network("network", where, arguments).outputs
        keys = EncryptionArguments(foundation=foundation, network=network, stacks=("shared", "dev"))
        Encryption("encryption", where, keys)
        if federation is not None:
            Identity("identity", where, IdentityArguments(foundation=foundation, federation=federation))

    return pulumi_kit.record(program, environment="shared")
