"""One capability of Azure under Pulumi's mocks, on top of an environment that is only told about.

The environment's outputs are readable stand-ins such as ``<storage>``, and what must be there first is one resource
named ``environment``: the lower half itself is proved by the tests of ``azure_stack``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

import pulumi
from groundplan.modules.contract.component import Component
from groundplan.modules.contract.context import Context, Tier
from groundplan.modules.contract.encryption import EncryptionKey
from groundplan.modules.contract.foundation import FoundationOutputs
from groundplan.modules.contract.identity import IdentityOutputs, WorkloadIdentity
from groundplan.modules.contract.network import NetworkOutputs
from groundplan.modules.contract.planned import PlannedResource
from groundplan.modules.contract.storage import StorageOutputs
from groundplan.modules.contract.workspace import WorkspaceOutputs

import azure_stack
import pulumi_kit

C = TypeVar("C", bound=Component)

GROUP = "rg-churn-dev-westeurope"
GROUP_ID = f"/subscriptions/{azure_stack.SUBSCRIPTION}/resourceGroups/{GROUP}"
WORKSPACE_ID = f"{GROUP_ID}/providers/Microsoft.MachineLearningServices/workspaces/mlw-churn-dev"
PLACE = {"resourceGroupName": GROUP, "workspaceName": "mlw-churn-dev"}
"""Where everything of the workspace is."""

TAGS = azure_stack.TAGS
KEY = azure_stack.KEY
ENVIRONMENT = "environment"
"""The name of the resource that stands for all that must be there first."""


@dataclass(frozen=True, kw_only=True)
class Base:
    """What a capability stands on."""

    context: Context
    foundation: FoundationOutputs
    network: NetworkOutputs
    identity: IdentityOutputs
    storage: StorageOutputs
    workspace: WorkspaceOutputs
    encryption: EncryptionKey | None

    @property
    def common(self) -> dict[str, Any]:
        """The arguments that most capabilities take."""
        return {
            "foundation": self.foundation, "network": self.network, "identity": self.identity,
            "storage": self.storage, "workspace": self.workspace,
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Capability(Generic[C]):
    """The component itself, and its own resources by logical name."""

    component: C
    resources: list[PlannedResource]

    @property
    def made(self) -> Mapping[str, PlannedResource]:
        """The resources by name."""
        return {one.name: one for one in self.resources}

    def inputs(self, name: str) -> Mapping[str, Any]:
        """The inputs of a resource."""
        return cast("Mapping[str, Any]", self.made[name].properties)

    def types(self) -> dict[str, str]:
        """The resources' types by name, without the cloud's prefix."""
        return {name: one.type.removeprefix("azure-native:") for name, one in self.made.items()}

    def waits_for(self, name: str) -> set[str]:
        """The names of what a resource waits for."""
        return set(pulumi_kit.depends_on(self.made[name]))

    def steps(self) -> dict[str, str]:
        """The commands of the steps after ``up``, by title."""
        return {one.title: one.command for one in self.component.steps}


def make(
    build: Callable[[Base], C],
    *,
    tier: Tier = "development",
    public: bool = False,
    own_network: bool = False,
    encryption: EncryptionKey | None = None,
    allowed_outbound: tuple[str, ...] = (),
    environment: str = "dev",
) -> Capability[C]:
    """Make what ``build`` makes on top of such an environment."""
    built: list[C] = []

    def program() -> None:
        first = pulumi.CustomResource("test:index:Environment", ENVIRONMENT, {})
        built.append(build(_base(first, tier, public, own_network, encryption, allowed_outbound, environment)))

    everything = pulumi_kit.record(program, environment=environment)
    parent = next(one.urn for one in everything if one.component)
    return Capability(component=built[0], resources=[one for one in everything if one.parent == parent])


def _base(
    first: pulumi.Resource,
    tier: Tier,
    public: bool,
    own_network: bool,
    encryption: EncryptionKey | None,
    allowed_outbound: tuple[str, ...],
    environment: str,
) -> Base:
    zones = ("api.azureml.ms", "notebooks.azure.net", "azurecr.io", "blob.core.windows.net", "dfs.core.windows.net")
    return Base(
        context=azure_stack.context(environment, tier),
        foundation=FoundationOutputs(group=GROUP, group_id=GROUP_ID, logs_id="<logs>", ready=(first,)),
        network=NetworkOutputs(
            access="public" if public else "private",
            allowed_outbound=allowed_outbound,
            endpoints_subnet_id="<endpoints-subnet>" if own_network else None,
            zones={f"privatelink.{zone}": f"<{zone}>" for zone in zones} if own_network else {},
        ),
        identity=IdentityOutputs(
            workspace=_identity("workspace"), pipeline=_identity("pipeline"), endpoint=_identity("endpoint"),
            ready=(first,),
        ),
        storage=StorageOutputs(
            artifacts_uri="azureml://datastores/artifacts/paths", cache_uri="azureml://datastores/cache/paths",
            data_uri="azureml://datastores/data/paths", requests_uri="azureml://datastores/requests/paths",
            name="stchurn", id="<storage>", ready=(first,),
        ),
        workspace=WorkspaceOutputs(uri=WORKSPACE_ID, name="mlw-churn-dev", insights_id="<insights>", ready=(first,)),
        encryption=encryption,
    )  # fmt: skip


def _identity(what: str) -> WorkloadIdentity:
    return WorkloadIdentity(
        name=f"id-churn-dev-{what}", id=f"<{what}>", principal=f"<{what}-principal>", client_id=f"<{what}-client>"
    )
