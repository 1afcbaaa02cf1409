"""Every kind of file below .groundplan/ deleted, cut off, overwritten: each command explains itself, destroy works.

The commands run in this process, so what a crash of the interpreter would do is not shown. The endpoint of the project
does not run: a server whose records are damaged under it is tested with the endpoints.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from unittest.mock import Mock

import pytest
from groundplan.cli import main as entry
from groundplan.cli.diagnosis.checks import engine
from groundplan.core.exit_codes import ExitCode
from groundplan.core.layout import Layout
from groundplan.lifecycle.local.platform import LocalPlatform
from groundplan.stacks.engine import installation
from groundplan.stacks.engine.installation import Engine

import served_project

CONFIG = """\
project: churn
platform: local
data: {sources: {main: {path: customers.csv}}}
environments: {dev: {}, prod: {}}
pipelines:
  copy:
    steps:
      keep:
        command: cp {inputs.data} {outputs.kept}
        inputs: {data: data.main}
        outputs: {kept: dataset}
  train:
    steps:
      prepare: {command: "cp customers.csv {outputs.test}", outputs: {test: dataset}}
      train: {command: "cp -r model {outputs.model}", outputs: {model: model}}
models: {churn: {pipeline: train}}
"""
SERVED = "endpoints/churn@dev/deployment.json"
LOOKS = (
    ("status",),
    ("runs", "list"),
    ("runs", "show", "latest"),
    ("runs", "logs", "latest"),
    ("models", "list"),
    ("models", "show", "churn", "1"),
    ("logs",),
    ("doctor",),
    ("destroy", "--dry-run"),
)
CHANGES = (("run", "copy"), ("models", "reject", "churn", "1", "--reason", "a trial"))
DAMAGE: dict[str, Callable[[Path], object]] = {
    "gone": lambda path: path.unlink(),
    "empty": lambda path: path.write_bytes(b""),
    "half": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "junk": lambda path: path.write_bytes(bytes(range(256)) * 3),
    "a list": lambda path: path.write_text("[1]\n"),
    "nothing in it": lambda path: path.write_text("{}\n"),
    "wrong types": lambda path: path.write_text(json.dumps({key: [None] for key in json.loads(path.read_bytes())})),
    "very deep": lambda path: path.write_text("[" * 100_000),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
}
JSON = tuple(DAMAGE)
OTHER = ("gone", "empty", "half", "junk", "a folder")
FILES: dict[str, tuple[str, ...]] = {
    "workspace.json": JSON[:-1],
    "runs/*/run.json": JSON,
    "runs/*/logs/keep.log": ("gone", "junk", "a folder"),
    "cache/steps/*.json": JSON,
    "cache/objects/*/*.csv": OTHER,
    "registry/audit.jsonl": OTHER,
    "registry/audit.head.json": JSON,
    "registry/journal.json": tuple(kind for kind in JSON if kind not in ("gone", "half", "wrong types")),
    "tracking/mlflow.db": OTHER,
    "tracking/artifacts/models/churn/*/model/MLmodel": OTHER,
    "tracking/artifacts/models/churn/*/evidence-*.json": JSON,
    SERVED: JSON[:-1],
}
Typed = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def template(provisioned: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a run, a version in dev, and the record of an endpoint that does not run."""
    folder = tmp_path_factory.mktemp("bad-store")
    root = folder / "churn"
    layout = served_project.make(root, provisioned=provisioned)
    version = served_project.register(layout, folder / "model")
    served_project.deploy(layout, version)
    record = (layout.state / SERVED).read_bytes()
    LocalPlatform(layout).endpoints.undeploy("churn", "dev")
    (layout.state / SERVED).parent.mkdir(parents=True, exist_ok=True)
    (layout.state / SERVED).write_bytes(record)
    (root / "groundplan.yaml").write_text(CONFIG)
    assert _run(["-C", str(root), "run", "copy"]) == ExitCode.DONE
    return root


@pytest.fixture(scope="module")
def engine_here() -> Engine | None:
    """The engine of this machine, which no damage changes: doctor need not start it two hundred times."""
    return installation.look(None)


@pytest.fixture
def root(template: Path, engine_here: Engine | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = Path(shutil.copytree(template, tmp_path / "churn"))
    monkeypatch.setattr(engine, "look_for", Mock(return_value=engine_here))
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def typed(capsys: pytest.CaptureFixture[str]) -> Typed:
    """Type a command in the current folder: its exit code and all that it printed; a bug fails the test."""

    def type_in(*words: str) -> tuple[int, str]:
        code = _run(list(words))
        captured = capsys.readouterr()
        said = captured.out + captured.err
        assert code != ExitCode.BUG, f"{words}: {said}"
        assert code in set(ExitCode), words
        assert "Traceback" not in said, words
        if code and words[0] != "doctor":
            assert "error[" in said, f"{words}: {code} without a message"
            assert "error[STORE_CORRUPTED]" not in said or "fix:" in said, f"{words}: no way out in {said}"
        return code, said

    return type_in


def _run(words: list[str]) -> int:
    return entry._run(words)  # pyright: ignore[reportPrivateUsage]


def _damaged(root: Path, pattern: str, kind: str) -> None:
    if pattern.endswith("journal.json"):
        Layout(root).journal.write_text("{}")
    paths = sorted(Layout(root).state.glob(pattern))
    assert paths, pattern
    for path in paths:
        path.chmod(0o644)
        DAMAGE[kind](path)


def _cases() -> list[tuple[str, str]]:
    return [(pattern, kind) for pattern, kinds in FILES.items() for kind in kinds]


@pytest.mark.parametrize(("pattern", "kind"), _cases())
def test_every_command_explains_a_damaged_file_and_destroy_removes_it(
    pattern: str, kind: str, root: Path, typed: Typed
) -> None:
    _damaged(root, pattern, kind)

    for words in (*LOOKS, *CHANGES, *LOOKS):
        typed(*words)
    code, _ = typed("destroy", "--yes")

    assert code == ExitCode.DONE
    assert not Layout(root).state.exists()
    assert (root / "groundplan.yaml").read_text() == CONFIG


@pytest.mark.parametrize("kind", OTHER[:-1])
@pytest.mark.parametrize("pattern", ["registry/audit.jsonl", "tracking/mlflow.db"])
def test_what_was_registered_is_never_silently_forgotten(pattern: str, kind: str, root: Path, typed: Typed) -> None:
    _damaged(root, pattern, kind)

    code, said = typed("models", "reject", "churn", "1", "--reason", "a trial")

    assert (code, "error[STORE_CORRUPTED]" in said) == (ExitCode.ERROR, True)


@pytest.mark.parametrize("kind", FILES["registry/journal.json"])
def test_a_damaged_journal_stops_what_would_lose_a_stage_change(kind: str, root: Path, typed: Typed) -> None:
    _damaged(root, "registry/journal.json", kind)

    code, said = typed("models", "reject", "churn", "1", "--reason", "a trial")

    assert (code, "journal.json" in said, "fix:" in said) == (ExitCode.ERROR, True, True)


def test_a_step_is_made_again_when_its_cached_output_was_changed(root: Path, typed: Typed) -> None:
    _damaged(root, "cache/objects/*/*.csv", "junk")

    _, said = typed("run", "copy")
    _, again = typed("run", "copy")

    assert "it is made anew" in said
    assert "nothing changed" in again
