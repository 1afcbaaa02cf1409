"""A task of a KFP pipeline spec as Vertex AI runs it, with the container's command as a process of this machine.

Buckets are folders, as Cloud Storage FUSE mounts them for a step. What it cannot prove: anything about images. A
package that a step installs is one that its image has already.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .google_storage import Buckets
from .http import Json

_FILLED = re.compile(
    r"\{\{\$\.(?P<way>inputs|outputs)\.(?P<kind>parameters|artifacts)\['(?P<name>[^']+)'\](?:\.(?P<field>path|uri))?\}\}"
)
_PYTHON = """\
#!/bin/sh
[ "$1 $2 $3" = "-m pip install" ] || exec {python} "$@"
"""


@dataclass(frozen=True, kw_only=True)
class Given:
    """What a task is given: its parameters, and the URIs of the artifacts that it reads and writes."""

    parameters: Mapping[str, str]
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a container ended, and what it wrote to its streams."""

    code: int
    lines: tuple[str, ...]


class Machines:
    """What runs containers, below a folder."""

    def __init__(self, folder: Path, buckets: Buckets) -> None:
        self._folder = folder
        self._buckets = buckets
        self._programs = folder / "bin"

    def run(self, container: Json, given: Given) -> Ended:
        """Run a container to its end; what it writes is in the buckets then."""
        self._install()
        with tempfile.TemporaryDirectory(dir=self._folder) as top:
            mounted, temporary = Path(top) / "gcs", Path(top) / "tmp"
            temporary.mkdir()
            for uri in given.inputs.values():
                self._bring(uri, mounted)
            words = [_filled(word, given, mounted) for word in (*container["command"], *container["args"])]
            done = subprocess.run(
                words, env=self._environment(container, temporary), cwd=temporary, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
            )  # fmt: skip
            for uri in given.outputs.values():
                self._keep(uri, mounted)
        return Ended(code=done.returncode, lines=tuple(done.stdout.decode(errors="replace").splitlines()))

    def _install(self) -> None:
        if not self._programs.exists():
            self._programs.mkdir(parents=True)
            program = self._programs / "python"
            program.write_text(_PYTHON.format(python=shlex.quote(sys.executable)), encoding="utf-8")
            program.chmod(0o755)

    def _environment(self, container: Json, temporary: Path) -> dict[str, str]:
        own = [str(self._programs), str(Path(sys.executable).parent), os.environ["PATH"]]
        asked = {one["name"]: one["value"] for one in container.get("env", [])}
        return {"PATH": os.pathsep.join(own), "HOME": str(temporary), "TMPDIR": str(temporary), **asked}

    def _bring(self, uri: str, mounted: Path) -> None:
        bucket, name = _place(uri)
        for key, one in self._buckets.held(bucket).items():
            if key == name or key.startswith(f"{name}/"):
                path = mounted / bucket / key
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(one.content)

    def _keep(self, uri: str, mounted: Path) -> None:
        bucket, name = _place(uri)
        top = mounted / bucket / name
        for path in [top] if top.is_file() else sorted(one for one in top.rglob("*") if one.is_file()):
            self._buckets.put(bucket, path.relative_to(mounted / bucket).as_posix(), path.read_bytes())


def _filled(word: str, given: Given, mounted: Path) -> str:
    """A word of a command with what its placeholders stand for."""
    if word.startswith('{"Concat"'):
        return "".join(_filled(part, given, mounted) for part in json.loads(word)["Concat"])

    def value(found: re.Match[str]) -> str:
        if found["kind"] == "parameters":
            return given.parameters[found["name"]]
        uri = (given.inputs if found["way"] == "inputs" else given.outputs)[found["name"]]
        return uri if found["field"] == "uri" else str(mounted.joinpath(*_place(uri)))

    return _FILLED.sub(value, word)


def _place(uri: str) -> tuple[str, str]:
    bucket, _, name = uri.removeprefix("gs://").partition("/")
    return bucket, name
