"""A rig at Vertex AI: versions that are registered, put on the endpoint, given shares; what to break there."""

from __future__ import annotations

import pytest
from groundplan.lifecycle.contract.deployment import Machines, ServedModel
from groundplan.lifecycle.contract.serving import DeployedModel
from groundplan.lifecycle.contract.traffic import Traffic

import serving_kit
from serving_kit import LOCATION, Rig
from stand_in import serving
from stand_in.services import VertexService

BEGINS = {"method": "POST", "path": ":deployModel"}
SHARES = {"method": "PATCH", "path": "/endpoints/"}
MACHINES = Machines(type="n1-standard-4", least=1, most=3)
FAULTS = pytest.mark.parametrize(
    "order",
    [
        {"status": 429, "headers": {"Retry-After": "0"}},
        {"status": 500, "times": 2},
        {"status": 503, "method": "GET"},
        {"kind": "reset", "method": "GET"},
        {"kind": "cut", "method": "GET", "done": True},
    ],
    ids=["throttled", "fault", "unavailable", "reset", "cut"],
)


def serve(rig: Rig, version: int) -> ServedModel:
    """A version that is registered, of the folder that the registry vouches for."""
    wanted = serving_kit.served(version)
    name = f"{LOCATION}/models/churn--churn"
    there = vertex(rig).models.content.setdefault(name, [])
    there.append(
        {
            "name": name, "displayName": "churn", "versionId": str(version), "labels": {}, "etag": "e",
            "versionAliases": [] if there else ["default"],
            "artifactUri": f"gs://churn-dev/artifacts/models/churn/{wanted.digest.removeprefix('sha256:')}",
            "containerSpec": {"imageUri": "europe-west4-docker.pkg.dev/acme-churn/images/serve:1"},
        }
    )  # fmt: skip
    return wanted


def versions(rig: Rig) -> dict[str, int]:
    """The shares by the name that groundplan gave, as the store has them."""
    shares, endpoint = rig.shares(), rig.service.store.resources[rig.endpoint]
    return {one["displayName"]: shares.get(one["id"], 0) for one in serving.deployed_models(endpoint)}


def deploy(rig: Rig, *numbers: int) -> list[DeployedModel]:
    return [rig.adapter.deploy(rig.endpoint, serve(rig, one), MACHINES, seconds=120) for one in numbers]


def route(rig: Rig, shares: dict[int, int]) -> None:
    rig.adapter.route(rig.endpoint, Traffic(shares=shares), seconds=120)


def vertex(rig: Rig) -> VertexService:
    assert isinstance(rig.service, VertexService)
    return rig.service
