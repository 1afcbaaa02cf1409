"""``groundplan config`` as a user types it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.terminal import run

CONFIG = """\
project: churn
platform: local
evaluation: {champion: {margin: 0.1}}
environments:
  dev:
  prod: {owner: jo@example.com}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "groundplan.yaml").write_text(CONFIG)
    return tmp_path


def test_show_says_each_value_and_where_it_comes_from(project: Path) -> None:
    shown = run("config", "show", "-e", "prod", "--set", "evaluation.seed=7", "--origin", cwd=project)

    lines = [" ".join(line.split()) for line in shown.stdout.splitlines()]
    assert (shown.returncode, shown.stderr) == (0, "")
    assert lines[0] == "# prod of dev, prod"
    assert [line for line in lines if line.partition(":")[0] in {"project", "owner", "evaluation.seed", "region"}] == [
        'project: "churn" # file groundplan.yaml:1:10',
        "region: null # default",
        'owner: "jo@example.com" # environment groundplan.yaml:6:17',
        "evaluation.seed: 7 # flag --set evaluation.seed",
    ]


def test_show_as_json_holds_values_and_origins_of_the_same_leaves(project: Path) -> None:
    document = json.loads(run("config", "show", "--format", "json", cwd=project).stdout)

    assert (document["schema"], document["ok"]) == ("groundplan.config.show/1", True)
    data = document["data"]
    assert (data["environment"], list(data["environments"])) == ("dev", ["dev", "prod"])
    assert data["config"]["evaluation"]["champion"]["margin"] == 0.1
    assert data["origins"]["evaluation.champion.margin"] == {"kind": "file", "where": "groundplan.yaml:3:33"}


def test_the_environment_can_come_from_a_variable(project: Path) -> None:
    shown = run("config", "show", cwd=project, env={"GROUNDPLAN_ENVIRONMENT": "prod"})

    assert 'owner: "jo@example.com"' in shown.stdout.splitlines()


def test_show_never_shows_a_secret(project: Path) -> None:
    (project / "groundplan.yaml").write_text(CONFIG + "endpoints: {churn: {api_key: '${env:CANARY}'}}\n")
    shown = run("config", "show", cwd=project, env={"CANARY": "hunter2canary"})

    assert shown.returncode == 0
    assert "${env:CANARY}" in shown.stdout
    assert "hunter2canary" not in shown.stdout + shown.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("--set", "evaluation.sede=7"), 2, "there is no key 'sede' in evaluation"),
        (("--set", "nothing"), 2, "--set takes KEY=VALUE, not 'nothing'"),
        (("-e", "prd"), 6, "there is no environment 'prd'"),
    ],
)
def test_what_show_cannot_do_is_one_message(project: Path, arguments: tuple[str, ...], code: int, message: str) -> None:
    shown = run("config", "show", *arguments, cwd=project)

    assert (shown.returncode, shown.stdout) == (code, "")
    assert message in shown.stderr
    assert "Traceback" not in shown.stderr


def test_validate_says_how_many_environments_it_checked(project: Path) -> None:
    done = run("config", "validate", cwd=project)

    assert (done.returncode, done.stdout) == (0, "groundplan.yaml is valid for 2 environments: dev, prod\n")


def test_validate_tells_every_problem_with_its_place(project: Path) -> None:
    (project / "groundplan.yaml").write_text("project: churn\nplatform: lcoal\nownr: jo\n")
    text = run("config", "validate", cwd=project)
    document = json.loads(run("config", "validate", "--format", "json", cwd=project).stdout)

    assert text.returncode == 2
    assert text.stderr == (
        "error[CONFIG]: platform: expected one of local, azureml, vertex; got the text 'lcoal'\n"
        "  --> groundplan.yaml:2:11\n  2 | platform: lcoal\n                ^^^^^\n  fix: Did you mean 'local'?\n"
        "\n"
        "error[CONFIG]: there is no key 'ownr'\n"
        "  --> groundplan.yaml:3:1\n  3 | ownr: jo\n      ^^^^\n  fix: Did you mean 'owner'?\n"
    )
    assert [(one["file"], one["line"], one["column"]) for one in document["errors"]] == [
        ("groundplan.yaml", 2, 11),
        ("groundplan.yaml", 3, 1),
    ]


def test_set_changes_one_value_and_shows_the_change(project: Path) -> None:
    tried = run("config", "set", "evaluation.champion.margin", "0.2", "--dry-run", cwd=project)
    assert (project / "groundplan.yaml").read_text() == CONFIG
    done = run("config", "set", "evaluation.champion.margin", "0.2", cwd=project)
    again = run("config", "set", "evaluation.champion.margin", "0.2", cwd=project)

    diff = "-evaluation: {champion: {margin: 0.1}}\n+evaluation: {champion: {margin: 0.2}}\n"
    assert (project / "groundplan.yaml").read_text() == CONFIG.replace("0.1", "0.2")
    assert tried.stdout.startswith("would change groundplan.yaml\n")
    assert done.stdout.startswith("changed groundplan.yaml\n")
    assert all(diff in one.stdout for one in (tried, done))
    assert again.stdout == "unchanged groundplan.yaml\n"


def test_set_writes_nothing_that_is_not_valid(project: Path) -> None:
    done = run("config", "set", "evaluation.champion.margni", "0.2", cwd=project)

    assert (done.returncode, done.stdout) == (2, "")
    assert "Did you mean 'margin'?" in done.stderr
    assert (project / "groundplan.yaml").read_text() == CONFIG


def test_a_folder_without_a_config_is_not_found(tmp_path: Path) -> None:
    done = run("config", "validate", cwd=tmp_path)

    assert done.returncode == 6
    assert "groundplan new" in done.stderr


def test_the_schema_is_printed_or_written_once(tmp_path: Path) -> None:
    printed = run("config", "schema", cwd=tmp_path)
    first = run("config", "schema", "--out", ".groundplan.schema.json", cwd=tmp_path)
    second = run("config", "schema", "--out", ".groundplan.schema.json", cwd=tmp_path)

    assert (first.stdout, second.stdout) == ("wrote .groundplan.schema.json\n", "unchanged .groundplan.schema.json\n")
    assert json.loads((tmp_path / ".groundplan.schema.json").read_text()) == json.loads(printed.stdout)


def test_a_config_is_checked_without_loading_what_only_models_need(project: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from groundplan.stacks.config.reading import read; read(Path.cwd());"
        "sys.exit(bool({'mlflow', 'pandas', 'numpy', 'sklearn', 'jinja2', 'jsonschema'} & set(sys.modules)))"
    )

    assert subprocess.run([sys.executable, "-c", code], cwd=project, timeout=120).returncode == 0
