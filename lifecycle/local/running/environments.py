"""Virtual environments of isolated steps: built once per content of the requirements, whole or not there."""

from __future__ import annotations

import os
import shutil
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from ....core import digests, files
from ....core.errors import StepFailedError, UsageError
from ....core.layout import Layout
from ...contract.pipeline import StepEnvironment
from .step_process import StepEnd

Install = Callable[[Sequence[str], float], StepEnd]

_INSTALL_SECONDS = 1800
_READY = "groundplan-ready"
_BUILDING = threading.Lock()


def requirements_digest(root: Path, environment: StepEnvironment) -> str:
    """The digest of the requirements file's content; empty without one. Raises UsageError when it is not there."""
    if environment.requirements is None:
        return ""
    path = files.inside(root, environment.requirements)
    if not path.is_file():
        raise UsageError(
            f"the requirements file {environment.requirements} is not there",
            where=str(path),
            hint="Write it, or take 'requirements' out of the step's environment.",
        )
    return digests.of_file(path)


def python_of(root: Path, environment: StepEnvironment, layout: Layout, *, install: Install) -> str:
    """The Python that a step runs in; an isolated one is built first when it is not there.

    ``install`` runs a command of the installer with a time limit in seconds. Raises StepFailedError.
    """
    if not environment.isolated:
        return sys.executable
    folder = layout.environments / name(root, requirements_digest(root, environment))
    return str(ensure(folder, root / environment.requirements if environment.requirements else None, install=install))


def name(root: Path, requirements: str) -> str:
    """The folder of an environment of a project; it holds the digest of its requirements and which Python it is of."""
    identity = [sys.version, sys.base_prefix, str(root.resolve()), requirements]
    return digests.of_value(identity).removeprefix("sha256:")[:16]


def is_ready(folder: Path) -> bool:
    """Whether an environment is there, and whole."""
    return (folder / _READY).exists()


def ensure(folder: Path, requirements: Path | None, *, install: Install, locked: bool = False) -> Path:
    """The Python of an environment, which is built first when it is not there. Raises StepFailedError.

    ``locked`` requirements name all that is needed: nothing else is looked for.
    """
    with _BUILDING:
        if not is_ready(folder):
            _build(folder, requirements, install, locked=locked)
    return python(folder)


def python(folder: Path) -> Path:
    """The Python of an environment."""
    return folder / "Scripts" / "python.exe" if os.name == "nt" else folder / "bin" / "python"


def _build(folder: Path, requirements: Path | None, install: Install, *, locked: bool) -> None:
    """Build in place, since environments hold their own path; the mark that it is whole comes last."""
    with files.explained(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
    uv = shutil.which("uv")
    if uv:
        _run([uv, "venv", "--no-project", "--python", sys.executable, str(folder)], install)
        words = [uv, "pip", "install", "--python", str(python(folder))]
    else:
        _run([sys.executable, "-m", "venv", str(folder)], install)
        words = [str(python(folder)), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    if requirements is not None:
        _run([*words, *(["--no-deps"] if locked else []), "-r", str(requirements)], install)
    files.write_text(folder / _READY, "")


def _run(words: list[str], install: Install) -> None:
    end = install(words, _INSTALL_SECONDS)
    if not end.succeeded:
        how = f"exit code {end.number}" if end.reason == "exit" else end.detail or end.reason
        raise StepFailedError(f"its environment could not be built ({Path(words[0]).name}: {how})")
