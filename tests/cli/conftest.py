"""What several test files of commands share: a new project on each cloud."""

from __future__ import annotations

from pathlib import Path

import pytest

from terminal import call

_ACCOUNT = {
    "azureml": [
        "region=westeurope", "subscription=00000000-0000-4000-8000-000000000001",
        "tenant=00000000-0000-4000-8000-0000000000aa",
    ],
    "vertex": ["region=europe-west4", "cloud_project=acme-churn"],
}  # fmt: skip


@pytest.fixture(scope="session")
def projects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new project on each cloud, named like it; whoever changes one takes a copy."""
    folder = tmp_path_factory.mktemp("projects")
    for platform, answers in _ACCOUNT.items():
        settings = [word for answer in (*answers, "repository=acme/churn") for word in ("--set", answer)]
        done = call("new", platform, "--platform", platform, *settings, cwd=folder)
        assert done.returncode == 0, done.stderr
    return folder
