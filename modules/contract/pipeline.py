"""A pipeline at the cloud: the neutral definition, compiled and scheduled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pulumi

    from ...lifecycle.contract.pipeline import Pipeline
    from .compute import ComputeOutputs
    from .encryption import EncryptionKey
    from .foundation import FoundationOutputs
    from .identity import IdentityOutputs
    from .network import NetworkOutputs
    from .registry import RegistryOutputs
    from .storage import StorageOutputs
    from .workspace import WorkspaceOutputs


@dataclass(frozen=True, kw_only=True)
class PipelineArguments:
    """A neutral ``pipeline``; ``computes`` by their names in the config, ``data_uris`` of the data sources by name.

    ``schedule`` is five cron fields in UTC; without it the pipeline is registered and runs on demand.
    ``version`` is the digest of the definition, the version it is registered under. ``root`` is the project's folder,
    where the steps' code and requirements are.
    """

    pipeline: Pipeline
    version: str
    root: Path
    foundation: FoundationOutputs
    network: NetworkOutputs
    identity: IdentityOutputs
    storage: StorageOutputs
    workspace: WorkspaceOutputs
    registry: RegistryOutputs
    computes: Mapping[str, ComputeOutputs]
    data_uris: Mapping[str, str]
    encryption: EncryptionKey | None = None
    schedule: str | None = None


@dataclass(frozen=True, kw_only=True)
class PipelineOutputs:
    """The registered pipeline's name and id, and its schedule's id where it has one."""

    name: str
    id: pulumi.Input[str]
    schedule_id: pulumi.Input[str] | None = None
