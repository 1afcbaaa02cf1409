"""Who waits for whom: a training holds nobody up, the way back is open at any time, two at once get an answer each.

Commands are real processes; the version that answers is changed in a real registry and at a real endpoint.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from groundplan.core import locks
from groundplan.core.layout import Layout
from groundplan.lifecycle.local.platform import LocalPlatform

import served_project
from endpoint_kit import free_port
from terminal import GROUNDPLAN, call, clean_environment

_CONFIG = """\
project: churn
platform: local
pipelines:
  train:
    steps:
      train:
        command: python train.py {{outputs.model}} {{outputs.test}}
        outputs: {{model: model, test: dataset}}
data: {{sources: {{main: {{path: customers.csv}}}}, target: age}}
models: {{churn: {{pipeline: train, test: train.test}}}}
environments: {{dev: {{}}, prod: {{}}}}
endpoints:
  churn:
    port: {port}
    rollout: {{strategy: blue-green, shadow: 1h, stand_by: 1s}}
"""

_TRAIN = """\
import pathlib, shutil, sys
pathlib.Path("started").write_text("")
pathlib.Path("go").read_text()
shutil.copytree("first", sys.argv[1], dirs_exist_ok=True)
pathlib.Path(sys.argv[2]).write_text("age\\n1\\n")
"""
"""Comes to its end when somebody writes into the pipe ``go``."""


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory, provisioned: Path) -> Iterator[Layout]:
    """Version 1 answers in dev, version 2 is being rolled out there and gets copies."""
    root = tmp_path_factory.mktemp("locks") / "project"
    made = served_project.make(root, provisioned=provisioned)
    (root / "groundplan.yaml").write_text(_CONFIG.format(port=free_port()))
    (root / "train.py").write_text(_TRAIN)
    os.mkfifo(root / "go")
    served_project.register(made, root / "first")
    said(made, "deploy")
    yield made
    call("destroy", "--yes", cwd=root)


def said(layout: Layout, *words: str, code: int = 0) -> dict[str, Any]:
    done = call(*words, "--format", "json", cwd=layout.root)
    assert done.returncode == code, done.stdout
    return json.loads(done.stdout)


@contextmanager
def started(layout: Layout, *words: str) -> Generator[subprocess.Popen[str]]:
    """A command that runs beside the test."""
    process = subprocess.Popen(
        [str(GROUNDPLAN), *words, "--format", "json"], cwd=layout.root, env=clean_environment(),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@contextmanager
def training(layout: Layout) -> Generator[None]:
    """A training that is under way within the block, and succeeds after it."""
    with started(layout, "run", "--no-register") as run:
        deadline = time.monotonic() + 60
        while not (layout.root / "started").exists():
            assert time.monotonic() < deadline
            assert run.poll() is None
            time.sleep(0.01)
        yield
        assert run.poll() is None
        (layout.root / "go").write_text("")
        out, _ = run.communicate(timeout=120)
        assert run.returncode == 0, out


def answering(layout: Layout) -> dict[int, int]:
    return dict(LocalPlatform(layout).endpoints.traffic("churn", "dev").shares)


def test_while_a_model_is_trained_versions_are_deployed_turned_back_and_rejected(layout: Layout) -> None:
    served_project.register(layout, layout.root / "second", flipped=True)

    with training(layout):
        deployed = said(layout, "deploy")
        aborted = said(layout, "rollout", "abort", "--reason", "begun by mistake")
        again = said(layout, "deploy")
        back = said(layout, "rollback", "--reason", "it answers the contrary")
        rejected = said(layout, "models", "reject", "churn", "2", "--reason", "it answers the contrary")
        up = said(layout, "up")

    assert [deployed["data"]["rollout"]["status"], again["data"]["rollout"]["status"]] == ["running", "running"]
    assert (aborted["data"]["status"], back["data"]["version"], answering(layout)) == ("aborted", 1, {1: 100})
    assert (rejected["data"]["status"], up["data"]["endpoints"][0]["health"]) == ("rejected", "ready")


def test_one_training_at_a_time_and_nothing_is_destroyed_under_it(layout: Layout) -> None:
    with (
        locks.held(layout.training_lock, command="groundplan run"),
        started(layout, "run") as run,
        started(layout, "destroy", "--yes") as destroy,
    ):
        refused = [json.loads(one.communicate(timeout=120)[0])["errors"][0]["message"] for one in (run, destroy)]

    assert (run.returncode, destroy.returncode) == (10, 10)
    assert [one.startswith("'groundplan run' (process ") for one in refused] == [True, True]
    assert answering(layout) == {1: 100}


def test_two_rollbacks_wait_for_who_is_at_the_endpoint_and_for_no_other_then_one_goes_back_and_one_hears_so(
    layout: Layout,
) -> None:
    version = served_project.register(layout, layout.root / "third", flipped=True).version
    said(layout, "deploy")

    with (
        locks.held(layout.lock, command="groundplan models promote"),
        locks.held(layout.training_lock, command="groundplan run"),
        locks.held(layout.endpoint_lock("churn", "prod"), command="groundplan deploy"),
        ExitStack() as deploying,
    ):
        deploying.enter_context(locks.held(layout.endpoint_lock("churn", "dev"), command="groundplan deploy"))
        with started(layout, "-v", "rollback", "--reason", "one") as one, \
                started(layout, "-v", "rollback", "--reason", "two") as two:  # fmt: skip
            told = [each.stderr.readline() for each in (one, two) if each.stderr is not None]
            unchanged = answering(layout)
            deploying.close()
            answers = [json.loads(each.communicate(timeout=120)[0]) for each in (one, two)]

    codes = sorted((one.returncode, two.returncode))
    first, second = sorted(answers, key=lambda answer: not answer["ok"])
    history = LocalPlatform(layout).rollouts.history("churn", "dev")[-1]
    assert [each.startswith("waiting for 'groundplan deploy' (process ") for each in told] == [True, True]
    assert (unchanged, codes) == ({1: 100, version: 0}, [0, 5])
    assert (first["data"]["version"], first["data"]["from"]) == (1, version)
    assert "version 1 is the last good one and answers already" in second["errors"][0]["message"]
    assert [step.kind for step in history.history] == ["started", "rolled-back"]
    assert answering(layout) == {1: 100}
