"""What a step costs on top of its own command: a pipeline of many steps in a row against one of a single step."""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from . import Row
from ._timing import Cost, busy, measure
from .startup import GROUNDPLAN

_MORE = 30
_STEP = "import sys; from pathlib import Path; Path(sys.argv[1]).write_text('1')\n"


def main() -> list[Row]:
    """The rows of the table."""
    with tempfile.TemporaryDirectory() as name:
        one, many = (_project(Path(name) / str(count), count) for count in (1, _MORE + 1))
        output = Path(name) / "value"
        bare = [sys.executable, str(one / "step.py"), str(output)]
        rounds = [(_run(one), _run(many), measure(bare)) for _ in range(3)]
    seconds = statistics.median((more.seconds - less.seconds) / _MORE - own.seconds for less, more, own in rounds)
    work = statistics.median(
        (more.processor_seconds - less.processor_seconds) / _MORE - own.processor_seconds for less, more, own in rounds
    )
    return [("groundplan run, on top of each step's own time, seconds", seconds, f"bound: under 0.2 {busy(work)}")]


def _run(project: Path) -> Cost:
    return measure([GROUNDPLAN, "run", "--force"], cwd=project)


def _project(folder: Path, count: int) -> Path:
    folder.mkdir()
    (folder / "step.py").write_text(_STEP, encoding="utf-8")
    lines = ["project: bench", "platform: local", "models: {}", "endpoints: {}", "pipelines:", "  train:", "    steps:"]
    for index in range(count):
        lines += [
            f"      s{index}:",
            "        command: python step.py {outputs.value}",
            "        outputs: {value: value}",
        ]
        lines += [f"        after: [s{index - 1}]"] if index else []
    (folder / "groundplan.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    measure([GROUNDPLAN, "up"], cwd=folder)
    return folder
