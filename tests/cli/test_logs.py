"""``groundplan logs`` as a user types it, while a real endpoint answers."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from groundplan.lifecycle.contract.deployment import Deployment

from endpoint_kit import ROW, endpoints, post, running, save_classifier
from terminal import GROUNDPLAN, clean_environment, run


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root = tmp_path_factory.mktemp("project")
    (root / "groundplan.yaml").write_text("project: churn\nplatform: local\n")
    with running(root, save_classifier(root / "model")):
        yield root


@pytest.fixture
def deployment(project: Path) -> Deployment:
    return endpoints(project).deployment("churn", "dev")


def test_requests_are_in_the_log_as_soon_as_they_are_answered(project: Path, deployment: Deployment) -> None:
    for number in range(3):
        post(deployment, ROW, **{"X-Request-ID": f"asked-{number}"})

    done = run("logs", "--requests", "--lines", "2", "--format", "json", cwd=project)

    data = json.loads(done.stdout)["data"]
    assert [json.loads(line)["request_id"] for line in data["lines"]] == ["asked-1", "asked-2"]
    assert (data["requests"], data["path"]) == (True, str(endpoints(project).request_log("churn", "dev")))


def test_follow_shows_lines_as_they_come_until_ctrl_c(project: Path, deployment: Deployment) -> None:
    post(deployment, ROW, **{"X-Request-ID": "before"})
    with subprocess.Popen(
        [str(GROUNDPLAN), "logs", "--requests", "--follow", "--lines", "1"], cwd=project, env=clean_environment(),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as following:  # fmt: skip
        assert following.stdout is not None
        shown = [json.loads(following.stdout.readline())["request_id"]]
        for name in ("after-1", "after-2"):
            post(deployment, ROW, **{"X-Request-ID": name})
            shown.append(json.loads(following.stdout.readline())["request_id"])
        following.send_signal(signal.SIGINT)
        out, err = following.communicate(timeout=120)

    assert shown == ["before", "after-1", "after-2"]
    assert (following.returncode, out, err) == (0, "", "")


def test_follow_goes_on_in_the_new_file_when_the_log_is_rotated(project: Path, deployment: Deployment) -> None:
    log = endpoints(project).log("churn", "dev")
    with subprocess.Popen(
        [str(GROUNDPLAN), "logs", "--follow", "--lines", "1"], cwd=project, env=clean_environment(),
        stdout=subprocess.PIPE, text=True,
    ) as following:  # fmt: skip
        assert following.stdout is not None
        following.stdout.readline()
        log.replace(log.with_name("server.log.1"))
        log.write_text("anew\n")
        shown = following.stdout.readline()
        following.send_signal(signal.SIGINT)

    assert (shown, following.returncode) == ("anew\n", 0)


def test_follow_as_json_is_refused(project: Path) -> None:
    done = run("logs", "--follow", "--format", "json", cwd=project)

    assert (done.returncode, json.loads(done.stdout)["errors"][0]["hint"]) == (2, "Leave out --format json.")
