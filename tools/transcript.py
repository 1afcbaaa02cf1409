"""The README's transcript: its commands, played in a folder; run as a program it writes what they print."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
ELISION = "…"
"""Stands for the folder that holds the project."""

_START, _END = "```console", "```"


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """A line that a person types, and what is printed after it."""

    command: str
    printed: str


def shown() -> tuple[Exchange, ...]:
    """The exchanges that the README shows in its first console block."""
    block = README.read_text(encoding="utf-8").split(_START, 1)[1].split(_END, 1)[0]
    parts = (part.partition("\n") for part in block.split("\n$ ")[1:])
    return tuple(Exchange(command=command, printed=printed.strip("\n")) for command, _, printed in parts)


def played(folder: Path) -> Iterator[Exchange]:
    """The README's commands, run one after the other in ``folder``. Raises CalledProcessError for one that fails."""
    place = folder
    for exchange in shown():
        words = shlex.split(exchange.command)
        if words[0] == "cd":
            place = place / words[1]
            yield Exchange(command=exchange.command, printed="")
            continue
        program = str(Path(sys.executable).parent / words[0])
        result = subprocess.run(
            [program, *words[1:]],
            cwd=place,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=True,
        )
        yield Exchange(command=exchange.command, printed=result.stdout.replace(str(folder), ELISION).strip("\n"))


def main() -> int:
    """Write what the commands print now into the README."""
    with tempfile.TemporaryDirectory() as name:
        texts = [f"$ {one.command}\n{one.printed}".rstrip() for one in played(Path(name).resolve())]
    before, _, rest = README.read_text(encoding="utf-8").partition(_START)
    after = rest.partition(_END)[2]
    block = "\n\n".join(texts)
    README.write_text(f"{before}{_START}\n{block}\n{_END}{after}", encoding="utf-8")
    return 0


def _environment() -> dict[str, str]:
    dropped = ("GROUNDPLAN_", "NO_COLOR", "FORCE_COLOR", "CI", "PYTHONDONTWRITEBYTECODE")
    return {name: value for name, value in os.environ.items() if not name.startswith(dropped)}


if __name__ == "__main__":
    sys.exit(main())
