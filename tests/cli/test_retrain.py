"""``groundplan retrain`` on a real pipeline: what it decides, what a loser and a winner leave, what a rule forbids.

What the triggers say is held in tests/lifecycle/test_retraining.py, what kills do in test_retrainings.py.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from groundplan.core.layout import Layout
from groundplan.lifecycle.local.platform import LocalPlatform

import loop_kit
from terminal import call


@pytest.fixture(scope="module")
def trained(provisioned: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose version 1 is in prod."""
    root = loop_kit.make(tmp_path_factory.mktemp("trained") / "churn", provisioned=provisioned)
    for arguments in (("run",), ("models", "promote"), ("models", "promote")):
        done = call(*arguments, cwd=root)
        assert done.returncode == 0, done.stderr
    return root


@pytest.fixture
def root(trained: Path, tmp_path: Path) -> Path:
    return shutil.copytree(trained, tmp_path / "churn")


def decided(root: Path, *arguments: str, code: int = 0) -> dict[str, Any]:
    done = call("retrain", *arguments, "--format", "json", cwd=root)
    assert (done.returncode, done.stderr) == (code, "")
    [decision] = json.loads(done.stdout)["data"]["decisions"]
    return decision


def stages(root: Path) -> dict[int, str | None]:
    return {one.version: one.stage for one in LocalPlatform(Layout(root)).models.list()}


def test_a_check_says_what_each_trigger_decides_and_changes_nothing(root: Path) -> None:
    config = root / "groundplan.yaml"
    config.write_text(config.read_text() + "retraining: {schedule: '0 3 29 2 *', new_rows: 50}\n")
    decision = decided(root, "--check")

    assert (decision["environment"], decision["decision"], decision["trigger"]) == ("prod", "no", None)
    assert decision["reasons"]["schedule"].startswith("next at ")
    assert decision["reasons"]["volume"] == "no labels are collected: no endpoint logs its inputs"
    assert decision["reasons"]["manual"] == "nobody asks for it"
    assert not (root / ".groundplan" / "retraining").exists()
    text = call("retrain", "--check", cwd=root).stdout
    assert "drift" in text
    assert "the config does not ask for it" in text


def test_a_model_that_is_the_same_loses_and_changes_nothing(root: Path) -> None:
    log = Layout(root).audit_log.read_bytes()
    decision = decided(root, "--reason", "just to see")

    assert (decision["decision"], decision["outcome"], decision["trigger"]) == ("retrain", "lost", "manual")
    assert decision["reasons"]["manual"] == "just to see"
    assert decision["details"]["why"] == "the same model as version 1"
    assert Layout(root).audit_log.read_bytes() == log


def test_a_challenger_that_beats_the_champion_on_shifted_data_goes_where_it_is(root: Path) -> None:
    loop_kit.write_rows(root, cut=0.5)
    decision = decided(root)

    assert (decision["outcome"], decision["version"], decision["details"]["stage"]) == ("won", 2, "prod")
    assert decision["details"]["comparison"].startswith("champion: found accuracy better by 0.")
    assert stages(root) == {1: None, 2: "prod"}
    kept = LocalPlatform(Layout(root)).retrainings.decisions("churn")
    assert [(one.outcome, one.version) for one in kept] == [("won", 2)]


def test_a_rule_that_forbids_it_is_named_and_on_record(root: Path) -> None:
    config = root / "groundplan.yaml"
    config.write_text(config.read_text() + "policies: {packs: [governance], levels: {MLG-072: enforce}}\n")
    done = call("retrain", cwd=root)

    assert done.returncode == 5
    assert "MLG-072 forbids this retrain" in done.stderr
    [kept] = LocalPlatform(Layout(root)).retrainings.decisions("churn")
    assert kept.decision == "not now"
    assert "forbid this retrain" in kept.obstacle
    assert stages(root) == {1: "prod"}


def test_a_model_that_was_never_trained_is_sent_to_run(provisioned: Path, tmp_path: Path) -> None:
    root = loop_kit.make(tmp_path / "churn", provisioned=provisioned)
    done = call("retrain", cwd=root)

    assert done.returncode == 6
    assert "churn was never trained" in done.stderr
    assert call("retrain", "chrun", cwd=root).returncode == 6
