"""Every scenario runs on every platform."""

from __future__ import annotations

from pathlib import Path

import pytest

import provisioning
from conformance_kit import LocalRig, RecordedRig, Rig

RIGS = ("local", "recorded", "recorded without copies")


@pytest.fixture(params=RIGS)
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Rig:
    """A platform with nothing registered and nothing deployed."""
    if request.param == "local":
        provisioned = request.getfixturevalue("provisioned")
        return LocalRig(tmp_path, provisioning.copy(provisioned, tmp_path / "project", project="churn"))
    return RecordedRig(tmp_path, copies=50 if request.param == "recorded" else 0)
