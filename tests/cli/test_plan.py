"""``groundplan plan`` as a user types it: both clouds, every format, saved and compared, refused and kept.

No cloud is asked anywhere here; whether one accepts what is planned is not proved by this file.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cloud_configs import AZURE, FIRST_LINES
from terminal import call, clean_environment, run


@pytest.fixture(params=sorted(FIRST_LINES), scope="module")
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nobody changes its config, so that its plans are made once."""
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "groundplan.yaml").write_text(f"{FIRST_LINES[request.param]}environments: {{dev: , prod: }}\n")
    return folder


def document(folder: Path, *words: str, code: int = 0) -> dict[str, Any]:
    result = call("plan", *words, "--format", "json", cwd=folder)
    assert (result.returncode, result.stderr) == (code, "")
    return json.loads(result.stdout)


def names(plan: dict[str, Any]) -> list[str]:
    return [one["stack"] for one in plan["data"]["stacks"]]


def test_each_selection_of_stacks_and_every_format(project: Path) -> None:
    default, everything = document(project), document(project, "--all")
    one = document(project, "--environment", "prod")

    assert [names(plan) for plan in (default, everything, one)] == [
        ["shared", "dev"],
        ["shared", "dev", "prod"],
        ["prod"],
    ]
    assert {**default["data"]["stacks"][1]} == everything["data"]["stacks"][1]
    text = call("plan", cwd=project)
    count = sum(1 for stack in default["data"]["stacks"] for one in stack["resources"] if _is_made(one))
    assert f"churn on {default['data']['platform']}: {count} resources (shared" in text.stdout
    starts = {"markdown": "<!-- groundplan plan -->", "mermaid": "flowchart LR", "svg": "<svg xmlns="}
    for format, start in starts.items():
        result = call("plan", "--format", format, cwd=project)
        assert (format, result.returncode, result.stdout.startswith(start)) == (format, 0, True)


def _is_made(one: dict[str, Any]) -> bool:
    return not one.get("component", False) and not one["type"].startswith("pulumi:")


def test_every_resource_has_its_place_in_the_config_and_the_names_are_the_configs(project: Path) -> None:
    plan = document(project)

    for stack in plan["data"]["stacks"]:
        for one in stack["resources"]:
            assert one["where"].startswith("groundplan.yaml:")
            assert one["urn"].startswith(f"urn:pulumi:{stack['stack']}::churn::")


def test_two_plans_in_two_processes_are_the_same_bytes(project: Path) -> None:
    first = call("plan", "--format", "json", cwd=project)
    for kept in (project / ".groundplan" / "cache" / "plans").iterdir():
        kept.unlink()
    second = run("plan", "--format", "json", cwd=project, env={"PYTHONHASHSEED": "7"})
    third = call("plan", "--format", "json", cwd=project)

    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout == second.stdout == third.stdout


def test_a_kept_plan_is_shown_without_importing_what_made_it(project: Path) -> None:
    document(project)
    code = (
        "import sys; from groundplan.cli.main import groundplan as top\n"
        "top.main(['plan', '--format', 'json'], standalone_mode=False)\n"
        "heavy = {'pulumi', 'pulumi_azure_native', 'pulumi_gcp', 'pydantic', 'ruamel', 'kfp', 'azure'}\n"
        "assert not heavy & sys.modules.keys(), heavy & sys.modules.keys()\n"
    )

    result = subprocess.run(
        [sys.executable, "-c", code], cwd=project, env=clean_environment(), capture_output=True, text=True
    )

    assert (result.returncode, result.stderr) == (0, "")
    assert json.loads(result.stdout) == document(project)


def test_a_saved_plan_is_compared_and_what_would_be_lost_is_said(tmp_path: Path) -> None:
    config = tmp_path / "groundplan.yaml"
    config.write_text(AZURE)
    saved = call("plan", "--out", "plan.json", cwd=tmp_path)
    same = document(tmp_path, "--against", "plan.json", "--exit-code")
    config.write_text(AZURE.replace("westeurope", "northeurope"))

    changed = document(tmp_path, "--against", "plan.json", "--exit-code", code=7)
    text = call("plan", "--against", "plan.json", cwd=tmp_path)
    page = call("plan", "--against", "plan.json", "--format", "markdown", cwd=tmp_path)

    assert (saved.returncode, same["data"]["changes"]) == (0, [])
    kinds = {one["kind"] for one in changed["data"]["changes"]}
    assert "replaced" in kinds
    assert any(one["stateful"] and one["kind"] == "replaced" and one["loses"] for one in changed["data"]["changes"])
    assert "REPLACED: " in text.stdout
    assert "> [!CAUTION]" in page.stdout


