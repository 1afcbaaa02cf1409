"""Every command's JSON: one document in the one envelope, for results and for errors, with the keys of docs/json.md."""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from groundplan.cli.lazy import entries
from groundplan.cli.main import groundplan as top
from groundplan.lifecycle.local.platform import LocalPlatform

import run_project
import served_project
from terminal import run

PAGE = (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")
COMMANDS, _, REST = PAGE.partition("| command |")[2].partition("A version has the keys")
VERSION = REST.partition("\n\n")[0]


def keys(text: str) -> set[str]:
    own = {str(name) for name in re.findall(r"`(\w+)`", text)}
    return own | keys(VERSION) if "of a version" in text else own


ROWS = re.finditer(r"^\| `([a-z ]+)` \| (.+) \|$", COMMANDS, re.MULTILINE)
DOCUMENTED = {row[1]: keys(row[2]) for row in ROWS}
ENVELOPE = ["schema", "ok", "data", "warnings", "errors", "next"]
PROBLEM = {"code", "message", "where", "file", "line", "column", "hint"}
WITHOUT_A_PROJECT = {
    "completion", "config schema", "doctor", "engine install", "explain", "new", "portability",
    "policies coverage", "policies list", "policies new", "policies pack", "policies show", "policies test",
}  # fmt: skip


def leaves() -> Iterator[str]:
    context = click.Context(top)
    for entry in entries():
        command = top.get_command(context, entry.name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from (f"{entry.name} {name}" for name in command.commands)
        else:
            yield entry.name


LEAVES = sorted(leaves())
ARGUMENTS = {
    "config set": ["owner", "a"], "runs compare": ["a", "b"], "new": ["demo"], "completion": ["bash"],
    "policies explain": ["AML-01"], "policies show": ["AML-01"], "policies test": ["AML-01"],
    "features get": ["customers", "--key", "1"],
    "features retrieve": ["customers", "--rows", "o.csv", "--out", "t.csv"],
    "feedback": ["--request-id", "r", "--label", "yes"], "monitor export": ["prometheus"],
    "policies new": ["ACME-01", "--title", "Buckets have an owner", "--type", "gcp:storage/bucket:Bucket"],
}  # fmt: skip


def document(folder: Path, command: str, *words: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the one document of a call whose standard error stays empty."""
    result = run(*command.split(), *words, "--format", "json", cwd=folder)
    assert result.stderr == ""
    found = json.loads(result.stdout)
    assert list(found) == ENVELOPE
    assert (found["schema"], found["ok"]) == (f"groundplan.{command.replace(' ', '.')}/1", result.returncode == 0)
    assert all(isinstance(line, str) for line in [*found["warnings"], *found["next"]])
    assert all(set(error) == PROBLEM for error in found["errors"])
    return result.returncode, found


def test_the_page_names_every_command() -> None:
    assert sorted(DOCUMENTED) == LEAVES


@pytest.mark.parametrize("command", LEAVES)
def test_a_usage_error_is_one_document_that_names_the_command(tmp_path: Path, command: str) -> None:
    code, found = document(tmp_path, command, "--no-such-option")

    assert (code, found["data"], [error["code"] for error in found["errors"]]) == (2, None, ["USAGE"])


@pytest.mark.parametrize("command", LEAVES)
def test_outside_a_project_there_is_an_error_or_a_result_and_nothing_else(tmp_path: Path, command: str) -> None:
    code, found = document(tmp_path, command, *ARGUMENTS.get(command, []))

    if command in WITHOUT_A_PROJECT:
        assert (code in (0, 1), set(found["data"])) == (True, DOCUMENTED[command])
    else:
        assert (code, [error["code"] for error in found["errors"]]) == (6, ["NOT_FOUND"])


@pytest.mark.parametrize(
    ("command", "words"),
    [("config show", []), ("config validate", []), ("config set", ["owner", "a", "--dry-run"]), ("status", []),
     ("up", ["--dry-run"]), ("destroy", ["--dry-run"]), ("models list", []), ("runs list", []), ("features list", [])],
)  # fmt: skip
def test_in_a_new_project_the_data_has_the_documented_keys(tmp_path: Path, command: str, words: list[str]) -> None:
    (tmp_path / "groundplan.yaml").write_text("project: demo\nplatform: local\n")

    code, found = document(tmp_path, command, *words)

    assert (code, set(found["data"])) == (0, DOCUMENTED[command])


def test_a_run_and_the_experiment_log_have_the_documented_keys(provisioned: Path, tmp_path: Path) -> None:
    root = run_project.make(tmp_path / "shop", provisioned=provisioned)

    calls: list[tuple[str, list[str]]] = [
        ("run", ["--no-register"]), ("runs show", []), ("runs compare", ["latest", "latest"]), ("runs logs", []),
    ]  # fmt: skip
    for command, words in calls:
        code, found = document(root, command, *words)
        assert (command, code, set(found["data"])) == (command, 0, DOCUMENTED[command])


@pytest.fixture
def served(provisioned: Path, tmp_path: Path) -> Generator[Path]:
    """A project whose model answers in dev."""
    layout = served_project.make(tmp_path / "project", provisioned=provisioned)
    served_project.deploy(layout, served_project.register(layout, tmp_path / "model"))
    yield layout.root
    LocalPlatform(layout).endpoints.undeploy("churn", "dev")


def test_a_served_model_has_the_documented_keys(served: Path) -> None:
    row = json.dumps({"age": 40.0, "plan": "basic", "active": True})
    calls: list[tuple[str, list[str]]] = [
        ("predict", ["--json", row]), ("logs", []), ("models show", []), ("deploy", []),
        ("models reject", ["1", "--reason", "bad data"]),
    ]  # fmt: skip
    for command, words in calls:
        code, found = document(served, command, *words)
        assert (command, code, set(found["data"] or {}), found["errors"]) == (command, 0, DOCUMENTED[command], [])


def test_features_have_the_documented_keys(tmp_path: Path) -> None:
    source = "data: {sources: {main: {path: rows.csv}}}"
    sets = "features: {sets: {customers: {source: main, entity: customer, keys: [id]}}}"
    (tmp_path / "groundplan.yaml").write_text(f"project: demo\nplatform: local\n{source}\n{sets}\n")
    (tmp_path / "rows.csv").write_text("id,plan\n1,basic\n")
    (tmp_path / "seen.csv").write_text("id,target\n1,a\n")
    calls: list[tuple[str, list[str]]] = [
        ("features list", []), ("features get", ["customers", "--key", "1"]),
        ("features retrieve", ["customers", "--rows", "seen.csv", "--out", "t.csv"]),
    ]  # fmt: skip
    for command, words in calls:
        code, found = document(tmp_path, command, *words)
        assert (command, code, set(found["data"])) == (command, 0, DOCUMENTED[command])


def test_data_check_has_the_documented_keys(tmp_path: Path) -> None:
    (tmp_path / "groundplan.yaml").write_text(
        "project: demo\nplatform: local\ndata: {sources: {main: {path: rows.csv}}}\n"
    )
    (tmp_path / "rows.csv").write_text("x,target\n" + "".join(f"{n},{n % 2}\n" for n in range(200)))

    code, found = document(tmp_path, "data check")

    assert (code in (0, 11), set(found["data"])) == (True, DOCUMENTED["data check"])
