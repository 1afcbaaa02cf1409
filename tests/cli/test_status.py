"""``groundplan status`` on every state a project can be found in; a served model is shown in test_up.py."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from groundplan.core import clock
from groundplan.core.layout import Layout
from groundplan.lifecycle.contract.model import Override
from groundplan.lifecycle.contract.retraining import RetrainingDecision
from groundplan.lifecycle.local.retraining import LocalRetrainings

import provisioning
import run_project
from registry_kit import Project
from terminal import clean_environment, run

CONFIG = "project: churn\nplatform: local\nenvironments: {dev: {}, prod: {}}\n"
OVERRIDE = Override(person="eve", reason="agreed in the review", environment="dev", when="2026-01-01T00:00:00.000Z",
                    failures=("roc_auc",))  # fmt: skip


def document(root: Path, code: int = 0) -> dict[str, Any]:
    result = run("status", "--format", "json", cwd=root)
    assert (result.returncode, result.stderr) == (code, "")
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def empty(provisioned: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = provisioning.copy(provisioned, tmp_path_factory.mktemp("empty"), project="churn").root
    (root / "groundplan.yaml").write_text(CONFIG)
    return root


@pytest.fixture
def root(empty: Path, tmp_path: Path) -> Path:
    return shutil.copytree(empty, tmp_path / "project")


def test_before_up_all_of_the_data_is_there_and_empty(tmp_path: Path) -> None:
    (tmp_path / "groundplan.yaml").write_text(CONFIG)

    nothing: dict[str, object] = {
        "model": "churn", "version": None, "digest": None, "verdict": None, "evidence_made": None,
        "evidence_stale": False, "overrides": [], "endpoint": None, "traffic": {}, "drift": None, "retraining": None,
        "exemptions": [],
    }  # fmt: skip
    assert document(tmp_path) == {
        "schema": "groundplan.status/1",
        "ok": True,
        "data": {
            "project": "churn", "platform": "local", "folder": str(tmp_path), "provisioned": False, "run": None,
            "models": [{"environment": name, **nothing} for name in ("dev", "prod")], "waiting": [], "events": [],
        },
        "warnings": [],
        "errors": [],
        "next": ["groundplan up"],
    }  # fmt: skip
    assert not (tmp_path / ".groundplan").exists()


def test_after_up_a_run_is_next(empty: Path) -> None:
    found = document(empty)

    assert (found["data"]["provisioned"], found["data"]["run"], found["next"]) == (True, None, ["groundplan run"])
    text = run("status", cwd=empty).stdout
    assert "platform  provisioned\nlast run  none yet\n" in text


def test_a_failed_and_a_killed_run_are_named_with_the_way_on(provisioned: Path, tmp_path: Path) -> None:
    root = run_project.make(tmp_path / "shop", provisioned=provisioned)
    (root / "fail-a").touch()
    assert run("run", cwd=root).returncode == 4
    failed = document(root)["data"]["run"]
    (root / "fail-a").unlink()
    (root / "hold-a").touch()
    process = run_project.start(root)
    run_project.wait_for(process, "a running")
    process.kill()
    process.communicate()

    found = document(root)["data"]

    assert (failed["pipeline"], failed["status"]) == ("train", "failed")
    assert clock.from_text(failed["started"]).utcoffset() is not None
    assert found["run"]["status"] == "interrupted"
    assert found["events"] == [
        f"run {found['run']['id']} was interrupted; groundplan run goes on from the steps that are done"
    ]
    assert run_project.survivors(root) == []


def test_a_stage_change_that_a_kill_cut_short_is_finished_and_said_once(root: Path) -> None:
    Project(root).register("a")
    program = (
        "import os, pathlib, sys\n"
        "from groundplan.lifecycle.local.registry import journal\n"
        "from registry_kit import Project\n"
        "journal.Journal.clear = lambda self: os._exit(9)\n"
        "project = Project(pathlib.Path(sys.argv[1]))\n"
        "project.move(project.models.list()[0], 'dev')\n"
    )
    support = str(Path(__file__).parents[1] / "support")
    killed = subprocess.run([sys.executable, "-c", program, str(root)], env=clean_environment(PYTHONPATH=support))
    assert (killed.returncode, Layout(root).journal.exists()) == (9, True)

    first, second = document(root)["data"], document(root)["data"]

    assert [event.partition(":")[0] for event in first["events"]] == ["an interrupted change was finished now"]
    assert [(row["environment"], row["version"]) for row in first["models"]] == [("dev", 1), ("prod", None)]
    assert second == {**first, "events": []}


def test_stale_evidence_and_an_override_are_said_in_words_and_in_data(root: Path) -> None:
    project = Project(root)
    project.move(project.register("a", made="2020-01-01T00:00:00.000Z", passed=False, override=OVERRIDE), "dev")

    row, _ = document(root)["data"]["models"]
    text = run("status", cwd=root).stdout

    assert (row["version"], row["verdict"], row["evidence_stale"]) == (1, "overridden", True)
    assert row["evidence_made"] == "2020-01-01T00:00:00.000Z"
    assert [(one["person"], one["reason"], one["failures"]) for one in row["overrides"]] == [
        ("eve", "agreed in the review", ["roc_auc"])
    ]
    assert "old, STALE" in text
    assert "OVERRIDE churn 1 in dev: eve let it pass" in text


def test_a_version_in_no_environment_waits_for_its_promotion(root: Path) -> None:
    Project(root).register("a")

    found = document(root)

    assert found["data"]["waiting"] == [{"model": "churn", "version": 1, "verdict": "passed"}]
    assert found["next"] == ["groundplan models promote churn 1"]


def test_a_part_that_cannot_be_read_is_a_problem_and_the_rest_is_shown(root: Path) -> None:
    Project(root).register("a")
    Layout(root).tracking_database.write_bytes(b"no database" * 500)

    found = document(root, code=1)

    assert (found["ok"], found["data"]["provisioned"], found["next"]) == (False, True, ["groundplan doctor"])
    assert [error["code"] for error in found["errors"]] == ["STORE_CORRUPTED"]
    assert len(found["data"]["models"]) == 2


def test_what_retraining_decided_and_who_is_exempted_is_shown_as_text_data_and_page(root: Path) -> None:
    exemption = (
        "{rule: MLG-001, resource: churn, reason: agreed until the audit is over, owner: eve, expires: '2099-01-31'}"
    )
    (root / "groundplan.yaml").write_text(
        f"{CONFIG}policies: {{exemptions: [{exemption}], max_exemption_days: 3650}}\n"
    )
    LocalRetrainings(Layout(root)).keep(
        RetrainingDecision(id="1", when="2026-01-01T00:00:00.000Z", model="churn", environment="prod",
                           decision="not now", trigger="drift", reasons={}, obstacle="cool-down <b>")
    )  # fmt: skip

    done = run("status", "--html", "status.html", cwd=root)
    _, prod = document(root)["data"]["models"]
    page = (root / "status.html").read_text()

    assert done.returncode == 0, done.stderr
    assert "not now, by drift" in done.stdout
    assert prod["retraining"] == {
        "when": "2026-01-01T00:00:00.000Z", "decision": "not now", "trigger": "drift", "outcome": "", "version": None,
        "obstacle": "cool-down <b>",
    }  # fmt: skip
    assert prod["exemptions"] == ["MLG-001 for churn until 2099-01-31: eve"]
    assert "not now, by drift" in page
    assert "MLG-001 for churn until 2099-01-31" in page
    assert "http" not in page.replace("http-equiv", "")
