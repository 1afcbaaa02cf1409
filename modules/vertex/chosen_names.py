"""Names of what a person named in the config: never cut, so that it is found again; a plan tells what is too long."""

from __future__ import annotations

import hashlib

from ..contract.context import Context

_LONGEST_MODEL = 63


def hyphenated(context: Context, chosen: str) -> str:
    """``project-environment-chosen``, for what takes hyphens only: computes, endpoints, pools, schedules."""
    return f"{context.project}-{context.environment}-{chosen}".replace("_", "-")


def underscored(context: Context, chosen: str) -> str:
    """``project_environment_chosen``, for what takes underscores only, such as a feature group."""
    return f"{context.project}_{context.environment}_{chosen}".replace("-", "_")


def endpoint(context: Context, chosen: str) -> str:
    """An endpoint's own name: nine digits, the only form that the API and the provider both take, always the same."""
    place = (context.account.project, context.region, context.project, context.environment)
    number = int.from_bytes(hashlib.sha256("\n".join([*place, chosen]).encode()).digest()[:8], "big")
    return str(100_000_000 + number % 900_000_000)


def model(context: Context, chosen: str) -> str:
    """A model's id in the registry, as the lifecycle registers it."""
    whole = f"{context.project}--{chosen}"
    if len(whole) <= _LONGEST_MODEL:
        return whole
    return f"{whole[: _LONGEST_MODEL - 9]}-{hashlib.sha256(whole.encode()).hexdigest()[:8]}"
