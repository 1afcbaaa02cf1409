"""What a step costs on top of its own command: a pipeline of eleven steps in a row against one of a single step."""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from . import Row
from ._timing import seconds
from .startup import GROUNDPLAN

_MORE = 10
_STEP = "import sys; from pathlib import Path; Path(sys.argv[1]).write_text('1')\n"


def main() -> list[Row]:
    """The rows of the table."""
    with tempfile.TemporaryDirectory() as name:
        one, many = (_project(Path(name) / str(count), count) for count in (1, _MORE + 1))
        output = Path(name) / "value"
        rounds = [
            (_run(one), _run(many), seconds([sys.executable, str(one / "step.py"), str(output)])) for _ in range(5)
        ]
    overhead = statistics.median((more - less) / _MORE - bare for less, more, bare in rounds)
    return [("groundplan run, on top of each step's own time, seconds", overhead, "bound 0.2")]


def _run(project: Path) -> float:
    return seconds([GROUNDPLAN, "run", "--force"], cwd=project)


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
    seconds([GROUNDPLAN, "up"], cwd=folder)
    return folder
