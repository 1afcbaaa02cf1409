"""Runs a compiled pipeline with KFP's own local runner: ``python kfp_local.py SPEC PIPELINE_ROOT [NAME=VALUE…]``.

KFP resolves the placeholders, orders the tasks and passes the artifacts. Two things are played. The container engine,
as there is none here: a container's command runs as a process of this machine, whatever its image, so that nothing is
proved about images. And what Vertex AI's launcher reports of a container's outputs, which KFP's local runner knows of
Python components only. A process of its own, because KFP keeps its runner in a global.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import types
from pathlib import Path
from typing import Any


class Container:
    """A container that has run."""

    def __init__(self, command: list[str]) -> None:
        self._done = subprocess.run(command, capture_output=True, check=False)

    def logs(self, *, stream: bool) -> list[bytes]:
        """What it wrote."""
        assert stream
        return [self._done.stdout, self._done.stderr]

    def wait(self) -> dict[str, int]:
        """How it ended."""
        return {"StatusCode": self._done.returncode}


class Engine:
    """A container engine that has every image."""

    def __init__(self) -> None:
        self.images = types.SimpleNamespace(list=list, pull=str)
        self.containers = types.SimpleNamespace(run=self._run)

    def info(self) -> dict[str, Any]:
        """Nothing that KFP would heed."""
        return {}

    def close(self) -> None:
        """There is nothing to close."""

    def _run(self, *, command: list[str], **_: Any) -> Container:
        container = Container(command)
        _report([Path(one) for one in command[8 : command.index("--", 8)]])
        return container


def _report(outputs: list[Path]) -> None:
    """Say of each output which artifact it is; a dataset is a file in its artifact's folder."""
    artifacts = [path.parent if path.name == "data.csv" else path for path in outputs]
    content = {"artifacts": {one.name: {"artifacts": [{"name": one.name, "uri": str(one)}]} for one in artifacts}}
    for folder in {one.parent for one in artifacts}:
        (folder / "executor_output.json").write_text(json.dumps(content), encoding="utf-8")


def main() -> None:
    """Run the pipeline; an exit code other than 0 is a step that failed."""
    played: Any = types.ModuleType("docker")
    played.from_env, played.DockerClient = Engine, Engine
    played.errors = types.SimpleNamespace(NotFound=LookupError)
    sys.modules["docker"] = played
    os.environ["_KFP_RUNTIME"] = "true"
    import kfp  # noqa: F401  # pyright: ignore[reportMissingTypeStubs, reportUnusedImport]

    del os.environ["_KFP_RUNTIME"]
    from kfp import components, local  # pyright: ignore[reportMissingTypeStubs]

    sdk: Any = local
    sdk.init(runner=sdk.DockerRunner(), pipeline_root=sys.argv[2])
    load: Any = components
    pipeline = load.load_component_from_text(Path(sys.argv[1]).read_text(encoding="utf-8"))
    pipeline(**dict(one.split("=", 1) for one in sys.argv[3:]))


if __name__ == "__main__":
    main()
