"""Fixtures that several test files of the lifecycle share."""

from __future__ import annotations

from pathlib import Path

import pytest

import provisioning
from registry_kit import Project


@pytest.fixture
def project(provisioned: Path, tmp_path: Path) -> Project:
    """A project whose registry is empty."""
    return Project(provisioning.copy(provisioned, tmp_path, project="churn").root)
