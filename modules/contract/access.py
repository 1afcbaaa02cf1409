"""Access: what each of the seven roles, and CI, may do in an environment; the least that their work needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pulumi

    from .endpoint import EndpointOutputs
    from .foundation import FoundationOutputs
    from .identity import IdentityOutputs, Principal
    from .registry import RegistryOutputs
    from .storage import StorageOutputs
    from .workspace import WorkspaceOutputs


@dataclass(frozen=True, kw_only=True)
class AccessArguments:
    """``team``: the principals of each role; ``ci``: the principal of this environment's CI identity, or None.

    ``beside`` are the other environments in the same account. ``promoting`` are, in the first environment, the
    principals of CI by the later environments: they promote what is registered here. ``retraining`` is, in a later
    one, that of the first one's CI, which trains again by what is found here.
    """

    foundation: FoundationOutputs
    identity: IdentityOutputs
    storage: StorageOutputs
    workspace: WorkspaceOutputs
    registry: RegistryOutputs
    endpoints: Mapping[str, EndpointOutputs]
    team: Mapping[str, tuple[Principal, ...]]
    ci: pulumi.Input[str] | None = None
    beside: tuple[str, ...] = ()
    promoting: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, "pulumi.Input[str]"])
    retraining: pulumi.Input[str] | None = None


@dataclass(frozen=True, kw_only=True)
class AccessOutputs:
    """The custom roles' ids by name."""

    custom_roles: Mapping[str, pulumi.Input[str]]
