"""Who answers an endpoint's requests, and how well: what both clouds and the laptop can say and do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """The shares of an endpoint's requests by version, in percent; they sum to 100, or there is none at all.

    ``mirrored`` is the version that gets a copy of ``mirror_share`` percent of the requests and answers nobody.
    ``sticky`` is the field of a row by whose value a caller stays with a version.
    """

    shares: Mapping[int, int]
    mirrored: int | None = None
    mirror_share: int = 0
    sticky: str = ""

    def __post_init__(self) -> None:
        """Raises ValueError for shares that are no traffic."""
        if any(not 0 <= share <= 100 for share in self.shares.values()) or sum(self.shares.values()) not in (0, 100):
            raise ValueError(f"shares must be between 0 and 100 and sum to 100: {dict(self.shares)}")
        if self.mirrored is not None and self.shares.get(self.mirrored, 0):
            raise ValueError(f"version {self.mirrored} cannot answer and be mirrored to")
        if not 0 <= self.mirror_share <= 100 or (self.mirror_share > 0) != (self.mirrored is not None):
            raise ValueError(f"a share of 1 to 100 is mirrored to a version, or none to none: {self.mirror_share}")


VersionHealth = Literal["ready", "starting", "unhealthy", "stopped"]


@dataclass(frozen=True, kw_only=True)
class VersionState:
    """One version at an endpoint. ``restarts`` counts how often its process had to be started again."""

    version: int
    health: VersionHealth
    share: int
    mirrored: bool = False
    restarts: int = 0
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Observation:
    """What a version did since a moment. ``requests`` were meant for it, ``mirrored`` are copies sent to it.

    ``errors`` are answers of 5xx and requests or copies without one, not a caller's mistakes; the latency is of both.
    ``disagreements`` counts copies that it answered otherwise than the one that answered the caller.
    ``metrics`` were measured on its ``labelled`` requests; ``standard_errors`` says how sure each is, where known.
    """

    version: int
    since: str
    requests: int
    errors: int
    latency_p50_ms: float | None
    latency_p95_ms: float | None
    mirrored: int = 0
    disagreements: int = 0
    restarts: int = 0
    metrics: Mapping[str, float] = field(default_factory=dict[str, float])
    standard_errors: Mapping[str, float] = field(default_factory=dict[str, float])
    labelled: int = 0
    drifted: tuple[str, ...] = ()

    @property
    def error_rate(self) -> float:
        """The share of requests and copies that failed; 0 without any."""
        asked = self.requests + self.mirrored
        return self.errors / asked if asked else 0.0


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One look at an endpoint: its versions, oldest first, and what each did since a moment."""

    versions: Sequence[VersionState]
    observed: Sequence[Observation]
