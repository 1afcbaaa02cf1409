"""A training beside the rounds of watch: they go on meanwhile, and end with it in good order. Real processes all."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from groundplan.core.layout import Layout
from groundplan.lifecycle.contract.retraining import RetrainingDecision
from groundplan.lifecycle.local.platform import LocalPlatform

import loop_kit
from terminal import GROUNDPLAN, call, clean_environment

_HELD = """\
import pathlib
if pathlib.Path("hold").exists():
    pathlib.Path("started").write_text("")
    pathlib.Path("go").read_text()
"""
"""Comes to its end when somebody writes into the pipe ``go``."""


BEGUN = "20260101T000000-abcdef"


@pytest.fixture(scope="module")
def trained(provisioned: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose version 1 is in dev, and better rows since."""
    root = loop_kit.make(tmp_path_factory.mktemp("watched") / "churn", provisioned=provisioned)
    program = root / "train.py"
    program.write_text(_HELD + program.read_text())
    for arguments in (("run",), ("models", "promote")):
        done = call(*arguments, cwd=root)
        assert done.returncode == 0, done.stderr
    loop_kit.write_rows(root, cut=0.4)
    return root


@pytest.fixture
def root(trained: Path, tmp_path: Path) -> Path:
    """The same with a retraining that was cut short, which waits for the pipe."""
    root = shutil.copytree(trained, tmp_path / "churn")
    os.mkfifo(root / "go")
    (root / "hold").write_text("")
    begun = RetrainingDecision(
        id=BEGUN, when="2026-01-01T00:00:00.000Z", who="ada", model="churn", environment="dev",
        decision="retrain", trigger="drift", reasons={"drift": "the data has drifted"}, fired=("drift",),
    )  # fmt: skip
    LocalPlatform(Layout(root)).retrainings.keep(begun)
    return root


def decision(root: Path) -> RetrainingDecision:
    """The one that was cut short, as it stands now."""
    known = LocalPlatform(Layout(root)).retrainings.decisions("churn")
    return next(one for one in known if one.id == BEGUN)


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


@contextmanager
def watching(root: Path) -> Generator[tuple[subprocess.Popen[str], Callable[[], int]]]:
    """watch, with a training that has begun and waits; and how many rounds there were."""
    (root / "started").unlink(missing_ok=True)
    with (root / "told").open("w") as told:
        process = subprocess.Popen(
            [str(GROUNDPLAN), "watch", "--port", "0", "--interval", "0.1", "--format", "json", "-v"], cwd=root,
            env={**clean_environment(), "GROUNDPLAN_REASON": "a person's"}, stdout=subprocess.PIPE, stderr=told,
            text=True,
        )  # fmt: skip
    try:
        wait_for((root / "started").exists)
        address = (root / "told").read_text().partition("churn: ")[2].partition("/healthz")[0]

        def rounds() -> int:
            with urllib.request.urlopen(f"{address}/healthz", timeout=120) as answer:
                return json.loads(answer.read())["rounds"]

        yield process, rounds
    finally:
        process.kill()
        process.communicate()


def test_a_signal_ends_the_rounds_and_the_training_which_goes_on_with_the_next_start(root: Path) -> None:
    with watching(root) as (process, _):
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=120)

    assert (process.returncode, json.loads(out)["ok"]) == (0, True)
    assert (decision(root).outcome, decision(root).details["attempt"]) == ("", 0)
    assert call("retrain", "--check", cwd=root).returncode == 0


def test_rounds_go_on_while_a_model_is_trained_and_tell_what_became_of_it(root: Path) -> None:
    with watching(root) as (process, rounds):
        before = rounds()
        wait_for(lambda: rounds() >= before + 3)
        assert decision(root).outcome == ""
        (root / "go").write_text("")
        wait_for(lambda: decision(root).outcome != "")
        wait_for(lambda: "trained again" in (root / "told").read_text())
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=120)

    told = (root / "told").read_text()
    assert process.returncode == 0
    assert "churn: training begins" in told
    assert f"churn: trained again by drift: the challenger {decision(root).outcome}" in told
    assert decision(root).outcome in ("won", "lost")


def test_once_does_what_the_triggers_ask_and_takes_no_reason_of_a_person(root: Path) -> None:
    (root / "hold").unlink()
    refused = call("retrain", "--once", "--reason", "now", cwd=root)
    first = call("retrain", "--once", "--format", "json", cwd=root)
    nothing = call("retrain", "--once", "--format", "json", cwd=root)

    assert (refused.returncode, "--once" in refused.stderr) == (2, True)
    assert (first.returncode, nothing.returncode) == (0, 0)
    assert [one["id"] for one in json.loads(first.stdout)["data"]["decisions"]] == [BEGUN]
    assert decision(root).outcome in ("won", "lost")
    assert [one["decision"] for one in json.loads(nothing.stdout)["data"]["decisions"]] in ([], ["no"])
