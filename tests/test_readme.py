"""README's transcript, run for real; figures that differ from run to run are compared by their shape.

The loop's transcript is played by ``make demo``; what callers meet in it depends on the moment. test_loop.py proves it.
"""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

from tools import transcript


def test_every_command_of_the_transcript_prints_what_the_readme_shows(tmp_path: Path) -> None:
    with closing(transcript.played(tmp_path)) as exchanges:
        for shown, played in zip(transcript.main_job(), exchanges, strict=False):
            assert (played.command, _shapes(played.printed)) == (shown.command, _shapes(shown.printed)), (
                "make transcript writes what is printed now"
            )


def _shapes(text: str) -> list[str]:
    return [shape for line in text.splitlines() if (shape := _shape(line))]


def _shape(line: str) -> str:
    if line.startswith("ended with "):
        return line
    line = re.sub(r"sha256:[0-9a-f]+", "DIGEST", line)
    line = re.sub(r"\b\d{8}-\d{6}-[0-9a-f]+\b", "RUN", line)
    line = re.sub(r"\brequest [0-9a-f]{32}\b", "request ID", line)
    line = re.sub(r"\b\d[\d.:]*( (ms|s|min|h|B|kB|MB))+\b", "AMOUNT", line)
    line = re.sub(r"[-+]?\d+([.,:]\d+)*", "NUMBER", line)
    return re.sub(r"\s+", " ", line).strip()
