"""Takes every model off a stack's endpoints: what is there, in which order, and nothing that nobody was shown."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Sequence

from ..core.errors import PolicyError, Problem
from .contract.serving import DeployedModel, ServingEndpoints, Watcher

LIMIT_SECONDS = 1800.0
"""How long taking the models off the endpoints of a stack may take where nobody gives a limit."""


def deployed(endpoints: ServingEndpoints, resources: Iterable[str]) -> tuple[DeployedModel, ...]:
    """What is deployed to these resources, each model once, those without traffic first."""
    found: dict[tuple[str, str], DeployedModel] = {}
    for resource in resources:
        if endpoints.serves(resource):
            found.update({one.key: one for one in endpoints.deployed(resource)})
    return tuple(sorted(found.values(), key=lambda one: (one.endpoint, one.traffic, one.id)))


def undeploy(
    endpoints: ServingEndpoints,
    resources: Sequence[str],
    *,
    shown: Collection[DeployedModel],
    seconds: float,
    watcher: Watcher,
) -> None:
    """Take everything off these resources. Raises PolicyError for a model that was deployed since they were shown."""
    end = time.monotonic() + seconds
    there = deployed(endpoints, resources)
    _refuse_strangers(there, shown)
    for endpoint in dict.fromkeys(one.endpoint for one in there):
        left = max(0.0, end - time.monotonic())
        endpoints.undeploy([one for one in there if one.endpoint == endpoint], seconds=left, watcher=watcher)


def _refuse_strangers(there: Iterable[DeployedModel], shown: Collection[DeployedModel]) -> None:
    known = {one.key for one in shown}
    problems = [
        Problem(
            message=f"{one.model} version {one.version} was deployed to this endpoint since you were asked",
            where=one.endpoint,
            hint="Run the command again: it shows what is deployed now.",
        )
        for one in there
        if one.key not in known
    ]
    if problems:
        raise PolicyError(problems[0].message, problems=problems)
