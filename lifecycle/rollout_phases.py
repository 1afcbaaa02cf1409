"""The phases of each strategy: offline evidence lies before the first, then a shadow, then shares of the requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from .contract.rollout import Phase, Strategy


def phases(
    strategy: Strategy,
    *,
    shadow_seconds: float,
    steps: Sequence[tuple[int, float]],
    stand_by_seconds: float,
    min_requests: int,
    mirrors: bool = True,
) -> tuple[Phase, ...]:
    """What a rollout passes in this order; ``steps`` are shares in percent and how many seconds each is watched.

    The last phase is all of the requests, with the version before standing by; ``direct`` has no other. Where nothing
    ``mirrors``, the shadow has no requests to wait for: the version is there, ready, and waits for a yes alone.
    """
    watched, least = (shadow_seconds, min_requests) if mirrors else (0.0, 0)
    shadow = Phase(kind="shadow", traffic=0, bake_seconds=watched, min_requests=least)
    shares = [
        Phase(kind="online", traffic=share, bake_seconds=bake, min_requests=min_requests) for share, bake in steps
    ]
    whole = Phase(kind="online", traffic=100, bake_seconds=stand_by_seconds, min_requests=min_requests)
    match strategy:
        case "direct":
            return (Phase(kind="online", traffic=100, bake_seconds=0),)
        case "canary":
            return (shadow, *shares, whole)
        case "ab":
            return (shadow, shares[0], whole)
        case "blue-green" | "shadow":
            return (shadow, whole)
    assert_never(strategy)
