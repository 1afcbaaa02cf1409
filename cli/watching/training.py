"""Training as a process of its own, so that watch looks after what serves meanwhile."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...core.errors import GroundplanError, LockedError
from ...core.exit_codes import ExitCode

COMMAND = ("retrain", "--once", "--format", "json", "--quiet")


class Training:
    """Runs ``groundplan retrain --once`` in a project, one at a time."""

    def __init__(self, root: Path) -> None:
        """Nothing is started yet."""
        self._root = root
        self._process: subprocess.Popen[bytes] | None = None
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 closed by stop

    @property
    def is_under_way(self) -> bool:
        """Whether it was started and its end was not asked for yet."""
        return self._process is not None

    def start(self) -> None:
        """Start it; what it tells people goes where watch's own lines go."""
        self._said.seek(0)
        self._said.truncate()
        command = [sys.executable, "-m", "groundplan.cli.main", *COMMAND]
        # A reason is a person's; the triggers have their own.
        environment = {name: value for name, value in os.environ.items() if name != "GROUNDPLAN_REASON"}
        self._process = subprocess.Popen(
            command, cwd=self._root, env=environment, stdin=subprocess.DEVNULL, stdout=self._said
        )

    def ended(self) -> Sequence[str] | None:
        """The ids of the decisions that it put on record or ended; None while it goes on.

        Raises LockedError where somebody else trains, GroundplanError with its own words where it failed.
        """
        if self._process is None or self._process.poll() is None:
            return None
        code, self._process = self._process.returncode, None
        self._said.seek(0)
        document = _document(self._said.read())
        if code == ExitCode.DONE:
            return [str(one["id"]) for one in document["data"]["decisions"]]
        errors = document.get("errors") or [{"message": f"it ended with {code} and said nothing"}]
        raise (LockedError if code == ExitCode.LOCKED else GroundplanError)(str(errors[0]["message"]))

    def stop(self) -> None:
        """Ask it to stop in good order, and wait: what is done is kept and goes on with the next start."""
        try:
            if self._process is not None:
                self._process.terminate()
                self._process.wait()
        except BaseException:
            if self._process is not None:
                self._process.kill()
            raise
        finally:
            self._said.close()


def _document(text: bytes) -> dict[str, Any]:
    try:
        return json.loads(text)
    except ValueError:
        return {}
