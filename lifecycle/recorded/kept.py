"""A model version as it is on record."""

from __future__ import annotations

from dataclasses import dataclass

from ..contract.model import Lineage, Override, VersionStatus


@dataclass(frozen=True, kw_only=True)
class KeptVersion:
    """A version as the ledger keeps it; ``evidence`` is the digest of the record that holds it with its verdict."""

    version: int
    digest: str
    created: str
    lineage: Lineage
    evidence: str
    gate: str
    status: VersionStatus = "registered"
    stage: str | None = None
    overrides: tuple[Override, ...] = ()
    trusted_types: tuple[str, ...] = ()
    size_bytes: int = 0
