"""A project whose three steps a, b, c copy a file onwards; each waits for a file named hold-STEP to go away."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import provisioning
from terminal import GROUNDPLAN, clean_environment

_CONFIG = """\
project: shop
platform: local
data: {sources: {main: {path: rows.csv}}}
models: {}
pipelines:
  train:
    steps:
      a:
        command: python step.py a {inputs.data} {outputs.out} {parameters.seed}
        inputs: {data: data.main}
        outputs: {out: dataset}
        parameters: {seed: 1}
      b:
        command: python step.py b {inputs.data} {outputs.out}
        inputs: {data: a.out}
        outputs: {out: dataset}
        timeout: 30s
      c:
        command: python step.py c {inputs.data} {outputs.out} {outputs.score}
        inputs: {data: b.out}
        outputs: {out: dataset, score: metrics}
"""

_STEP = """\
import os, subprocess, sys, time
name, source, target, *more = sys.argv[1:]
sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
with open("pids", "a") as file:
    file.write(f"{os.getpid()}\\n{sleeper.pid}\\n")
print("here is", name)
while os.path.exists(f"hold-{name}"):
    time.sleep(0.01)
if os.path.exists(f"fail-{name}"):
    sys.exit(3)
with open(target, "w") as out:
    for line in open(source):
        out.write(line)
        out.flush()
        time.sleep(0.002)
    out.write("9,9\\n")
if name == "c":
    open(more[0], "w").write('{"rows": 3}')
"""


def make(root: Path, *, provisioned: Path) -> Path:
    """Such a project, with a copy of a platform."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "groundplan.yaml").write_text(_CONFIG)
    (root / "step.py").write_text(_STEP)
    (root / "rows.csv").write_text("target,x\n" + "1,2\n" * 20)
    provisioning.copy(provisioned, root, project="shop")
    return root


def start(root: Path, *arguments: str) -> subprocess.Popen[str]:
    """``groundplan run`` in the background, its messages on a pipe; tests/conftest.py lets signals reach it."""
    return subprocess.Popen(
        [str(GROUNDPLAN), "run", *arguments],
        cwd=root,
        env=clean_environment(PYTHONUNBUFFERED="1"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(process: subprocess.Popen[str], line: str) -> str:
    """Read the process's messages up to the line with these words; all that was read."""
    assert process.stderr is not None
    read = ""
    for text in process.stderr:
        read += text
        if " ".join(line.split()) in " ".join(text.split()):
            return read
    raise AssertionError(f"{line!r} never came; what came:\n{read}")


def survivors(root: Path) -> list[int]:
    """The processes of steps that are still there a moment later."""
    path = root / "pids"
    pids = [int(word) for word in path.read_text().split()] if path.exists() else []
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and any(map(_is_there, pids)):
        time.sleep(0.02)
    return [pid for pid in pids if _is_there(pid)]


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
