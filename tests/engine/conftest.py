"""A stand-in cloud and a toy project for each test of the engine."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

import toy_cloud
from stand_in import StandIn


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[StandIn]:
    """A cloud with nothing in it; the engine started by this process works with it and nothing else."""
    with StandIn(tmp_path / "stand-in") as made:
        for name, value in made.environment().items():
            monkeypatch.setenv(name, value)
        yield made


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The toy project."""
    return toy_cloud.make(tmp_path / "project")
