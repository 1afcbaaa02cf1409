"""What a platform can do of a model's life, as it declares that itself: for the portability table and for refusals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Level = Literal["same", "approximated", "unsupported"]
"""The same as on the laptop, nearly the same, or not at all (yet)."""


@dataclass(frozen=True, kw_only=True)
class Support:
    """How far a platform goes with one part of a model's life, and why not all the way."""

    level: Level
    reason: str


SAME: Final = Support(level="same", reason="")

PARTS: Final = (
    "run", "runs", "models", "models promote", "deploy", "deploy.listening", "deploy.batch", "predict", "rollout",
    "rollout.shadow", "rollout.ab", "rollout.sticky", "rollout.metrics", "rollout.drift", "rollout.disagreement",
    "rollout.crashes", "rollback", "monitor", "monitor.managed", "feedback", "watch", "retrain", "status", "logs",
    "logs.requests", "logs.redact", "logs.follow", "features get", "features retrieve",
)  # fmt: skip
"""Verbs, and of some verbs a part (``verb.part``), in the order of a model's life."""


def nearly(reason: str) -> Support:
    """Support that comes near."""
    return Support(level="approximated", reason=reason)


def lacking(reason: str) -> Support:
    """No support."""
    return Support(level="unsupported", reason=reason)
