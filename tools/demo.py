"""Runs the README's transcript before your eyes, in a folder of its own: the README is the script of the demo."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from . import transcript

FOLDER = transcript.ROOT / ".demo"


def main() -> int:
    """Run every command of the transcript; the first failure ends it with that command's exit code."""
    if FOLDER.exists():
        _take_down(FOLDER)
    FOLDER.mkdir()
    started = time.monotonic()
    try:
        code = _play([exchange.command for exchange in transcript.shown()])
    except KeyboardInterrupt:
        code = 130
    if code == 0:
        _say(f"\nThe whole way in {time.monotonic() - started:.0f} s.", "1")
    return code


def _take_down(folder: Path) -> None:
    """Remove what an interrupted demo left, its endpoint included."""
    for config in folder.glob("*/groundplan.yaml"):
        subprocess.run(
            ["groundplan", "destroy", "--yes", "--quiet"], cwd=config.parent, env=transcript.environment(), check=False
        )
    shutil.rmtree(folder)


def _play(commands: list[str]) -> int:
    place = FOLDER
    for command in commands:
        _say(f"\n{transcript.typed(command)}", "1")
        if entered := transcript.entering(command):
            place = place / entered
            continue
        code = subprocess.run(
            [*transcript.SHELL, command], cwd=place, env=transcript.environment(), check=False
        ).returncode
        if code != 0:
            _say(f"\n'{command}' ended with {code}; the project is in {place}", "31")
            return code
    return 0


def _say(text: str, style: str) -> None:
    colored = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    print(f"\x1b[{style}m{text}\x1b[0m" if colored else text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
