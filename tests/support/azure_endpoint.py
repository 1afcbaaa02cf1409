"""An endpoint of Azure ML for the tests of groundplan's adapter: what it has, what is done there."""

from __future__ import annotations

from typing import Any, cast

from groundplan.lifecycle.azureml.endpoints import AzureMLEndpoints
from groundplan.lifecycle.contract.serving import DeployedModel
from groundplan.lifecycle.contract.traffic import Traffic
from groundplan.lifecycle.patience import Pace

import serving_kit
from serving_kit import MACHINES, Rig, served
from stand_in import serving
from stand_in.services import AzureMLService

ENDPOINT = serving_kit.ENDPOINTS["azureml"]
PACE = Pace(first_seconds=0.005, longest_seconds=0.02, tries=4)


def reset(rig: Rig) -> Rig:
    """An endpoint with nothing on it, no metrics, no logs."""
    rig.reset()
    service = cloud(rig)
    service.insights.points.clear()
    service.online.logs.clear()
    service.online.answering, service.stale = None, 0
    return rig


def cloud(rig: Rig) -> AzureMLService:
    """The service behind the rig."""
    return cast("AzureMLService", rig.service)


def azure(rig: Rig) -> AzureMLEndpoints:
    """Groundplan's own."""
    return cast("AzureMLEndpoints", rig.adapter)


def impatient(rig: Rig) -> AzureMLEndpoints:
    """Groundplan's own, which gives up at the first answer that failed."""
    return cast("AzureMLEndpoints", rig.impatient)


def deploy(rig: Rig, version: int, *, seconds: float = 120) -> DeployedModel:
    """Start a version beside the others."""
    return azure(rig).deploy(ENDPOINT, served(version), MACHINES, seconds=seconds)


def split(rig: Rig, shares: dict[int, int], **more: Any) -> None:
    """Put shares in place."""
    azure(rig).route(ENDPOINT, Traffic(shares=shares, **more), seconds=120)


def in_place(rig: Rig) -> tuple[dict[str, int], dict[str, int]]:
    """Who answers and who gets copies, as the store has it."""
    endpoint = rig.service.store.resources[ENDPOINT]
    return serving.traffic(endpoint), serving.mirrored(endpoint)


def puts(rig: Rig) -> list[str]:
    """What was put, by name."""
    return [path.rpartition("/")[2] for method, path in rig.service.requests if method == "PUT"]


def unheard(*told: object) -> None:
    """Nobody listens."""
    del told
