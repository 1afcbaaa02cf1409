"""The first lines of configs for a cloud, and what is wrong with a config, in short."""

from __future__ import annotations

from pathlib import Path

from groundplan.core.errors import ConfigError, Problem
from groundplan.stacks.config.reading import read_all

AZURE_IDS = "{subscription: 00000000-0000-4000-8000-000000000001, tenant: 00000000-0000-4000-8000-0000000000aa}"
AZURE = f"project: churn\nplatform: azureml\nregion: westeurope\naccount: {AZURE_IDS}\n"
GOOGLE = "project: churn\nplatform: vertex\nregion: europe-west4\naccount: {project: acme-churn}\n"
FIRST_LINES = {"azureml": AZURE, "vertex": GOOGLE}


def problems(folder: Path, text: str) -> list[tuple[str, str, str]]:
    """Place, message and hint of each problem of a config; none for a good one."""
    (folder / "groundplan.yaml").write_text(text, encoding="utf-8")
    try:
        read_all(folder)
    except ConfigError as error:
        return [_short(problem) for problem in error.problems]
    return []


def _short(problem: Problem) -> tuple[str, str, str]:
    return problem.where.rpartition("groundplan.yaml:")[2], problem.message, problem.hint
