"""The README's transcript: the commands of its console blocks, played one after the other in a folder.

Run as a program it writes what they print.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterable
from contextlib import closing
from dataclasses import dataclass
from itertools import islice, takewhile
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
ELISION = "…"
"""Stands for the folder that holds the project."""

SHELL = ("/bin/sh", "-c")

_BLOCK = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.DOTALL | re.MULTILINE)
_GOES_ON = "> "
"""Begins a further line of a command."""


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """A line that a person types, and what is printed after it."""

    command: str
    printed: str


def shown() -> tuple[Exchange, ...]:
    """The exchanges that the README shows in its console blocks."""
    return tuple(one for block in _BLOCK.findall(_readme()) for one in _exchanges(block))


def main_job() -> tuple[Exchange, ...]:
    """The exchanges of the first block, which print the same each time but for figures."""
    return tuple(_exchanges(_BLOCK.findall(_readme())[0]))


def played(folder: Path) -> Generator[Exchange, None, None]:
    """The README's commands, run one after the other in ``folder``; in the end nothing of them runs.

    Raises RuntimeError for one that fails.
    """
    place = folder
    try:
        for exchange in shown():
            if entered := entering(exchange.command):
                place = place / entered
                yield Exchange(command=exchange.command, printed="")
                continue
            code, text = _run(exchange.command, place)
            if code != 0:
                raise RuntimeError(f"{exchange.command} ended with {code}:\n{text}")
            yield Exchange(command=exchange.command, printed=text.replace(str(folder), ELISION).strip("\n"))
    finally:
        _run("groundplan destroy --yes", place)


def entering(command: str) -> str | None:
    """The folder that a command enters, where it does."""
    words = shlex.split(command)
    return words[1] if words[0] == "cd" else None


def typed(command: str) -> str:
    """A command as it stands behind the prompt."""
    return "$ " + command.replace("\n", f"\n{_GOES_ON}")


def environment() -> dict[str, str]:
    """In which the shell finds this environment's programs, and Python the tools."""
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": programs, "PYTHONPATH": str(ROOT)}


def main() -> int:
    """Write what the commands print now into the README."""
    with tempfile.TemporaryDirectory() as name, closing(played(Path(name).resolve())) as now:
        text = _BLOCK.sub(lambda block: _written(islice(now, len(_exchanges(block[0])))), _readme())
    README.write_text(text, encoding="utf-8")
    return 0


def _run(command: str, place: Path) -> tuple[int, str]:
    result = subprocess.run(
        [*SHELL, command],
        cwd=place,
        env=_clean(environment()),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    return result.returncode, result.stdout


def _readme() -> str:
    return README.read_text(encoding="utf-8")


def _exchanges(block: str) -> list[Exchange]:
    return [_exchange(part.splitlines()) for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]]


def _exchange(lines: list[str]) -> Exchange:
    more = list(takewhile(lambda line: line.startswith(_GOES_ON), lines[1:]))
    command = [lines[0], *(line.removeprefix(_GOES_ON) for line in more)]
    return Exchange(command="\n".join(command), printed="\n".join(lines[len(command) :]).strip("\n"))


def _written(exchanges: Iterable[Exchange]) -> str:
    return "\n\n".join(f"{typed(one.command)}\n{one.printed}".rstrip() for one in exchanges) + "\n"


def _clean(variables: dict[str, str]) -> dict[str, str]:
    dropped = ("GROUNDPLAN_", "NO_COLOR", "FORCE_COLOR", "CI", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in variables.items() if not name.startswith(dropped)}
    return {**kept, "GROUNDPLAN_USER": "you"}


if __name__ == "__main__":
    sys.exit(main())
