"""Runs the checkers that make builds with Go from their locked sources."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / ".tools" / "bin"


def run(name: str, *words: str, given: str = "", folder: Path | None = None) -> tuple[int, str]:
    """The exit code of a checker, and what it says; skips where there is no Go to build it, but not in CI."""
    program = FOLDER / name
    if not program.exists() and not os.environ.get("CI") and shutil.which("go") is None:
        pytest.skip(f"{name} is built with Go ('make {name}'), and go is not on the PATH")
    assert program.exists(), f"make {name}"
    done = subprocess.run([program, *words], input=given, capture_output=True, text=True, cwd=folder)
    return done.returncode, done.stdout
