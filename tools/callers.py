"""Callers of the demo's endpoint, who have a new microscope: textures look twice as rough as in what the model learned.

``python -m tools.callers`` asks about every row once and waits until monitoring's window has ended. With a command
behind it, they ask one row after the other while it runs. They tell the truth of each row when they have the answer,
and say in one line what became of it all.
"""

from __future__ import annotations

import itertools
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from groundplan.core import clock, extras
from groundplan.core.errors import GroundplanError
from groundplan.core.layout import Layout
from groundplan.lifecycle.contract.monitoring import Label
from groundplan.lifecycle.local.platform import LocalPlatform

DATA = Path(".groundplan/data/breast_cancer.csv")
ENDPOINT = ("tumour", "dev")
ROUGHNESS = 2.0
WINDOW_SECONDS = 20.0
"""``monitoring.window`` of the README."""

_BATCH = 50
_PAUSE_SECONDS = 0.01

Row = dict[str, Any]


class Callers:
    """Who asks, and what became of it: answers by version, how many were right, and what had no answer."""

    def __init__(self) -> None:
        """Nobody has asked yet."""
        platform = LocalPlatform(Layout(Path.cwd()))
        self._endpoints = platform.endpoints
        self._monitors = platform.monitors
        self._deployment = platform.endpoints.deployment(*ENDPOINT)
        self._untold: list[Label] = []
        self.answered: Counter[int] = Counter()
        self.right: Counter[int] = Counter()
        self.lost = 0

    def ask(self, rows: list[Row], truth: list[str]) -> None:
        """One request."""
        try:
            answer: Any = self._endpoints.predict(self._deployment, rows)
        except GroundplanError:
            self.lost += 1
            return
        version = answer["model"]["version"]
        self.answered[version] += len(rows)
        self.right[version] += sum(said == true for said, true in zip(answer["predictions"], truth, strict=True))
        self._untold += [
            Label(request_id=answer["request_id"], row=number, value=true) for number, true in enumerate(truth)
        ]
        if len(self._untold) >= _BATCH:
            self._tell()

    def _tell(self) -> None:
        now = clock.to_text(clock.now())
        self._monitors.feedback(*ENDPOINT, self._untold, window_seconds=WINDOW_SECONDS, now=now)
        self._untold = []

    def ask_while(self, goes_on: Callable[[], bool], rows: list[Row], truth: list[str]) -> None:
        """One request after the other."""
        for row, true in itertools.cycle(zip(rows, truth, strict=True)):
            if not goes_on():
                break
            self.ask([row], [true])
            time.sleep(_PAUSE_SECONDS)

    def line(self) -> str:
        """What became of it."""
        shares = ", ".join(
            f"version {version} {count} of which {self.right[version] / count:.0%} right"
            for version, count in sorted(self.answered.items())
        )
        return f"callers: {shares}; {self.lost or 'none'} lost"


def main(command: list[str]) -> int:
    """The exit code is that of the command, or 1 when a request was lost."""
    rows, truth = _seen()
    callers, code = Callers(), 0
    if command:
        process = subprocess.Popen(command)
        callers.ask_while(lambda: process.poll() is None, rows, truth)
        code = process.wait()
    else:
        callers.ask(rows, truth)
        time.sleep(WINDOW_SECONDS - time.time() % WINDOW_SECONDS)
    print(callers.line())
    return 1 if callers.lost else code


def _seen() -> tuple[list[Row], list[str]]:
    """What the new microscope sees, and what it is."""
    table = extras.load("pandas").read_csv(DATA).sample(frac=1, random_state=7)
    truth = table.pop("target").tolist()
    rough = [name for name in table.columns if "texture" in name]
    table[rough] *= ROUGHNESS
    return table.to_dict("records"), truth


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
