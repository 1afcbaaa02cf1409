"""The feature store: features that training and serving share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pulumi

    from .encryption import EncryptionKey
    from .foundation import FoundationOutputs
    from .identity import IdentityOutputs
    from .network import NetworkOutputs
    from .storage import StorageOutputs
    from .workspace import WorkspaceOutputs


@dataclass(frozen=True, kw_only=True)
class FeatureSetArguments:
    """Features of one ``entity``, identified by ``keys``, read from ``source`` (a data source or a table)."""

    name: str
    source: str
    entity: str
    keys: tuple[str, ...]
    features: tuple[str, ...] = ()
    timestamp: str | None = None


@dataclass(frozen=True, kw_only=True)
class FeaturesArguments:
    """The feature store of an environment; ``online`` serves features too, ``schedule`` (cron, UTC) refreshes them."""

    foundation: FoundationOutputs
    network: NetworkOutputs
    identity: IdentityOutputs
    storage: StorageOutputs
    workspace: WorkspaceOutputs
    encryption: EncryptionKey | None = None
    sets: tuple[FeatureSetArguments, ...] = ()
    online: bool = False
    schedule: str = "0 3 * * *"


@dataclass(frozen=True, kw_only=True)
class FeaturesOutputs:
    """The store's id, and the id of each feature set by its name in the config."""

    id: pulumi.Input[str]
    sets: dict[str, pulumi.Input[str]]
