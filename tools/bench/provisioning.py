"""``up`` of an environment against bare ``pulumi up`` of the same program, both at a stand-in cloud.

Both preview first and then act. The stand-in answers at once, so that what is compared is the tools' own work.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

from . import Row
from ._timing import measure
from .startup import GROUNDPLAN

if TYPE_CHECKING:
    from stand_in import StandIn

_ROOT = Path(__file__).parents[2]
_ROUNDS = 3


def main() -> list[Row]:
    """The rows of the table."""
    with tempfile.TemporaryDirectory() as name:
        python = _environment(Path(name))
        rounds = [_round(Path(name) / str(number), python) for number in range(_ROUNDS)]
    return [("groundplan up / bare pulumi up, azureml-minimal", statistics.median(rounds), "bound: within 1.3")]


def _environment(folder: Path) -> Path:
    """An environment as ``pulumi install`` makes one: with pip, and with what this one has."""
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True, capture_output=True)
    below = folder / "venv" / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    (below / "project.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
    return folder / "venv" / "bin"


def _round(folder: Path, python: Path) -> float:
    """Our time over theirs; each has a cloud of its own, on which the shared stack is up."""
    return _ours(folder / "ours") / _theirs(folder / "theirs", python)


def _ours(folder: Path) -> float:
    project = _project(folder)
    with _cloud(folder) as cloud, mock.patch.dict(os.environ, cloud.environment()):
        measure([GROUNDPLAN, "up", "-e", "shared", "--yes"], cwd=project)
        return measure([GROUNDPLAN, "up", "-e", "dev", "--yes"], cwd=project).seconds


def _theirs(folder: Path, python: Path) -> float:
    project = _project(folder)
    with _cloud(folder) as cloud:
        environment = cloud.environment()
        path = os.pathsep.join([str(python), environment["PATH"]])
        # The exported project's own file says where the state is.
        del environment["PULUMI_BACKEND_URL"]
        with mock.patch.dict(os.environ, {**environment, "PATH": path}):
            measure([GROUNDPLAN, "export", "pulumi"], cwd=project)
            for stack in ("shared", "dev"):
                measure(["pulumi", "stack", "init", stack], cwd=project / "infra")
            measure(_up("shared"), cwd=project / "infra")
            return measure(_up("dev"), cwd=project / "infra").seconds


def _up(stack: str) -> list[str]:
    return ["pulumi", "--non-interactive", "up", "--yes", "--stack", stack]


def _project(folder: Path) -> Path:
    project = folder / "project"
    project.mkdir(parents=True)
    shutil.copy(_ROOT / "tests" / "stacks" / "configs" / "azureml-minimal.yaml", project / "groundplan.yaml")
    return project


def _cloud(folder: Path) -> StandIn:
    """A stand-in cloud; it is a part of the tests, which are no package."""
    support = str(_ROOT / "tests" / "support")
    if support not in sys.path:
        sys.path.append(support)
    from stand_in import StandIn

    return StandIn(folder)
