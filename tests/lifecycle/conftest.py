"""Fixtures that several test files of the lifecycle share."""

from __future__ import annotations

from pathlib import Path

import pytest
from groundplan.core.layout import Layout
from groundplan.lifecycle.local import tracking

from registry_kit import Project, copy_store


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tracking store without anything in it."""
    layout = Layout(tmp_path_factory.mktemp("empty-store"))
    tracking.open_store(layout)
    return layout.tracking_database


@pytest.fixture
def project(empty_store: Path, tmp_path: Path) -> Project:
    """A project whose registry is empty."""
    return copy_store(empty_store, tmp_path)
