"""Programs on the PATH and the version they name themselves."""

from __future__ import annotations

import shutil
import subprocess

_PATIENCE_SECONDS = 5.0


def version(name: str, argument: str) -> str | None:
    """The first line that ``name argument`` prints, ``?`` where it fails or hangs; None without such a program."""
    path = shutil.which(name)
    if path is None:
        return None
    try:
        answer = subprocess.run(
            [path, argument], capture_output=True, timeout=_PATIENCE_SECONDS, check=True, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.SubprocessError):
        return "?"
    lines = answer.stdout.decode(errors="replace").splitlines()
    return lines[0].strip() if lines else "?"
