"""README's transcript, run for real; figures that differ from run to run are compared by their shape."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

from terminal import GROUNDPLAN, clean_environment
from tools.demo import transcript

_LEFT_OUT = "…"


def test_every_command_of_the_transcript_prints_what_the_readme_shows(tmp_path: Path) -> None:
    folder = tmp_path
    for exchange in transcript():
        words = shlex.split(exchange.command, comments=True)
        if words[0] == "cd":
            folder = folder / words[1]
            continue
        result = subprocess.run(
            [str(GROUNDPLAN), *words[1:]],
            cwd=folder,
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=180,
        )
        assert result.returncode == 0, f"{exchange.command}\n{result.stdout}"
        _assert_same_shape(exchange.command, exchange.shown, result.stdout)


def _assert_same_shape(command: str, shown: str, printed: str) -> None:
    """The shown lines in their order; ``…`` alone on a line stands for any number of lines."""
    rest = _shapes(printed)
    skipping = False
    for line in _shapes(shown):
        if line == _LEFT_OUT:
            skipping = True
            continue
        position = rest.index(line) if line in rest else -1
        assert position == 0 or (skipping and position > 0), (
            f"{command}: README shows {line!r}, printed was:\n{printed}"
        )
        rest, skipping = rest[position + 1 :], False
    assert skipping or not rest, f"{command}: README does not show:\n" + "\n".join(rest)


def _shapes(text: str) -> list[str]:
    return [shape for line in text.splitlines() if (shape := _shape(line))]


def _shape(line: str) -> str:
    line = re.sub(r"sha256:[0-9a-f]+…?", "sha256:#", line)
    line = re.sub(r"\b\d{8}-\d{6}-[0-9a-f]+\b", "RUN", line)
    line = re.sub(r"(min|s|ms|h)\b(?= |$|\))", "TIME", line) if re.search(r"\d (min|s|ms|h)\b", line) else line
    line = re.sub(r"[-+]?\d+([.,:]\d+)*", "#", line)
    return re.sub(r"\s+", " ", line).strip()
