"""Rollouts as a user types them, on real endpoints under load: nothing is lost, and a bad version goes back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from groundplan.core.layout import Layout
from groundplan.lifecycle.local.platform import LocalPlatform

import served_project
from endpoint_kit import Load, free_port
from terminal import call

_CONFIG = """\
project: churn
platform: local
environments:
  dev: {{}}
  prod: {{}}
endpoints:
  churn:
    port: {port}
    rollout:
      strategy: canary
      shadow: 1s
      steps: [{{traffic: 30, bake: 1s}}]
      stand_by: 1s
      rollback: {{min_requests: 10}}
"""


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory, provisioned: Path) -> Iterator[Layout]:
    """A project whose version 1 answers in dev, as it does again when a test has ended; each registers its own."""
    root = tmp_path_factory.mktemp("rollout") / "project"
    made = served_project.make(root, provisioned=provisioned)
    (root / "groundplan.yaml").write_text(_CONFIG.format(port=free_port()))
    served_project.register(made, root / "first")
    assert _said(made, "deploy")["data"]["rollout"] is None
    yield made
    call("destroy", "--yes", cwd=root)


def _said(layout: Layout, *words: str, code: int = 0) -> dict[str, Any]:
    done = call(*words, "--format", "json", cwd=layout.root)
    assert (done.returncode, done.stderr) == (code, "")
    return json.loads(done.stdout)


def _url(layout: Layout) -> str:
    return LocalPlatform(layout).endpoints.deployment("churn", "dev").url


def _kinds(layout: Layout) -> list[list[str]]:
    """The steps of each rollout, without those that only wait."""
    told = _said(layout, "rollout", "history")["data"]["rollouts"]
    return [[step["kind"] for step in one["history"] if step["kind"] != "held"] for one in told]


def test_a_canary_under_load_gets_all_requests_and_a_rollback_takes_them_back_without_losing_one(
    layout: Layout,
) -> None:
    second = served_project.register(layout, layout.root / "second", flipped=True).version

    with Load(_url(layout), callers=2) as load:
        deployed = _said(layout, "deploy", "--wait")
        reached = len(load.answers)
        back = _said(layout, "rollback", "--reason", "it answers the contrary")
        returned = len(load.answers)
    again = call("rollback", "--reason", "so", cwd=layout.root)

    versions = [version for _, version in load.answers]
    assert (load.failures, {status for status, _ in load.answers}) == ([], {200})
    assert (deployed["data"]["version"], deployed["data"]["rollout"]) == (second, None)
    assert set(versions[:reached]) == {1, second}
    assert set(versions[returned + 2 :]) == {1}, "two may have been under way"
    assert (back["data"]["version"], back["data"]["from"]) == (1, second)
    assert (again.returncode, "version 1 is the last good one and answers already" in again.stderr) == (5, True)
    first, *_, last = _kinds(layout)
    assert first == ["started", "completed"]
    assert last == ["started", "advanced", "advanced", "completed", "rolled-back"]
    staged = {one.version: (one.stage, one.status) for one in LocalPlatform(layout).models.list("churn")}
    assert (staged[1], staged[second]) == (("dev", "registered"), (None, "retired"))


def test_a_version_that_fails_turns_itself_back_before_it_answers_anybody(layout: Layout) -> None:
    served_project.register(layout, layout.root / "third", broken=True)

    with Load(_url(layout), callers=2) as load:
        turned = _said(layout, "deploy", "--wait", code=11)

    assert (load.failures, set(load.answers)) == ([], {(200, 1)})
    assert turned["data"]["rollout"]["status"] == "rolled-back"
    assert turned["errors"][0]["code"] == "GATE_FAILED"
    assert "requests failed, more than 5 %" in turned["errors"][0]["message"]
    assert _kinds(layout)[-1] == ["started", "rolled-back"]


def test_a_rollout_under_way_is_shown_steered_and_keeps_others_out(layout: Layout) -> None:
    fourth = served_project.register(layout, layout.root / "fourth", flipped=True).version
    begun = call("deploy", "--strategy", "blue-green", cwd=layout.root)
    shown = call("status", cwd=layout.root)
    early = call("rollout", "advance", "--force", "--reason", "no time", cwd=layout.root)
    unsaid = call("rollout", "advance", "--force", cwd=layout.root)
    refused = call("models", "reject", "churn", str(fourth), "--reason", "bad", cwd=layout.root)
    paused = _said(layout, "rollout", "pause", "--reason", "lunch")
    resumed = _said(layout, "rollout", "resume")
    aborted = _said(layout, "rollout", "abort", "--reason", "begun by mistake")
    ended = call("rollout", "pause", cwd=layout.root)

    assert begun.returncode == 0
    assert begun.stdout.splitlines()[0] == f"churn version {fourth} takes over churn@dev by blue-green"
    assert f"the rollout of churn version {fourth} at churn@dev is running, phase 1 of 2" in shown.stdout
    assert (early.returncode, "0 of the 10 requests on which it is judged" in early.stderr) == (5, True)
    assert (unsaid.returncode, "to force a rollout needs a reason" in unsaid.stderr) == (2, True)
    assert (refused.returncode, "is under way, so the rejection must wait" in refused.stderr) == (5, True)
    assert [one["data"]["status"] for one in (paused, resumed, aborted)] == ["paused", "running", "aborted"]
    assert aborted["data"]["traffic"] == {"1": 100}
    assert (ended.returncode, "is not under way: aborted" in ended.stderr) == (5, True)


def test_up_finishes_what_a_killed_command_left_and_logs_nothing_twice(layout: Layout) -> None:
    platform = LocalPlatform(layout)
    state = platform.rollouts.current("churn", "dev")
    assert state is not None
    entries = len(platform.models.audit_log())
    platform.rollouts.keep(replace(state, applying=True, audited=0))

    told = call("status", cwd=layout.root).stdout
    up = call("up", cwd=layout.root)

    assert f"the rollout of churn version {state.challenger} at churn@dev is {state.status}" in told
    assert (up.returncode, platform.rollouts.current("churn", "dev")) == (0, state)
    assert len(LocalPlatform(layout).models.audit_log()) == entries


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["rollout", "status", "-e", "prod"], 6, "nothing was rolled out at any endpoint in prod yet"),
        (["rollout", "status", "-e", "prd"], 6, "there is no environment 'prd'"),
        (["rollback", "-e", "dev"], 2, "a rollback needs a reason"),
        (["rollback", "-e", "prod", "--reason", "so"], 6, "nothing is deployed at endpoint 'churn' in 'prod'"),
        (["deploy", "--strategy", "ab"], 2, "strategy 'ab' needs 'experiment'"),
    ],
)
def test_what_cannot_be_done_is_said_with_the_way_out(layout: Layout, words: list[str], code: int, said: str) -> None:
    done = call(*words, cwd=layout.root)

    assert (done.returncode, done.stdout, said in done.stderr) == (code, "", True)
    assert "fix: " in done.stderr
