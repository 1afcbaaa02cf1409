"""``groundplan rehearse``: every promise tried for real on a copy, a broken one told, nothing left behind."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from xml.etree import ElementTree as ET

import psutil
import pytest
from groundplan.cli.rehearsal import leftovers, living, promises
from groundplan.cli.rehearsal.copying import DRIFT, REQUEST_TIMEOUT, ROLLOUT, hurried
from groundplan.core.layout import Layout
from groundplan.lifecycle.local.platform import LocalPlatform

import loop_kit
from terminal import GROUNDPLAN, call, clean_environment

Found = TypeVar("Found")
RETRAINED = "drift trains a challenger, and only a winner takes over"
STRICT = loop_kit.CONFIG.replace("evaluation: {", "evaluation: {metrics: {accuracy: {min: 0.7}}, ").replace(
    "margin: 0.0", "margin: 0.5"
)
LAX = loop_kit.CONFIG.replace("margin: 0.0", "margin: -1.0")


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the copy goes."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def project(root: Path, provisioned: Path, config: str) -> Path:
    return loop_kit.make(root, provisioned=provisioned, config=config)


def files(root: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def serving(temporary: Path) -> list[int]:
    """The processes that serve a rehearsal's copy."""
    found: list[int] = []
    for folder in temporary.glob(f"{leftovers.PREFIX}*/{leftovers.PROJECT}"):
        found += [state.pid for state in LocalPlatform(Layout(folder)).endpoints.states() if state.pid is not None]
    return found


def runs(pid: int) -> bool:
    """Whether a process is there; one that only waits for its parent is not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def waited_for(look: Callable[[], Found]) -> Found:
    """What ``look`` sees once it sees something."""
    end = time.monotonic() + 120
    while not (found := look()) and time.monotonic() < end:
        time.sleep(0.1)
    assert found
    return found


def test_every_promise_is_kept_and_the_project_is_as_it_was(
    provisioned: Path, tmp_path: Path, temporary: Path
) -> None:  # fmt: skip
    config = STRICT.replace("prod: {}", "prod: {approval: {approvers: [eve]}}")
    root = project(tmp_path / "churn", provisioned, config)
    before = files(root)

    done = call("rehearse", "--format", "json", cwd=root)

    found: dict[str, Any] = json.loads(done.stdout)
    verdicts = {one["name"]: one["verdict"] for one in found["data"]["promises"]}
    assert (done.returncode, found["data"]["broken"], found["errors"]) == (0, 0, []), found
    assert list(verdicts) == [one.name for one in promises.ALL]
    assert set(verdicts.values()) - {"kept"} <= {"skipped"}
    details = {one["name"]: one["detail"] for one in found["data"]["promises"]}
    assert "alerts on x" in details["callers who ask about other rows are found by the monitors"]
    assert "the challenger lost and changed nothing" in details[RETRAINED]
    assert "hung and was turned back" in details["a version that answers with errors is turned back by itself"]
    assert [name for name, verdict in verdicts.items() if verdict == "skipped"] in (
        [], ["a full disk leaves the registry whole"],
    )  # fmt: skip
    assert files(root) == before
    assert list(temporary.iterdir()) == []


def test_a_gate_that_asks_too_little_breaks_a_promise_and_ci_sees_which_while_others_are_kept(
    provisioned: Path, tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = (promises.trained, promises.refused, living.drifted, living.retrained)
    monkeypatch.setattr(promises, "ALL", [one for one in promises.ALL if one.keep in chosen])
    root = project(tmp_path / "churn", provisioned, LAX)

    done = call("rehearse", "--format", "junit", cwd=root)

    suite = ET.fromstring(done.stdout)
    assert (done.returncode, suite.attrib["tests"], suite.attrib["failures"]) == (11, "4", "1")
    [failure] = suite.iter("failure")
    assert "its thresholds in 'evaluation' ask too little" in failure.attrib["message"]
    assert "the challenger won" in done.stderr
    assert list(temporary.iterdir()) == []


def test_what_comes_after_a_broken_promise_that_is_needed_is_not_reached(
    provisioned: Path, tmp_path: Path, temporary: Path
) -> None:
    root = project(tmp_path / "churn", provisioned, loop_kit.CONFIG)
    (root / "train.py").write_text("raise SystemExit(3)\n")

    done = call("rehearse", "--format", "json", cwd=root)

    found = json.loads(done.stdout)["data"]["promises"]
    assert (done.returncode, found[0]["verdict"], found[0]["detail"]) == (
        11, "broken", "step 'train' failed: exit code 3",
    )  # fmt: skip
    assert {one["detail"] for one in found[1:]} == {"not reached: a promise before it is broken"}
    assert list(temporary.iterdir()) == []


def test_what_a_killed_rehearsal_left_is_stopped_and_removed_by_the_next_one_and_a_living_one_is_not(
    provisioned: Path, tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = project(tmp_path / "churn", provisioned, loop_kit.CONFIG)
    environment = clean_environment(TMPDIR=str(temporary))
    silent: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    killed = subprocess.Popen([GROUNDPLAN, "rehearse"], cwd=root, env=environment, **silent)
    servers = waited_for(lambda: serving(temporary))
    living = temporary / f"{leftovers.PREFIX}living"
    (living / "other").mkdir(parents=True)

    with leftovers.marked(living):
        assert leftovers.remove_all() == []
        killed.kill()
        killed.wait()
        monkeypatch.setattr(promises, "ALL", [])
        done = call("rehearse", cwd=root)

    assert (done.returncode, done.stderr.count("that was killed left in")) == (0, 1), done.stderr
    assert list(temporary.iterdir()) == [living]
    waited_for(lambda: not any(runs(pid) for pid in servers))


def test_the_config_of_a_cloud_is_hurried_on_this_machine() -> None:
    given: dict[str, Any] = {
        "project": "churn", "platform": "vertex", "retraining": {"cool_down": "1d"},
        "monitoring": {"window": "1d", "managed": True, "attribution": {"enabled": True},
                       "drift": {"statistic": "chi_squared", "min_rows": 500},
                       "notify": {"webhooks": [{"url": "https://alerts.example"}]}},
        "endpoints": {"churn": {"port": 8123, "api_key": "${env:KEY}", "rollout": {"rollback": {"crashes": 2}}}},
        "environments": {"dev": None, "prod": {"endpoints": {"churn": {"port": 8124}}, "tier": "production"}},
    }  # fmt: skip

    assert hurried(given, ["churn"]) == {
        "project": "churn", "platform": "local", "retraining": {"cool_down": "1s", "on_drift": True},
        "endpoints": {
            "churn": {"log_sample": 1.0, "request_timeout": REQUEST_TIMEOUT,
                      "rollout": {**ROLLOUT, "rollback": {"crashes": 2, "min_requests": 20}}},
        },
        "monitoring": {"enabled": True, "window": "3s", "drift": {"statistic": "chi_squared", **DRIFT}},
        "environments": {"dev": {}, "prod": {"tier": "production"}},
    }  # fmt: skip
