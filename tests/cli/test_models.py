"""models as a user types it, on a registry with real records; how a model is measured is tested elsewhere."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pexpect
import pytest

import provisioning
from registry_kit import MODEL, Project
from terminal import GROUNDPLAN, call, clean_environment, run

CONFIG = """\
project: churn
platform: local
owner: team-x
environments:
  dev: {}
  staging: {approval: {approvers: [bob]}}
evaluation:
  metrics: {roc_auc: {min: 0.8}}
  champion: {enabled: false}
"""


@pytest.fixture(scope="module")
def template(provisioned: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Version 1 retired, 2 in dev, 3 registered, 4 below the rubric."""
    root = provisioning.copy(provisioned, tmp_path_factory.mktemp("models"), project="churn").root
    (root / "groundplan.yaml").write_text(CONFIG)
    project = Project(root)
    for marker in ("a", "b"):
        project.move(project.register(marker), "dev")
    project.register("c")
    project.register("d", roc_auc=0.5)
    return root


@pytest.fixture
def root(template: Path, tmp_path: Path) -> Path:
    return shutil.copytree(template, tmp_path / "project")


def typed(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return run("models", *words, cwd=root, env={"GROUNDPLAN_USER": "ada"})


def called(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The same without a process of its own, which would import MLflow each time."""
    return call("models", *words, cwd=root, env={"GROUNDPLAN_USER": "ada"})


def data(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    return json.loads(done.stdout)["data"]


def stages(root: Path) -> dict[int, str | None]:
    return Project(root).stages()


def test_list_shows_versions_newest_first_and_filters(template: Path) -> None:
    text = typed(template, "list")
    assert [line.split()[:5] for line in text.stdout.splitlines()] == [
        ["MODEL", "VERSION", "STAGE", "STATUS", "GATE"],
        ["churn", "v4", "-", "registered", "passed"],
        ["churn", "v3", "-", "registered", "passed"],
        ["churn", "v2", "dev", "registered", "passed"],
        ["churn", "v1", "-", "retired", "passed"],
    ]

    found = data(typed(template, "list", "churn", "--status", "registered", "--limit", "1", "--format", "json"))
    assert ([one["version"] for one in found["models"]], found["total"]) == ([4], 3)


def test_an_empty_registry_says_how_to_fill_it(tmp_path: Path) -> None:
    (tmp_path / "groundplan.yaml").write_text(CONFIG)

    done = called(tmp_path, "list")

    assert (done.returncode, done.stdout, done.stderr) == (0, "no version is registered\n", "next: groundplan run\n")
    assert not (tmp_path / ".groundplan").exists()


def test_show_tells_all_of_a_version(template: Path) -> None:
    shown = data(called(template, "show", "v2", "--format", "json"))

    assert (shown["version"], shown["stage"], shown["lineage"]["run_id"]) == (2, "dev", "run-1")
    assert (shown["verdict"]["passed"], shown["evidence"]["metrics"]) == (True, {"roc_auc": 0.9})
    assert [entry["action"] for entry in shown["audit"]] == ["register", "promote"]

    text = called(template, "show", "churn", "2").stdout
    assert "gate of dev: passed (dev)" in text
    assert "ada  promote dev: it is better" in text


def test_show_prints_the_card(template: Path) -> None:
    done = called(template, "show", "--card")

    assert done.stdout.startswith("# churn, version 4\n")
    assert "| Owner | team-x |" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["show", "9"], 6, "churn has no version 9"),
        (["show", "chur"], 6, "Did you mean 'churn'?"),
        (["show", "churn", "newest"], 2, "'newest' is no version"),
        (["list", "--stage", "stagin"], 6, "Did you mean 'staging'?"),
        (["promote", "4"], 11, "roc_auc: found 0.5, expected at least 0.8"),
        (["promote", "3", "--to", "staging"], 5, "the next one is dev, not staging"),
        (["promote", "2"], 5, "a promotion to staging needs the approval of bob"),
        (["promote", "2", "--approved-by", "ada"], 5, "ada may not approve"),
        (["promote", "4", "--override-by", "eve"], 2, "an override needs a reason"),
        (["reject", "3"], 2, "a rejection needs a reason"),
        (["reject"], 2, "say which version to reject"),
        (["rollback", "--to", "staging", "--reason", "x"], 6, "no version to go back to in staging"),
    ],
)
def test_what_cannot_be_is_refused_with_its_exit_code(template: Path, words: list[str], code: int, says: str) -> None:
    done = called(template, *words)

    assert (done.returncode, done.stdout) == (code, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert stages(template) == {1: None, 2: "dev", 3: None, 4: None}


def test_promote_goes_one_further_and_says_what_comes_next(root: Path) -> None:
    done = typed(root, "promote", "3", "--reason", "better recall")

    assert (done.returncode, done.stdout) == (0, "churn v3 is in dev\n")
    assert done.stderr.splitlines() == [
        "next: groundplan deploy --environment dev",
        "      groundplan models promote churn 3 --to staging",
    ]
    assert stages(root) == {1: None, 2: None, 3: "dev", 4: None}
    assert Project(root).models.audit_log()[-1].reason == "better recall"


def test_an_override_shows_in_what_is_printed(root: Path) -> None:
    done = called(root, "promote", "4", "--override-by", "eve", "--reason", "holiday")

    assert done.stdout.splitlines() == [
        "churn v4 is in dev",
        "override by eve: holiday",
        "  roc_auc: found 0.5, expected at least 0.8",
    ]


def test_on_a_terminal_the_approval_is_asked_for(root: Path) -> None:
    environment = {**clean_environment(), "GROUNDPLAN_USER": "ada", "TERM": "xterm"}
    spawn: Any = pexpect.spawn
    terminal = spawn(str(GROUNDPLAN), ["models", "promote", "2"], cwd=str(root), env=environment, timeout=120)
    terminal.expect("who approved the promotion of churn to staging")
    terminal.sendline("bob")
    terminal.expect("churn v2 is in staging")
    terminal.expect(pexpect.EOF)

    assert Project(root).models.audit_log()[-1].details["approved_by"] == ["bob"]


def test_reject_and_rollback_bring_the_version_before_back(root: Path) -> None:
    rejected = called(root, "reject", "churn", "2", "--reason", "bad data")
    restored = called(root, "rollback", "churn", "--environment", "dev", "--reason", "errors", "--format", "json")

    assert rejected.stdout == "churn v2 is rejected, taken out of dev\n"
    assert "next: groundplan models rollback churn --to dev --reason TEXT" in rejected.stderr
    assert (data(restored)["version"], data(restored)["stage"]) == (1, "dev")
    assert stages(root) == {1: "dev", 2: None, 3: None, 4: None}


def test_a_tampered_model_is_refused(root: Path) -> None:
    file = Project(root).models.get(MODEL, 3).path / "model.skops"
    file.chmod(0o644)
    file.write_bytes(b"evil")

    done = called(root, "promote", "3", "--override-by", "eve", "--reason", "holiday")

    assert (done.returncode, stages(root)[3]) == (1, None)
    assert "error[STORE_CORRUPTED]: churn v3 was changed: expected sha256:" in done.stderr


def test_what_a_kill_left_is_finished_and_said(root: Path) -> None:
    intent = {
        "transaction": "t", "does": "reject churn v2", "entries": [],
        "steps": [{"do": "unalias", "name": MODEL, "alias": "dev"}],
    }  # fmt: skip
    Project(root).layout.journal.write_text(json.dumps(intent))

    done = called(root, "list")

    assert "finished what was interrupted: reject churn v2" in done.stderr
    assert stages(root)[2] is None
