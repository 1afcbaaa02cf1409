"""Promote, deploy and rollback ask the policy rules first, on a registry with real records."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import provisioning
from registry_kit import Project
from terminal import call

CONFIG = """\
project: churn
platform: local
environments:
  dev: {}
  prod: {}
evaluation:
  metrics: {roc_auc: {min: 0.8}}
  champion: {enabled: false}
policies: {packs: [baseline], levels: {%s}}
"""


@pytest.fixture(scope="module")
def template(provisioned: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Version 1 retired, 2 in dev; nobody approved anything, and the models have no card of people's words."""
    root = provisioning.copy(provisioned, tmp_path_factory.mktemp("rules"), project="churn").root
    (root / "groundplan.yaml").write_text(CONFIG % "MLG-004: enforce")
    project = Project(root)
    for marker in ("a", "b"):
        project.move(project.register(marker), "dev")
    return root


@pytest.fixture
def root(template: Path, tmp_path: Path) -> Path:
    return shutil.copytree(template, tmp_path / "project")


def errors(root: Path, *words: str, code: int) -> list[dict[str, Any]]:
    done = call(*words, "--format", "json", cwd=root, env={"GROUNDPLAN_USER": "ada"})
    assert done.returncode == code
    return json.loads(done.stdout)["errors"]


def test_a_promotion_that_a_rule_forbids_is_refused_with_the_rules_name_and_changes_nothing(root: Path) -> None:
    told = errors(root, "models", "promote", "churn", "2", code=5)

    assert {one["code"] for one in told} == {"POLICY"}
    assert all(one["message"].startswith("MLG-004 forbids this promote: ") for one in told)
    listed = call("models", "list", "--stage", "dev", "--format", "json", cwd=root)
    assert [one["version"] for one in json.loads(listed.stdout)["data"]["models"]] == [2]


def test_a_yes_that_is_given_now_counts(root: Path) -> None:
    text = (root / "groundplan.yaml").read_text().replace("prod: {}", "prod: {approval: {approvers: [bob]}}")
    (root / "groundplan.yaml").write_text(text)

    refused = errors(root, "models", "promote", "churn", "2", code=5)
    done = call("models", "promote", "churn", "2", "--approved-by", "bob", cwd=root, env={"GROUNDPLAN_USER": "ada"})

    assert (len(refused), done.returncode) == (1, 0)


def test_a_rule_that_only_advises_is_told_and_lets_it_happen(root: Path) -> None:
    (root / "groundplan.yaml").write_text(CONFIG % "MLG-004: advise")

    done = call("models", "promote", "churn", "2", cwd=root, env={"GROUNDPLAN_USER": "ada"})

    assert (done.returncode, "MLG-004: " in done.stderr) == (0, True)


def test_rules_that_are_off_are_not_asked(root: Path) -> None:
    (root / "groundplan.yaml").write_text(CONFIG % "MLG-004: off")

    done = call("models", "promote", "churn", "2", cwd=root, env={"GROUNDPLAN_USER": "ada"})

    assert (done.returncode, "MLG-" in done.stderr) == (0, False)


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        (("models", "rollback", "--to", "dev", "--reason", "errors doubled"), "MLG-021"),
        (("deploy", "-e", "dev"), "MLG-021"),
    ],
)
def test_rollback_and_deploy_ask_too(root: Path, words: tuple[str, ...], rule: str) -> None:
    text = (CONFIG % f"{rule}: enforce").replace(
        "platform: local", "platform: local\ngovernance: {risk_tier: prohibited}"
    )
    (root / "groundplan.yaml").write_text(text)

    told = errors(root, *words, code=5)

    assert [one["message"].split()[0] for one in told] == [rule]


def test_check_judges_the_evidence_of_the_registry(root: Path) -> None:
    done = call("check", "--only", "MLG-012", "--format", "json", "--all-verdicts", cwd=root)

    found = json.loads(done.stdout)["data"]["findings"]
    assert [(one["environment"], one["verdict"]) for one in found if one["environment"] == "dev"] != []
    assert all(one["verdict"] != "unknown" for one in found)


def test_what_a_config_says_of_its_own_rules_stands_in_no_actions_way(root: Path) -> None:
    own = "packs: [acme], rules: [rules], settings: {ACME-01: {days: 3}}"
    policies = f"{{{own}, levels: {{MLG-004: enforce, ACME-01: enforce}}}}"
    text = (root / "groundplan.yaml").read_text()
    (root / "groundplan.yaml").write_text(text.partition("policies:")[0] + f"policies: {policies}\n")

    told = errors(root, "models", "promote", "churn", "2", code=5)

    assert {one["message"].partition(" ")[0] for one in told} == {"MLG-004"}
