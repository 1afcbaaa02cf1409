"""The command line as a user types it, in a clean environment."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

GROUNDPLAN = Path(sys.executable).parent / "groundplan"


def clean_environment(**more: str) -> dict[str, str]:
    """This process's environment without what would change groundplan's behaviour."""
    dropped = ("GROUNDPLAN_", "NO_COLOR", "FORCE_COLOR", "CI", "PYTHONDONTWRITEBYTECODE", "PYTHONWARNINGS", "MLFLOW_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    return {**kept, "GROUNDPLAN_USER": "tester", **more}


def run(
    *arguments: str,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    input: str = "",
    timeout: float = 120,
) -> subprocess.CompletedProcess[str]:
    """Run ``groundplan`` as a process of its own, without a terminal; ``env`` is added to a clean environment."""
    return subprocess.run(
        [str(GROUNDPLAN), *arguments],
        cwd=cwd,
        env=clean_environment(**(env or {})),
        input=input,
        capture_output=True,
        text=True,
        timeout=timeout,
    )
