"""The loop on real parts: serve, shift the data, drift is found, a challenger wins, takes over under load, and a bad
version turns itself back.

Windows last seconds here, and labels come with the requests; that statistics find shifts of a size is measured in
tests/lifecycle/test_drift.py and by ``make bench``.
"""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from groundplan.cli.rehearsal.load import Load
from groundplan.core.layout import Layout
from groundplan.lifecycle.local.platform import LocalPlatform
from groundplan.lifecycle.local.serving.records import EndpointFolder

import loop_kit
from terminal import call

CONFIG = (
    loop_kit.CONFIG
    + """\
endpoints:
  churn:
    log_sample: 1.0
    rollout:
      strategy: canary
      shadow: 1s
      steps: [{traffic: 50, bake: 1s}]
      stand_by: 1s
      rollback: {min_requests: 20}
monitoring:
  enabled: true
  window: 5s
  drift: {min_rows: 100, alert_windows: 1, of_windows: 1}
retraining: {on_drift: true, cool_down: 1s}
"""
)
PATIENCE_SECONDS = 90.0


@pytest.fixture(scope="module")
def root(provisioned: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project whose version 1 answers in prod."""
    root = loop_kit.make(tmp_path_factory.mktemp("loop") / "churn", provisioned=provisioned, config=CONFIG)
    for arguments in (("run",), ("models", "promote"), ("models", "promote"), ("deploy",)):
        done = call(*arguments, cwd=root)
        assert done.returncode == 0, done.stderr
    yield root
    call("destroy", "--yes", cwd=root)


def watch(root: Path) -> dict[str, Any]:
    done = call("watch", "--once", "--format", "json", cwd=root)
    assert done.returncode == 0, done.stdout
    return json.loads(done.stdout)["data"]["parts"]


def watch_until(root: Path, part: str, words: str) -> str:
    """Rounds of watch until a part says this."""
    deadline, said = time.monotonic() + PATIENCE_SECONDS, list[str]()
    while time.monotonic() < deadline:
        said += watch(root)[part]["said"]
        for line in said:
            if words in line:
                return line
        time.sleep(0.3)
    raise AssertionError(f"{part} never said {words!r}: {said}")


def ask_about_others(root: Path) -> None:
    """Other callers: ``x`` is between 0 and 1, and the answer changes at a half; their labels come at once."""
    platform = LocalPlatform(Layout(root))
    deployment = platform.endpoints.deployment("churn", "prod")
    generator = random.Random(3)
    lines: list[str] = []
    for _ in range(6):
        values = [round(generator.uniform(0, 1), 4) for _ in range(100)]
        answer = platform.endpoints.predict(deployment, [{"x": value} for value in values])
        lines += [
            json.dumps({"request_id": answer["request_id"], "row": row, "label": "yes" if value >= 0.5 else "no"})
            for row, value in enumerate(values)
        ]
    (root / "labels.jsonl").write_text("\n".join(lines) + "\n")
    done = call("feedback", "labels.jsonl", "-e", "prod", cwd=root)
    assert done.returncode == 0, done.stderr


def test_drift_is_found_and_a_challenger_wins_and_takes_over_under_load(root: Path) -> None:
    platform = LocalPlatform(Layout(root))
    ask_about_others(root)

    assert "won: version 2" in watch_until(root, "retraining", "the challenger won")

    [decision] = [one for one in platform.retrainings.decisions("churn") if one.decision == "retrain"]
    assert (decision.trigger, decision.outcome, decision.details["stage"]) == ("drift", "won", "prod")
    assert "drift/x/psi" in decision.reasons["drift"]
    rows = [{"x": number / 50} for number in range(-50, 50)]
    with Load(platform.endpoints, platform.endpoints.deployment("churn", "prod"), rows) as load:
        watch_until(root, "rollouts", "completed")
    assert (load.lost, set(load.answered)) == ([], {1, 2})
    assert platform.endpoints.traffic("churn", "prod").shares == {2: 100}
    [rollout] = platform.rollouts.history("churn", "prod")[-1:]
    assert [one.kind for one in rollout.history if one.kind != "held"] == [
        "started", "advanced", "advanced", "completed",
    ]  # fmt: skip


def test_a_bad_version_turns_itself_back_and_history_tells_why(root: Path) -> None:
    platform = LocalPlatform(Layout(root))
    before = platform.endpoints.deployment("churn", "prod").served.version
    loop_kit.write_rows(root, cut=-0.9)
    insist = ("--override-by", "eve", "--reason", "a bad version for the test")
    for arguments in (
        ("run", *insist), ("models", "promote", *insist), ("models", "promote", *insist), ("deploy", "-e", "prod"),
    ):  # fmt: skip
        done = call(*arguments, cwd=root)
        assert done.returncode == 0, done.stderr
    bad = max(one.version for one in platform.models.list("churn"))
    status = EndpointFolder.of(Layout(root), "churn", "prod").status()
    assert status is not None
    [pid] = [one.pid for one in status.workers if one.version == bad]
    assert pid is not None
    os.kill(pid, signal.SIGKILL)

    watch_until(root, "rollouts", "rolled-back")

    assert platform.endpoints.traffic("churn", "prod").shares == {before: 100}
    told = call("rollout", "history", "churn", "-e", "prod", cwd=root).stdout
    assert f"churn version {bad} by canary: rolled-back" in told
    assert "its process" in told
