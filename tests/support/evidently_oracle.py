"""Asks Evidently, in the environment of its own that ``make evidently`` makes, since it needs pandas 2."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import filelock
import pytest

PROGRAM = Path(__file__).with_name("evidently_program.py")
PYTHON = Path(__file__).parents[2] / ".tools" / "evidently" / "bin" / "python"

Answers = Mapping[str, Mapping[str, float]]
"""By the column, then by the method."""


def needed() -> None:
    """Skip where Evidently is not there; in CI it must be."""
    if not PYTHON.exists() and not os.environ.get("CI"):
        pytest.skip("Evidently has an environment of its own ('make evidently'), and it is not there")
    assert PYTHON.exists(), "make evidently"


def ask(folder: Path, cases: Mapping[str, Mapping[str, Any]]) -> Answers:
    """What Evidently says; one process for all, also where several workers of pytest-xdist ask for the same."""
    needed()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    asked, answered = folder / "evidently-asked.json", folder / "evidently-answered.json"
    with filelock.FileLock(folder / "evidently.lock"):
        if not answered.exists():
            asked.write_text(json.dumps(cases))
            subprocess.run(
                [PYTHON, "-I", PROGRAM, asked, answered],
                env={**os.environ, "DO_NOT_TRACK": "true"}, check=True, timeout=600,
            )  # fmt: skip
    return json.loads(answered.read_text())
