"""Secrets in the environment, behind references, in values that are refused: in nothing that is printed or written.

Looked at: standard output and error of each command, every file of the project and of the temporary folder, the
arguments of every process that runs meanwhile. What a step itself prints is its own and goes to its log.
"""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from groundplan.core.exit_codes import ExitCode
from groundplan.core.layout import Layout

import provisioning
import terminal

VARIABLE = "canary-variable-4711"
API_KEY = "canary-api-key-0815"
TYPED = "sk-proj-" + "canary0123456789abcdef"
CONFIG = """\
project: shop
platform: local
data: {sources: {main: {path: rows.csv}}}
pipelines:
  train:
    steps:
      use:
        command: python use.py {outputs.length} {parameters.label}
        outputs: {length: metrics}
        parameters: {label: plain}
models: {}
"""
WITH_ENDPOINT = """\
project: shop
platform: local
endpoints: {shop: {api_key: "${env:SHOP_API_KEY}"}}
"""
STEP = """\
import json, os, sys, time
time.sleep(0.5)
open(sys.argv[1], "w").write(json.dumps({"length": len(os.environ["SHOP_TOKEN"])}))
"""


@pytest.fixture
def root(provisioned: Path, tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    root.mkdir()
    provisioning.copy(provisioned, root, project="shop")
    (root / "groundplan.yaml").write_text(CONFIG)
    (root / "use.py").write_text(STEP)
    (root / "rows.csv").write_text("a,target\n1,2\n")
    (tmp_path / "tmp").mkdir()
    return root


def typed(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    secrets = {"SHOP_TOKEN": VARIABLE, "SHOP_API_KEY": API_KEY, "TMPDIR": str(root.parent / "tmp")}
    return terminal.run(*words, cwd=root, env=secrets)


def holders(folder: Path, *secrets: str) -> list[str]:
    """The files that hold a secret, under the folder."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return [str(path) for path in files if any(secret.encode() in path.read_bytes() for secret in secrets)]


@contextmanager
def watched_processes(*secrets: str) -> Generator[list[str]]:
    """Collect the command lines that hold a secret, of all processes, while the block runs."""
    found: list[str] = []
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            for entry in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    line = entry.read_bytes()
                except OSError:
                    continue
                found.extend(line.decode(errors="replace") for secret in secrets if secret.encode() in line)
            time.sleep(0.02)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield found
    finally:
        done.set()
        thread.join()


def test_a_secret_reaches_a_step_by_its_environment_and_nothing_else(root: Path) -> None:
    with watched_processes(VARIABLE, API_KEY) as found:
        said = [
            typed(root, *words)
            for words in (
                ("run", "--verbose"), ("runs", "show", "--format", "json"), ("runs", "logs"), ("config", "show"),
                ("status", "--format", "json"), ("doctor",),
            )
        ]  # fmt: skip

    metrics = json.loads(said[1].stdout)["data"]["run"]["metrics"]
    assert metrics == {"use.length": float(len(VARIABLE))}
    assert [done.args for done in said if VARIABLE in done.stdout + done.stderr] == []
    assert holders(root.parent, VARIABLE, API_KEY) == []
    assert found == []


@pytest.mark.parametrize("words", [("config", "show"), ("config", "show", "--format", "json"), ("config", "validate")])
def test_a_reference_is_shown_and_never_what_it_names(root: Path, words: tuple[str, ...]) -> None:
    (root / "groundplan.yaml").write_text(WITH_ENDPOINT)

    done = typed(root, *words)

    assert done.returncode == ExitCode.DONE, done.stderr
    assert API_KEY not in done.stdout + done.stderr
    assert words[1] == "validate" or "${env:SHOP_API_KEY}" in done.stdout


@pytest.mark.parametrize(
    "setting",
    [f"more: {TYPED}", "more: '${env:SHOP_TOKEN}'", f"api_key: {VARIABLE}", f"db_password: [{VARIABLE}]"],
)
@pytest.mark.parametrize("words", [("config", "validate"), ("run", "--format", "json")])
def test_a_secret_in_a_parameter_is_refused_and_not_repeated(root: Path, setting: str, words: tuple[str, ...]) -> None:
    (root / "groundplan.yaml").write_text(CONFIG.replace("{label: plain}", f"{{label: plain, {setting}}}"))

    done = typed(root, *words)

    said = done.stdout + done.stderr
    assert done.returncode == ExitCode.USAGE
    assert [secret for secret in (TYPED, VARIABLE) if secret in said] == []
    assert holders(Layout(root).state, TYPED, VARIABLE) == []


@pytest.mark.parametrize(("value", "hint"), [(TYPED, "set LABEL"), ("${env:SHOP_TOKEN}", "set SHOP_TOKEN")])
def test_a_secret_set_for_one_run_is_refused_and_not_repeated(root: Path, value: str, hint: str) -> None:
    done = typed(root, "run", "--set", f"use.label={value}")

    assert (done.returncode, hint in done.stderr, TYPED in done.stderr) == (ExitCode.USAGE, True, False)
    assert holders(Layout(root).state, TYPED, VARIABLE) == []


def test_the_trace_of_a_bug_holds_no_secret(root: Path) -> None:
    breaking = root / "sitecustomize.py"
    breaking.write_text(
        "import os\nimport groundplan.stacks.config.reading as reading\n"
        "def read(*_, **__):\n    token = os.environ['SHOP_TOKEN']\n    raise RuntimeError('broken')\n"
        "reading.read = read\n"
    )
    secrets = {"SHOP_TOKEN": VARIABLE, "TMPDIR": str(root.parent / "tmp"), "PYTHONPATH": os.fspath(root)}

    done = terminal.run("status", cwd=root, env=secrets)

    assert done.returncode == ExitCode.BUG
    assert len(list((root.parent / "tmp").glob("groundplan-*.trace"))) == 1
    assert VARIABLE not in done.stdout + done.stderr
    assert holders(root.parent, VARIABLE) == []
