"""Runs the README's transcript for real, in a folder of its own: the README is the script of the demo."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / ".demo"
_FENCE = "```console"


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """A line that a person types, and what the README shows after it."""

    command: str
    shown: str


def transcript(readme: Path = ROOT / "README.md") -> tuple[Exchange, ...]:
    """The README's first console block, command by command."""
    block = readme.read_text(encoding="utf-8").split(_FENCE, 1)[1].split("```", 1)[0]
    parts = block.split("\n$ ")[1:]
    return tuple(
        Exchange(command=command, shown=shown.strip()) for command, _, shown in (part.partition("\n") for part in parts)
    )


def main() -> int:
    """Run every command of the transcript; the first failure ends it with that command's exit code."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    started = time.monotonic()
    try:
        code = _play([exchange.command for exchange in transcript()])
    except KeyboardInterrupt:
        code = 130
    if code == 0:
        _say(f"\nThe whole way in {time.monotonic() - started:.0f} s.", "1")
    return code


def _play(commands: Sequence[str]) -> int:
    folder = FOLDER
    for command in commands:
        _say(f"\n$ {command}", "1")
        words = shlex.split(command, comments=True)
        if words[0] == "cd":
            folder = folder / words[1]
            continue
        code = subprocess.run([_program(words[0]), *words[1:]], cwd=folder, env=_environment(), check=False).returncode
        if code != 0:
            _say(f"\n'{command}' ended with {code}; the project is in {folder}", "31")
            return code
    return 0


def _program(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def _environment() -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GROUNDPLAN_")}
    return {**inherited, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}


def _say(text: str, style: str) -> None:
    colored = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    print(f"\x1b[{style}m{text}\x1b[0m" if colored else text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
