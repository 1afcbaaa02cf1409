"""Computes: what steps train on, and what people work on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pulumi

    from .catalogue import MachineSize
    from .encryption import EncryptionKey
    from .foundation import FoundationOutputs
    from .identity import IdentityOutputs, Principal
    from .network import NetworkOutputs
    from .storage import StorageOutputs
    from .workspace import WorkspaceOutputs


@dataclass(frozen=True, kw_only=True)
class ComputeArguments:
    """One compute of the config. A ``cluster`` runs steps and scales from ``min_nodes`` to ``max_nodes``; a
    ``workstation`` is a person's (``owner``), and stops after ``idle_seconds``. ``size`` is the cloud's machine type,
    None for the platform's default of ``kind``.
    """

    compute: str
    foundation: FoundationOutputs
    network: NetworkOutputs
    identity: IdentityOutputs
    storage: StorageOutputs
    workspace: WorkspaceOutputs
    encryption: EncryptionKey | None = None
    type: Literal["cluster", "workstation"] = "cluster"
    kind: Literal["cpu", "gpu"] = "cpu"
    size: str | None = None
    max_nodes: int = 1
    min_nodes: int = 0
    idle_seconds: int = 900
    spot: bool = False
    owner: Principal | None = None


@dataclass(frozen=True, kw_only=True)
class ComputeOutputs:
    """The compute's name at the cloud, and its id; ``machine`` is what a step gets, None where the list has it not."""

    name: str
    id: pulumi.Input[str]
    machine: MachineSize | None = None
