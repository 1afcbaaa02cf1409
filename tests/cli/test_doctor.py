"""``groundplan doctor``: what it says of this machine, of a broken project, and of none."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from groundplan.cli.diagnosis import catalogue, requirements
from groundplan.core import clock, locks
from groundplan.core.layout import Layout

import cloud_configs
from terminal import GROUNDPLAN, call, clean_environment, run


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    (root / "groundplan.yaml").write_text("project: demo\nplatform: local\n")
    return root


def checks(
    folder: Path, *arguments: str, code: int = 0, env: dict[str, str] | None = None
) -> dict[str, dict[str, Any]]:
    result = run("doctor", "--format", "json", *arguments, cwd=folder, env=env)
    assert (result.returncode, result.stderr) == (code, "")
    return {check["id"]: check for check in json.loads(result.stdout)["data"]["checks"]}


def test_every_check_answers_and_nothing_is_made(project: Path) -> None:
    found = checks(project)

    assert sorted(found) == sorted(catalogue.ids())
    assert {name for name, check in found.items() if check["state"] == "bad"} == set()
    assert [path.name for path in project.iterdir()] == ["groundplan.yaml"]
    assert (found["store"]["state"], found["store"]["fix"]) == ("warn", "groundplan up")


def test_every_line_that_is_not_well_says_what_to_do(project: Path) -> None:
    (project / "groundplan.yaml").write_text("project: demo\nplatfrom: local\n")
    found = checks(project, code=1, env={"PATH": ""})

    assert [name for name, one in found.items() if one["state"] in ("warn", "bad") and not one["fix"]] == []
    assert {name for name, one in found.items() if one["state"] == "bad"} == {"config"}
    assert found["config"]["fix"] == "groundplan config validate"


def test_it_works_outside_a_project(tmp_path: Path) -> None:
    found = checks(tmp_path)

    assert (found["config"]["state"], found["python"]["state"]) == ("unknown", "ok")


def test_it_works_in_a_folder_that_is_gone(tmp_path: Path) -> None:
    result = subprocess.run(
        ["sh", "-c", f"mkdir gone && cd gone && rmdir ../gone && exec '{GROUNDPLAN}' doctor"],
        cwd=tmp_path, env=clean_environment(), capture_output=True, text=True,
    )  # fmt: skip

    assert (result.returncode, "Traceback" in result.stderr) == (1, False)
    assert "the folder you stand in no longer exists" in result.stdout


def test_checks_can_be_left_out(project: Path) -> None:
    assert sorted(checks(project, "--skip", "uv", "--skip", "git")) == sorted({*catalogue.ids()} - {"uv", "git"})


def test_a_check_that_is_not_there_is_a_usage_error(project: Path) -> None:
    assert run("doctor", "--skip", "gti", cwd=project).returncode == 2


@pytest.mark.parametrize("mark", ["file", "link", "database", "newer"])
def test_state_that_cannot_be_used_is_bad_and_said(project: Path, mark: str) -> None:
    layout = Layout(project)
    if mark == "file":
        layout.state.write_text("mine")
    elif mark == "link":
        layout.state.symlink_to(project.parent)
    elif mark == "database":
        layout.tracking_database.parent.mkdir(parents=True)
        layout.tracking_database.write_bytes(b"no database" * 500)
    else:
        layout.state.mkdir()
        layout.marker.write_text('{"format": 99}')

    found = checks(project, code=1)

    assert found["store"]["state"] == "bad"
    assert found["store"]["fix"]


def test_the_holder_of_the_lock_is_named(project: Path) -> None:
    with locks.held(Layout(project).lock, command="groundplan run"):
        found = checks(project)["lock"]

    assert (found["state"], f"'groundplan run' (process {os.getpid()} of" in found["found"]) == ("warn", True)
    assert checks(project)["lock"]["state"] == "ok"


def test_a_platform_made_in_the_future_is_doubted(project: Path) -> None:
    layout = Layout(project)
    layout.state.mkdir()
    created = clock.to_text(clock.now() + timedelta(hours=3))
    layout.marker.write_text(json.dumps({"format": 1, "project": "demo", "created": created}))

    found = checks(project)["clock"]

    assert (found["state"], created in found["found"]) == ("warn", True)


def test_a_port_of_the_config_that_something_else_holds_is_named(project: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        (project / "groundplan.yaml").write_text(
            f"project: demo\nplatform: local\nendpoints:\n  demo:\n    port: {port}\n"
        )
        found = checks(project)["ports"]

    assert (found["state"], found["found"]) == ("warn", f"taken: {port} (endpoint demo)")


CLOUD = cloud_configs.AZURE + "state: {backend: 'azblob://state?storage_account=acct'}\n"


@pytest.mark.parametrize(
    ("config", "backend", "sign_in"),
    [
        (cloud_configs.AZURE, "warn", "az login --tenant 00000000-0000-4000-8000-0000000000aa"),
        (CLOUD, "ok", "az login --tenant 00000000-0000-4000-8000-0000000000aa"),
        (cloud_configs.GOOGLE, "warn", "gcloud auth application-default login --project acme-churn"),
    ],
)
def test_a_cloud_has_checks_of_its_own(project: Path, config: str, backend: str, sign_in: str) -> None:
    (project / "groundplan.yaml").write_text(config)
    mine = project / "passphrase"

    result = run("doctor", "--format", "json", cwd=project, env={"PULUMI_CONFIG_PASSPHRASE_FILE": str(mine)})
    found = {one["id"]: one for one in json.loads(result.stdout)["data"]["checks"]}

    assert (found["backend"]["state"], bool(found["backend"]["fix"])) == (backend, backend == "warn")
    assert (found["signin"]["state"], sign_in in found["signin"]["fix"]) == ("unknown", True)
    assert (found["passphrase"]["state"], "cannot be read" in found["passphrase"]["found"]) == ("bad", True)
    assert (found["extras"]["needed"], found["region"]["state"]) == (config.split()[3], "ok")


def test_the_extra_of_the_platform_decides(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "groundplan.yaml").write_text(cloud_configs.GOOGLE)
    lines = ["nowhere-to-be-found>=1; extra == 'vertex'", "not-there>=2; extra == 'local'"]

    def requires(_: str) -> list[str]:
        return lines

    monkeypatch.setattr("importlib.metadata.requires", requires)

    result = call("doctor", "--format", "json", cwd=project)
    extras = next(one for one in json.loads(result.stdout)["data"]["checks"] if one["id"] == "extras")

    assert (extras["state"], extras["fix"]) == ("bad", "pip install 'groundplan[vertex,local]'")


def test_no_secret_is_printed(project: Path) -> None:
    canary = "canary-5b1d7c"
    (project / "groundplan.yaml").write_text(
        "project: demo\nplatform: local\nendpoints:\n  demo:\n    api_key: ${env:DEMO_KEY}\n"
    )
    results = [run("doctor", *words, cwd=project, env={"DEMO_KEY": canary}) for words in ((), ("--format", "json"))]

    assert [canary in result.stdout + result.stderr for result in results] == [False, False]


def test_it_imports_nothing_that_it_looks_for(project: Path) -> None:
    program = (
        "import sys; from groundplan.cli.main import main; sys.argv = ['groundplan', 'doctor']\n"
        "import atexit; atexit.register(lambda: print({'mlflow', 'pandas', 'sklearn', 'uvicorn'} & set(sys.modules)))\n"
        "main()"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=project, env=clean_environment(), capture_output=True, text=True
    )

    assert (result.returncode, result.stdout.splitlines()[-1]) == (0, "set()")


@pytest.mark.parametrize("environment", [{"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0"}, {"HOME": "/nowhere"}])
def test_it_works_in_poor_surroundings(project: Path, environment: dict[str, str]) -> None:
    assert len(checks(project, env=environment)) == len(catalogue.ids())


def test_a_pipe_that_closes_early_is_silent(project: Path) -> None:
    result = subprocess.run(
        ["sh", "-c", f"'{GROUNDPLAN}' doctor --quiet | head -n 1"],
        cwd=project, env=clean_environment(), capture_output=True, text=True,
    )  # fmt: skip

    assert (result.returncode, result.stderr) == (0, "")


def test_what_the_package_needs_is_read_from_its_metadata(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ["click>=8", "nowhere-to-be-found>=1; python_version > '3'", "not-there[x]>=2; extra == 'local'"]

    def requires(_: str) -> list[str]:
        return lines

    monkeypatch.setattr("importlib.metadata.requires", requires)

    assert (requirements.missing(None), requirements.missing("local"), requirements.missing("ui")) == (
        ["nowhere-to-be-found"],
        ["not-there"],
        [],
    )


def test_a_check_file_of_a_wrong_shape_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("groundplan.cli.diagnosis.checks.uv.look")

    with pytest.raises(TypeError, match=r"uv\.py: a check has"):
        catalogue.find()
