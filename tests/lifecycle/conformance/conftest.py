"""Every scenario runs on every platform."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

import provisioning
import serving_kit
from conformance_kit import LocalRig, RecordedRig, Rig
from conformance_on_clouds import CloudRig

RIGS = ("local", "recorded", "recorded without copies", *serving_kit.PLATFORMS)


@pytest.fixture(scope="module")
def azureml(tmp_path_factory: pytest.TempPathFactory) -> Generator[serving_kit.Rig]:
    """Azure ML's stand-in service, running."""
    with serving_kit.rig("azureml", tmp_path_factory.mktemp("azureml")) as started:
        yield started


@pytest.fixture(scope="module")
def vertex(tmp_path_factory: pytest.TempPathFactory) -> Generator[serving_kit.Rig]:
    """Vertex AI's stand-in service, running."""
    with serving_kit.rig("vertex", tmp_path_factory.mktemp("vertex")) as started:
        yield started


@pytest.fixture(params=RIGS)
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Rig:
    """A platform with nothing registered and nothing deployed."""
    if request.param == "local":
        provisioned = request.getfixturevalue("provisioned")
        return LocalRig(tmp_path, provisioning.copy(provisioned, tmp_path / "project", project="churn"))
    if request.param in serving_kit.PLATFORMS:
        return CloudRig(tmp_path, request.getfixturevalue(request.param))
    return RecordedRig(tmp_path, copies=50 if request.param == "recorded" else 0)
