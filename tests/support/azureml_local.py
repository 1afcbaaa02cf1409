"""Runs compiled components on this machine the way Azure ML does: bindings become paths and texts, a shell the rest.

What it holds of Azure ML is an assumption: that ``${{…}}`` is filled in as text before bash reads the line, that the
folder of an output is there and the output itself is not unless it is a folder.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from groundplan.modules.azureml.compiling import Compiled, Spec

_FOLDERS = ("uri_folder", "mlflow_model")
_FILLED = re.compile(r"\$\{\{(inputs|outputs)\.(\w+)\}\}")
_BOUND = re.compile(r"\$\{\{parent\.(?:jobs\.(\w+)\.outputs|inputs)\.(\w+)\}\}")


@dataclass
class Cluster:
    """A place to run in: ``code`` is the working folder, ``outputs`` is where the nodes write."""

    code: Path
    outputs: Path
    ran: list[str] = field(default_factory=list[str])

    def run(self, compiled: Compiled, given: Mapping[str, str]) -> None:
        """Run all nodes, each after those it is bound to; ``given`` are the pipeline's inputs that have no default."""
        jobs: Mapping[str, Spec] = compiled.pipeline.spec["jobs"]
        specs = {one.spec["display_name"]: one.spec for one in compiled.steps.values()}
        inputs = {name: one["default"] for name, one in compiled.pipeline.spec.get("inputs", {}).items()
                  if "default" in one} | dict(given)  # fmt: skip
        waiting = dict(jobs)
        while waiting:
            ready = [name for name, job in waiting.items() if not (_needs(job) & waiting.keys())]
            for name in ready:
                job = waiting.pop(name)
                values = {port: self._value(one["value"], inputs) for port, one in job.get("inputs", {}).items()}
                self._start(name, specs[job["display_name"]], values, job["environment_variables"])

    def output(self, node: str, port: str) -> Path:
        """Where a node writes an output."""
        return self.outputs / node / port

    def _value(self, binding: str, inputs: Mapping[str, str]) -> str:
        found = _BOUND.fullmatch(binding)
        assert found is not None, binding
        return str(self.output(found[1], found[2])) if found[1] else inputs[found[2]]

    def _start(self, node: str, spec: Spec, inputs: Mapping[str, str], variables: Mapping[str, str]) -> None:
        outputs = {port: self.output(node, port) for port in spec.get("outputs", {})}
        for port, path in outputs.items():
            (path if spec["outputs"][port]["type"] in _FOLDERS else path.parent).mkdir(parents=True, exist_ok=True)
        values: Mapping[str, Mapping[str, object]] = {"inputs": inputs, "outputs": outputs}
        line = _FILLED.sub(lambda match: str(values[match[1]][match[2]]), spec["command"])
        self.ran.append(node)
        subprocess.run(
            ["bash", "-c", line], cwd=self.code, env={"PATH": "/usr/bin:/bin", **variables}, check=True, timeout=120,
            capture_output=True,
        )  # fmt: skip


def _needs(job: Spec) -> set[str]:
    found = (_BOUND.fullmatch(one["value"]) for one in job.get("inputs", {}).values())
    return {match[1] for match in found if match is not None and match[1]}