def test_what_the_cloud_would_refuse_is_found_at_once_each_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "groundplan.yaml").write_text(
        f"{AZURE}overrides:\n"
        "  foundation-group:\n    location: 7\n"
        "  workspace-workspace:\n    publicNetworkAccess: Sometimes\n    hbiWorkspce: true\n"
    )

    found = document(tmp_path, code=2)

    assert {(one["line"], one["code"]) for one in found["errors"]} == {(7, "CONFIG"), (9, "CONFIG"), (10, "CONFIG")}
    assert any("'Sometimes', which the cloud does not know" in one["message"] for one in found["errors"])
    assert any(one["hint"] == "Did you mean 'hbiWorkspace'?" for one in found["errors"])


def test_an_override_of_nothing_is_an_error_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "groundplan.yaml").write_text(f"{AZURE}overrides:\n  workspace-workspaces:\n    kind: Default\n")

    (error,) = document(tmp_path, code=2)["errors"]

    assert (error["line"], error["hint"]) == (7, "Did you mean 'workspace-workspace'?")


def test_an_override_is_in_the_plan_and_a_secret_one_is_not_shown_anywhere(tmp_path: Path) -> None:
    (tmp_path / "groundplan.yaml").write_text(
        f"{AZURE}overrides:\n  workspace-workspace:\n    description: ${{env:CANARY}}\n    friendlyName: Mine\n"
    )
    env = {"CANARY": "canary-5b1c77e0a9"}

    shown = [
        call("plan", *words, cwd=tmp_path, env=env)
        for words in (["-v"], ["--format", "json"], ["--format", "markdown"], ["--out", "plan.json"])
    ]
    unset = call("plan", cwd=tmp_path)

    assert [one.returncode for one in shown] == [0, 0, 0, 0]
    everything = "".join(one.stdout + one.stderr for one in shown) + (tmp_path / "plan.json").read_text()
    assert "canary-5b1c77e0a9" not in everything
    assert "friendlyName: Mine" in shown[0].stdout
    assert "description: secret" in shown[0].stdout
    assert not any("canary" in path.read_text() for path in (tmp_path / ".groundplan").rglob("*.json"))
    assert (unset.returncode, "CANARY" in unset.stderr, "groundplan.yaml:7:" in unset.stderr) == (2, True, True)


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--environment", "prd"], 6, "Did you mean 'prod'?"),
        (["--exit-code"], 2, "--exit-code needs --against"),
        (["--against", "none.json"], 6, "there is no file"),
        (["--out", "."], 2, "is a folder"),
    ],
)
def test_what_cannot_work_is_explained(words: list[str], code: int, message: str, tmp_path: Path) -> None:
    (tmp_path / "groundplan.yaml").write_text(f"{AZURE}environments: {{dev: , prod: }}\n")

    result = call("plan", *words, cwd=tmp_path)

    assert (result.returncode, message in result.stderr) == (code, True)


def test_on_the_laptop_it_is_what_up_would_do(tmp_path: Path) -> None:
    (tmp_path / "groundplan.yaml").write_text("project: demo\nplatform: local\n")

    plan, up = document(tmp_path), call("up", "--dry-run", "--format", "json", cwd=tmp_path)
    drawn = call("plan", "--format", "svg", cwd=tmp_path)

    assert plan["data"]["resources"] == json.loads(up.stdout)["data"]["resources"]
    assert [one["outcome"] for one in plan["data"]["resources"]] == ["created"] * len(plan["data"]["resources"])
    assert (drawn.returncode, "has no stacks" in drawn.stderr) == (2, True)
    assert not (tmp_path / ".groundplan").exists()
