"""Endpoints: where models answer. The shell is provisioned; deployments and traffic are the lifecycle's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    import pulumi

    from .catalogue import MachineSize
    from .encryption import EncryptionKey
    from .foundation import FoundationOutputs
    from .identity import IdentityOutputs
    from .network import NetworkOutputs
    from .storage import StorageOutputs
    from .workspace import WorkspaceOutputs


@dataclass(frozen=True, kw_only=True)
class PinnedModel:
    """A model version that the config names itself: the cloud's ``uri`` of the model and of its environment."""

    uri: str
    environment_uri: str = ""


@dataclass(frozen=True, kw_only=True)
class EndpointArguments:
    """One endpoint of the config. ``kind`` batch answers files, online answers requests.

    ``size`` is the machine type, None for the platform's default; between ``min_instances`` and ``max_instances`` run.
    ``log_sample`` is the share of requests that is logged with inputs and outputs, 0 to 1; ``schedule`` (cron, UTC)
    starts a batch endpoint. ``compute`` is the cluster's name at the cloud for a batch endpoint. With
    ``managed_monitors`` versions also log what the cloud's own monitors read.
    """

    endpoint: str
    model: str
    foundation: FoundationOutputs
    network: NetworkOutputs
    identity: IdentityOutputs
    storage: StorageOutputs
    workspace: WorkspaceOutputs
    encryption: EncryptionKey | None = None
    kind: Literal["online", "batch"] = "online"
    size: str | None = None
    min_instances: int = 1
    max_instances: int = 1
    timeout_seconds: int = 30
    log_sample: float = 0.0
    shared_pool: bool = False
    pinned: PinnedModel | None = None
    compute: str = ""
    schedule: str | None = None
    managed_monitors: bool = False


@dataclass(frozen=True, kw_only=True)
class EndpointOutputs:
    """Where deployments are kept (laptop) or the endpoint's id; ``name`` at the cloud.

    ``deployment`` is the one that the config pins; ``requests`` whether its inputs and outputs are logged; ``machine``
    what it answers on, None where the list has it not.
    """

    uri: pulumi.Input[str]
    name: str = ""
    scoring_uri: pulumi.Input[str] = ""
    deployment: str = ""
    requests: bool = False
    machine: MachineSize | None = None
    ready: tuple[pulumi.Resource, ...] = ()


class Endpoint(Protocol):
    """A platform's endpoint runtime; which models it serves is the lifecycle's business."""

    @property
    def outputs(self) -> EndpointOutputs:
        """Where deployments are kept."""
        ...
