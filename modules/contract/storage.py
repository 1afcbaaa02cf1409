"""Storage: where data, artifacts and the outputs of steps are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pulumi

    from .encryption import EncryptionKey
    from .foundation import FoundationOutputs
    from .identity import IdentityOutputs
    from .network import NetworkOutputs


@dataclass(frozen=True, kw_only=True)
class StorageArguments:
    """What a cloud's storage stands on; ``log_inputs`` asks for a place for the requests that endpoints log."""

    foundation: FoundationOutputs
    network: NetworkOutputs
    identity: IdentityOutputs
    encryption: EncryptionKey | None = None
    artifact_retention_days: int = 365
    log_requests: bool = True


@dataclass(frozen=True, kw_only=True)
class StorageOutputs:
    """Where things are kept: URIs of the artifacts, of the steps' cache, of data sets.

    ``id`` and ``name`` are the account's or bucket's (empty on the laptop); ``requests_uri`` is where endpoints
    log requests (Google Cloud: ``bq://project.dataset.table`` prefix).
    """

    artifacts_uri: str
    cache_uri: str
    data_uri: str
    requests_uri: str = ""
    name: str = ""
    id: pulumi.Input[str] = ""
    ready: tuple[pulumi.Resource, ...] = ()


class Storage(Protocol):
    """A platform's storage."""

    @property
    def outputs(self) -> StorageOutputs:
        """Where things are kept."""
        ...
