"""``groundplan deploy`` as a user types it: what it says, what it refuses, and what a kill of it leaves behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from groundplan.core.layout import Layout

import served_project
from endpoint_kit import ROW, endpoints, folder_of, free_port, post, wait_until_alone
from terminal import GROUNDPLAN, call, clean_environment, run

_CONFIG = """\
project: churn
platform: local
environments:
  dev: {{}}
  prod: {{}}
endpoints:
  churn:
    port: {port}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, provisioned: Path) -> Iterator[Path]:
    """A project with version 1 in dev, nothing in prod; the tests go on from what the one before left serving."""
    root = tmp_path_factory.mktemp("deploy") / "project"
    layout = served_project.make(root, provisioned=provisioned)
    served_project.register(layout, root / "source")
    _configure(root, free_port())
    yield root
    run("destroy", "--yes", cwd=root)


def _configure(root: Path, port: int) -> None:
    (root / "groundplan.yaml").write_text(_CONFIG.format(port=port))


def _deployed(project: Path) -> dict[str, Any]:
    return json.loads(call("deploy", "--format", "json", cwd=project).stdout)


def test_it_serves_what_is_promoted_and_tells_a_script_all_about_it(project: Path) -> None:
    said = _deployed(project)

    deployment = endpoints(project).deployment("churn", "dev")
    data = said["data"]
    assert (said["ok"], said["next"]) == (True, ["groundplan predict churn -e dev", "groundplan status"])
    assert {name: data[name] for name in ("endpoint", "environment", "model", "version", "health", "deployed_by")} == {
        "endpoint": "churn", "environment": "dev", "model": "churn", "version": 1, "health": "ready",
        "deployed_by": "tester",
    }  # fmt: skip
    assert (data["url"], data["port"], data["digest"]) == (
        deployment.url, deployment.port, deployment.served.digest
    )  # fmt: skip
    assert psutil.pid_exists(data["pid"])
    assert post(deployment, ROW).json()["model"] == {"name": "churn", "version": 1}


def test_it_tells_a_person_where_it_answers_and_whose_override_it_is(project: Path) -> None:
    done = run("deploy", cwd=project)

    fields = dict(line.split(None, 1) for line in done.stdout.splitlines()[1:])
    assert done.returncode == 0
    assert done.stdout.splitlines()[0] == "churn version 1 answers in dev"
    assert fields["url"] == endpoints(project).deployment("churn", "dev").url
    assert fields["override"] == f"ada: {served_project.WHY}"
    assert done.stderr.splitlines() == [
        "starting churn version 1 for dev", "next: groundplan predict churn -e dev", "      groundplan status"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["-e", "prod"], 6, ["no version of churn is in 'prod' yet", "groundplan models promote churn --to prod"]),
        (["-e", "prd"], 6, ["there is no environment 'prd'", "prod"]),
        (["chrn"], 6, ["chrn", "churn"]),
    ],
)
def test_what_cannot_be_served_is_said_with_the_way_out(
    project: Path, words: list[str], code: int, said: list[str]
) -> None:
    done = run("deploy", *words, cwd=project)

    assert (done.returncode, done.stdout) == (code, "")
    assert [text for text in said if text not in done.stderr] == []
    assert "Traceback" not in done.stderr


def test_a_port_in_use_is_named_and_what_served_serves_on(project: Path) -> None:
    before = _deployed(project)["data"]
    deployment = endpoints(project).deployment("churn", "dev")
    with socket.socket() as foreign:
        foreign.bind(("127.0.0.1", 0))
        foreign.listen()
        port = foreign.getsockname()[1]
        _configure(project, port)
        done = run("deploy", cwd=project)
    _configure(project, before["port"])

    assert (done.returncode, done.stdout) == (4, "")
    assert f"port {port} of 127.0.0.1 cannot be used" in done.stderr
    assert "endpoints.churn.port" in done.stderr
    assert "Traceback" not in done.stderr
    assert post(deployment, ROW).status_code == 200
    wait_until_alone(project, before["pid"])


def test_up_starts_what_was_deployed_as_it_was_deployed_and_deploy_takes_the_new_settings(project: Path) -> None:
    before = _deployed(project)["data"]
    moved = free_port()
    _configure(project, moved)
    os.kill(before["pid"], signal.SIGKILL)
    wait_until_alone(project)

    up = run("up", "--format", "json", cwd=project)
    resumed = endpoints(project).deployment("churn", "dev")
    after = _deployed(project)["data"]

    assert up.returncode == 0
    assert (resumed.port, after["port"]) == (before["port"], moved)
    wait_until_alone(project, after["pid"])


@pytest.mark.parametrize("moment", ["begun", "started", "loading", "serving"])
def test_a_killed_deploy_leaves_commands_that_work_and_one_server(project: Path, moment: str) -> None:
    before = _deployed(project)["data"]["pid"]

    with subprocess.Popen(
        [str(GROUNDPLAN), "deploy"], cwd=project, env=clean_environment(), stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as command:  # fmt: skip
        _wait_for(moment, project, before)
        command.kill()

    status = run("status", "--format", "json", cwd=project)
    after = _deployed(project)
    assert (command.returncode, status.returncode, json.loads(status.stdout)["ok"]) == (-signal.SIGKILL, 0, True)
    assert (after["ok"], after["data"]["health"]) == (True, "ready")
    wait_until_alone(project, after["data"]["pid"])
    assert not folder_of(project).candidate_file.exists()


def _wait_for(moment: str, project: Path, before: int) -> None:
    """Return at this moment of a deploy: it holds the lock, has started a server, a little later, that one serves."""
    folder, deadline = folder_of(project), time.monotonic() + 60
    while time.monotonic() < deadline:
        candidate, process = folder.candidate(), folder.process()
        reached = {
            "begun": Layout(project).lock.exists(),
            "started": candidate is not None and candidate.identity.pid > 0,
            "loading": candidate is not None and _age(candidate.identity.pid) > 0.3,
            "serving": process is not None and process.identity.pid != before,
        }
        if reached[moment]:
            return
        time.sleep(0.005)
    raise AssertionError(f"deploy did not come to {moment}")


def _age(pid: int) -> float:
    try:
        return time.time() - psutil.Process(pid).create_time() if pid else 0.0
    except psutil.NoSuchProcess:
        return 0.0


def test_destroy_leaves_no_server_even_when_its_record_was_lost(project: Path) -> None:
    _deployed(project)
    folder_of(project).process_file.unlink()

    done = run("destroy", "--yes", cwd=project)

    assert done.returncode == 0
    wait_until_alone(project)
