"""The steps of a job as the stand-in runs them: the registered component's own command, in a shell, on this machine.

What it holds of Azure ML is an assumption: that ``${{…}}`` is filled in as text before the shell reads the line, that
the folder of an output is there and the output itself is not unless it is a folder.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

Status = Literal["Queued", "Running", "Completed", "Failed", "Canceled"]

FOLDERS = ("uri_folder", "mlflow_model")
"""The types of outputs that are folders."""

_FILLED = re.compile(r"\$\{\{(inputs|outputs)\.(\w+)\}\}")
_BOUND = re.compile(r"\$\{\{parent\.(?:jobs\.(\w+)\.outputs|inputs)\.(\w+)\}\}")
_DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?")


@dataclass(kw_only=True)
class Step:
    """One step of a job: ``spec`` of its component, ``node`` of the pipeline's; ``inputs`` are values or blobs' places.

    ``key`` is what decides whether an earlier step's outputs will do; ``outputs`` are places by port.
    """

    id: str
    name: str
    node: Mapping[str, Any]
    spec: Mapping[str, Any]
    inputs: Mapping[str, str]
    key: str
    status: Status = "Queued"
    started: datetime | None = None
    ended: datetime | None = None
    error: str = ""
    log: str = ""
    reused: str = ""
    outputs: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def limit(self) -> float:
        """The seconds that it may take."""
        found = _DURATION.fullmatch(str(self.node["limits"]["timeout"]))
        assert found is not None, self.node["limits"]
        return sum(int(one or 0) * unit for one, unit in zip(found.groups(), (3600, 60, 1), strict=True))


@dataclass(frozen=True, kw_only=True)
class Result:
    """How a command ended: ``code`` is None for one that took too long."""

    code: int | None
    printed: str
    outputs: Mapping[str, Path]


def bound(value: str) -> tuple[str, str]:
    """What an input of a node is bound to: the node ("" for the pipeline's own inputs) and its port."""
    found = _BOUND.fullmatch(value)
    assert found is not None, value
    return found[1] or "", found[2]


def needs(node: Mapping[str, Any]) -> set[str]:
    """The nodes that must end before this one starts."""
    return {one for given in node.get("inputs", {}).values() if (one := bound(given["value"])[0])}


def run(step: Step, inputs: Mapping[str, str], *, code: Path, folder: Path) -> Result:
    """Run the command with these texts and paths as its inputs; ``code`` is the working folder."""
    kinds = {port: one["type"] for port, one in step.spec.get("outputs", {}).items()}
    outputs = {port: folder / port for port in kinds}
    for port, path in outputs.items():
        (path if kinds[port] in FOLDERS else path.parent).mkdir(parents=True, exist_ok=True)
    values: Mapping[str, Mapping[str, object]] = {"inputs": inputs, "outputs": outputs}
    line = _FILLED.sub(lambda match: str(values[match[1]][match[2]]), step.spec["command"])
    path = os.pathsep.join([str(Path(sys.executable).parent), "/usr/bin", "/bin"])
    try:
        ended = subprocess.run(
            ["bash", "-c", line], cwd=code, env={"PATH": path, **step.node["environment_variables"]}, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=min(step.limit, 120),
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        return Result(code=None, printed=(error.stdout or b"").decode(), outputs=outputs)
    return Result(code=ended.returncode, printed=ended.stdout, outputs=outputs)
