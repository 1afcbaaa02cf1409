"""A project with a real platform, which the tests of the local platform copy."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from groundplan.core.layout import Layout
from groundplan.modules.local import database

import provisioning


@pytest.fixture(scope="session")
def made(provisioned: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that was provisioned by the real code; tests copy it and change nothing in it."""
    return provisioning.copy(provisioned, tmp_path_factory.mktemp("made") / "project", project="demo").root


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Layout:
    """A provisioned project of one test's own."""
    root = tmp_path / "project"
    shutil.copytree(made, root)
    return Layout(root)


@pytest.fixture
def empty(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    """A project without state; making MLflow's tables, which takes seconds, is copying the ones of ``made``."""
    template = Layout(made).tracking_database

    def copy(new: Path, _: str) -> None:
        shutil.copyfile(template, new)

    monkeypatch.setattr(database, "_make", copy)
    root = tmp_path / "empty"
    root.mkdir()
    return Layout(root)
