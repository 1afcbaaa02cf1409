"""The command line as a user types it, in a clean environment."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast
from unittest import mock

from groundplan.cli import main

GROUNDPLAN = Path(sys.executable).parent / "groundplan"


def clean_environment(**more: str) -> dict[str, str]:
    """This process's environment without what would change groundplan's behaviour."""
    dropped = ("GROUNDPLAN_", "NO_COLOR", "FORCE_COLOR", "CI", "PYTHONDONTWRITEBYTECODE", "PYTHONWARNINGS", "MLFLOW_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    return {**kept, "GROUNDPLAN_USER": "tester", **more}


def run(
    *arguments: str,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    input: str = "",
    timeout: float = 120,
) -> subprocess.CompletedProcess[str]:
    """Run ``groundplan`` as a process of its own, without a terminal; ``env`` is added to a clean environment."""
    return subprocess.run(
        [str(GROUNDPLAN), *arguments],
        cwd=cwd,
        env=clean_environment(**(env or {})),
        input=input,
        capture_output=True,
        text=True,
        timeout=timeout,
    )


def call(*arguments: str, cwd: Path, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """The same in this process: what is imported already, MLflow above all, is not imported again."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    out, err, code = io.StringIO(), io.StringIO(), 0
    with (
        contextlib.chdir(cwd),
        mock.patch.dict(os.environ, clean_environment(**(env or {})), clear=True),
        mock.patch.object(sys, "argv", [str(GROUNDPLAN), *arguments]),
        mock.patch.object(sys, "stdin", io.StringIO()),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main.main()
        except SystemExit as end:
            code = cast("int", end.code)
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


def end(child: Any, answer: str) -> None:
    """Give a program in a pseudo-terminal its last answer, and wait until it has ended.

    Ctrl-C is pressed again after a while: Python loses one that comes when the question is written and its answer is
    not waited for yet.
    """
    import pexpect

    for _ in range(4 if answer == "\x03" else 1):
        child.send(answer)
        if child.expect([pexpect.EOF, pexpect.TIMEOUT], timeout=30 if answer == "\x03" else 120) == 0:
            return
    raise AssertionError(f"it did not end after {answer!r}; its last words: {child.before}")
