"""A workspace: the place that holds everything else that is provisioned for one project and environment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pulumi

    from .encryption import EncryptionKey
    from .foundation import FoundationOutputs
    from .identity import IdentityOutputs
    from .network import NetworkOutputs
    from .storage import StorageOutputs


@dataclass(frozen=True, kw_only=True)
class WorkspaceArguments:
    """What a cloud's workspace stands on; ``registry_id``: images, ``model_registry_id``: models."""

    foundation: FoundationOutputs
    network: NetworkOutputs
    identity: IdentityOutputs
    storage: StorageOutputs
    encryption: EncryptionKey | None = None
    registry_id: pulumi.Input[str] | None = None
    model_registry_id: pulumi.Input[str] | None = None


@dataclass(frozen=True, kw_only=True)
class WorkspaceOutputs:
    """Where the workspace is: ``uri`` is a folder's file URI, or the cloud's resource id; ``name`` its name.

    ``ready`` is what must exist before anything is made in it.
    """

    uri: pulumi.Input[str]
    name: str = ""
    insights_id: pulumi.Input[str] = ""
    ready: tuple[pulumi.Resource, ...] = ()


class Workspace(Protocol):
    """A platform's workspace."""

    @property
    def outputs(self) -> WorkspaceOutputs:
        """Where it is."""
        ...
