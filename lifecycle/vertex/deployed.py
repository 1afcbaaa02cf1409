"""What is deployed to an endpoint of Vertex AI, and how it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..contract.serving import DeployedModel
from ..contract.traffic import VersionHealth
from . import naming


def models(endpoint: Any) -> Sequence[DeployedModel]:
    """Everything on an endpoint, by id; nothing where the endpoint is gone."""
    if endpoint is None:
        return []
    return [model(endpoint, one) for one in sorted(endpoint.deployed_models, key=lambda one: one.id)]


def model(endpoint: Any, one: Any) -> DeployedModel:
    """One of them. What groundplan did not name so is called as Vertex AI calls it."""
    named = naming.deployed_version(one.display_name)
    name, version = named or (one.display_name or one.model.rpartition("/")[2], one.model_version_id or "1")
    health, detail = _health(one)
    return DeployedModel(
        endpoint=endpoint.name,
        id=one.id,
        model=name,
        version=version,
        traffic=endpoint.traffic_split.get(one.id, 0),
        pool=one.shared_resources,
        health=health,
        detail=detail,
    )


def _health(one: Any) -> tuple[VersionHealth, str]:
    """Vertex AI lists what is ready, and says of it how many machines answer, once it knows."""
    if "status" not in one or one.status.available_replica_count > 0:
        return "ready", ""
    said = one.status.message
    return ("unhealthy", said) if said else ("starting", "no machine answers yet")
