"""Keeps versions where they are while one of them is being rolled out."""

from __future__ import annotations

from ..core.errors import PolicyError
from . import rollout
from .contract.platform import Platform


def demand_none(platform: Platform, model: str, environment: str | None, what: str) -> None:
    """Raises PolicyError, which names it, while a version of this model is being rolled out in this environment."""
    for one in platform.rollouts.all():
        if (one.model, one.plan.environment) == (model, environment) and not one.is_final:
            raise PolicyError(
                f"{rollout.name(one)} is under way, so {what} must wait",
                hint=f"Look at it: groundplan rollout status {one.plan.endpoint} -e {environment}. Turn it back: "
                f"groundplan rollback {one.plan.endpoint} -e {environment} --reason TEXT",
            )
