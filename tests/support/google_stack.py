"""The lower half of a Google environment, made under Pulumi's mocks: one context, one variant, all components."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pulumi
from groundplan.modules.contract.access import AccessArguments
from groundplan.modules.contract.context import Account, AfterUp, Context, Tier
from groundplan.modules.contract.encryption import EncryptionArguments, EncryptionKey
from groundplan.modules.contract.endpoint import EndpointOutputs
from groundplan.modules.contract.foundation import FoundationArguments, FoundationOutputs
from groundplan.modules.contract.identity import FederationArguments, IdentityArguments, IdentityOutputs, Principal
from groundplan.modules.contract.network import NetworkArguments, NetworkOutputs
from groundplan.modules.contract.planned import PlannedResource
from groundplan.modules.contract.registry import RegistryOutputs
from groundplan.modules.contract.storage import StorageArguments, StorageOutputs
from groundplan.modules.contract.workspace import WorkspaceArguments, WorkspaceOutputs
from groundplan.modules.vertex.access import Access
from groundplan.modules.vertex.encryption import Encryption
from groundplan.modules.vertex.foundation import Foundation
from groundplan.modules.vertex.identity import Identity
from groundplan.modules.vertex.network import Network
from groundplan.modules.vertex.storage import Storage
from groundplan.modules.vertex.workspace import Workspace
from pulumi_gcp import vertex

import pulumi_kit

PROJECT = "acme-churn"
NUMBER = "123456789012"
REGION = "europe-west4"
ENDPOINT = "123456789"
"""The name of an online endpoint at Google Cloud."""

TAGS = {
    "project": "churn",
    "environment": "dev",
    "owner": "team@example.com",
    "cost-center": "CC-1",
    "system-id": "churn",
    "data-classification": "internal",
    "risk-tier": "limited",
}
LABELS = {**TAGS, "owner": "team-example-com", "cost-center": "cc-1"}
"""The tags as Google takes them."""

REGISTRY = RegistryOutputs(
    id=f"projects/{PROJECT}/locations/{REGION}",
    images_id=f"projects/{PROJECT}/locations/{REGION}/repositories/churn-shared-images",
    images_uri=f"{REGION}-docker.pkg.dev/{PROJECT}/churn-shared-images",
    templates_uri=f"https://{REGION}-kfp.pkg.dev/{PROJECT}/churn-shared-templates",
)
HUB = f"projects/{PROJECT}/global/networks/churn-shared"
KEY = f"projects/{PROJECT}/locations/{REGION}/keyRings/churn-shared/cryptoKeys/dev"
CI = f"serviceAccount:churn-shared-ci-prod@{PROJECT}.iam.gserviceaccount.com"


def context(
    environment: str = "dev", tier: Tier = "development", *, number: str = NUMBER, billing_account: str = ""
) -> Context:
    """An environment of the project ``churn``."""
    return Context(
        project="churn",
        environment=environment,
        tier=tier,
        region=REGION,
        account=Account(project=PROJECT, number=number, billing_account=billing_account),
        tags={**TAGS, "environment": environment},
    )


@dataclass(frozen=True, kw_only=True)
class Variant:
    """What a test asks for; the rest is as groundplan has it by default."""

    context: Context = field(default_factory=context)
    public: bool = False
    address_space: str | None = None
    hub: str | None = None
    connection: Literal["psc", "peering"] = "psc"
    perimeter: bool = False
    beside: tuple[str, ...] = ()
    allowed_outbound: tuple[str, ...] = ()
    encrypted: bool = False
    log_requests: bool = True
    team: Mapping[str, tuple[Principal, ...]] = field(default_factory=dict[str, tuple[Principal, ...]])
    ci: str | None = None
    promoting: Mapping[str, str] = field(default_factory=dict[str, str])
    retraining: str | None = None


@dataclass(frozen=True, kw_only=True)
class Made:
    """What a program made, by logical name, and the steps that it leaves to a person."""

    resources: list[PlannedResource]
    steps: tuple[AfterUp, ...] = ()

    def __getitem__(self, name: str) -> PlannedResource:
        return self.by_name[name]

    @property
    def by_name(self) -> dict[str, PlannedResource]:
        """By logical name, without components."""
        return pulumi_kit.by_name(self.resources)

    def inputs(self, name: str) -> Mapping[str, object]:
        """The inputs of one resource."""
        return self.by_name[name].properties

    def names(self, prefix: str) -> list[str]:
        """The logical names that begin so, sorted."""
        return sorted(name for name in self.by_name if name.startswith(prefix))


@dataclass(frozen=True, kw_only=True)
class Base:
    """The outputs of what the upper half stands on, and the steps of those components."""

    foundation: FoundationOutputs
    network: NetworkOutputs
    identity: IdentityOutputs
    storage: StorageOutputs
    workspace: WorkspaceOutputs
    encryption: EncryptionKey | None
    steps: tuple[AfterUp, ...]


def base(variant: Variant) -> Base:
    """Foundation, network, identity, storage and workspace; to be called inside ``pulumi_kit.record``."""
    where = variant.context
    key = EncryptionKey(key_id=KEY, version_id=KEY) if variant.encrypted else None
    foundation = Foundation("foundation", where, FoundationArguments(private=not variant.public)).outputs
    network = Network("network", where, _network(variant, foundation))
    identity = Identity("identity", where, IdentityArguments(foundation=foundation)).outputs
    storage = Storage(
        "storage",
        where,
        StorageArguments(
            foundation=foundation,
            network=network.outputs,
            identity=identity,
            encryption=key,
            log_requests=variant.log_requests,
        ),
    )
    workspace = Workspace(
        "workspace",
        where,
        WorkspaceArguments(
            foundation=foundation, network=network.outputs, identity=identity, storage=storage.outputs, encryption=key
        ),
    )
    return Base(
        foundation=foundation, network=network.outputs, identity=identity, storage=storage.outputs,
        workspace=workspace.outputs, encryption=key, steps=(*network.steps, *storage.steps, *workspace.steps),
    )  # fmt: skip


def environment(variant: Variant) -> Made:
    """Everything of the lower half with one online and one batch endpoint, and access."""
    steps: list[AfterUp] = []

    def program() -> None:
        made = base(variant)
        access = Access(
            "access",
            variant.context,
            AccessArguments(
                foundation=made.foundation,
                identity=made.identity,
                storage=made.storage,
                workspace=made.workspace,
                registry=REGISTRY,
                endpoints=_endpoints(),
                team=variant.team,
                ci=variant.ci,
                promoting=variant.promoting,
                retraining=variant.retraining,
                beside=variant.beside,
            ),
        )
        steps.extend((*made.steps, *access.steps))

    return Made(resources=pulumi_kit.record(program, environment=variant.context.environment), steps=tuple(steps))


def shared(federation: FederationArguments | None = None, hub: str | None = None, number: str = NUMBER) -> Made:
    """The shared stack without its registry: foundation, key, hub where asked, CI's identity where federated."""
    where = context("shared", "production", number=number)

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

    return Made(resources=pulumi_kit.record(program, environment="shared"))


def _network(variant: Variant, foundation: FoundationOutputs) -> NetworkArguments:
    return NetworkArguments(
        foundation=foundation,
        access="public" if variant.public else "private",
        address_space=variant.address_space,
        allowed_outbound=variant.allowed_outbound,
        connection=variant.connection,
        perimeter=variant.perimeter,
        access_policy="555666777" if variant.perimeter else "",
        hub_network_id=variant.hub,
    )


def _endpoints() -> dict[str, EndpointOutputs]:
    online = vertex.AiEndpoint("online", name=ENDPOINT, display_name="churn", location=REGION, project=PROJECT)
    schedule: tuple[pulumi.Resource, ...] = ()
    return {
        "online": EndpointOutputs(uri=online.id, name=ENDPOINT, ready=(online,)),
        "nightly": EndpointOutputs(uri="", name="churn-dev-nightly", ready=schedule),
    }
