"""``groundplan watch``: rounds whose parts fail apart from each other, its page, its signals, one at a time.

That the loop as a whole does what it promises is shown in tests/test_loop.py.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from groundplan.cli.watching import page
from groundplan.cli.watching.figures import Figures
from groundplan.cli.watching.rounds import MOST_SECONDS_OFF, Rounds
from groundplan.core.errors import CancelledError, LockedError, ResourceFailedError
from groundplan.core.layout import Layout
from groundplan.lifecycle.local.platform import LocalPlatform
from groundplan.lifecycle.local.serving.processes import wait_for_end
from groundplan.lifecycle.local.serving.records import EndpointFolder

import provisioning
import served_project
from terminal import GROUNDPLAN, call, clean_environment

CONFIG = "project: churn\nplatform: local\nenvironments: {dev: {}, prod: {}}\n"


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


def rounds(clock: Clock, told: list[str], **parts: Callable[[], list[str]]) -> Rounds:
    return Rounds(parts, Figures(), interval=10.0, tell=lambda line, _bad: told.append(line), now=clock)


def fail() -> list[str]:
    raise ResourceFailedError("the disk is full")


def test_a_part_that_fails_is_asked_later_and_later_and_the_others_go_on() -> None:
    clock, told, asked = Clock(), list[str](), dict[str, list[float]]({"bad": [], "good": []})

    def bad() -> list[str]:
        asked["bad"].append(clock.time)
        return fail()

    def good() -> list[str]:
        asked["good"].append(clock.time)
        return []

    loop = rounds(clock, told, bad=bad, good=good)
    for _ in range(500):
        loop.once()
        clock.time += 10

    gaps = [later - earlier for earlier, later in zip(asked["bad"], asked["bad"][1:], strict=False)]
    assert gaps == [10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 640.0, *[MOST_SECONDS_OFF] * 4]
    assert len(asked["good"]) == 500
    assert told[1] == "bad failed, asked again in 20 s: the disk is full"


def test_a_part_that_works_again_is_asked_in_every_round() -> None:
    clock, told, answers = Clock(), list[str](), iter([fail, fail, lambda: ["all is well"]])

    def part() -> list[str]:
        return next(answers, list)()

    loop = rounds(clock, told, part=part)
    for _ in range(4):
        loop.once()
        clock.time += 20

    assert (loop.health["part"].failures, loop.health["part"].error) == (0, "")
    assert told[-1] == "all is well"


def test_a_bug_in_one_part_ends_nothing_and_says_what_it_was() -> None:
    told: list[str] = []
    loop = rounds(Clock(), told, part=lambda: [str(1 / 0)])
    loop.once()

    assert told == ["part failed, asked again in 10 s: a bug in groundplan: ZeroDivisionError: division by zero"]


def test_a_lock_that_somebody_holds_is_no_failure() -> None:
    def busy() -> list[str]:
        raise LockedError("'groundplan run' works on this project")

    told: list[str] = []
    loop = rounds(Clock(), told, part=busy)
    loop.once()

    assert (told, loop.health["part"].error) == (["part: 'groundplan run' works on this project"], "")


def test_a_signal_that_a_training_met_ends_the_rounds_before_the_next_part() -> None:
    def cancelled() -> list[str]:
        raise CancelledError("cancelled")

    asked: list[str] = []
    loop = rounds(Clock(), [], first=cancelled, second=lambda: asked.append("second") or [])
    loop.run()

    assert (loop.count, asked) == (1, [])


def get(address: str, host: str = "127.0.0.1:1") -> tuple[int, str]:
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers={"Host": host}), timeout=120) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_the_page_tells_health_and_figures_to_this_machine_alone() -> None:
    clock = Clock()
    figures = Figures()
    loop = Rounds({"bad": fail}, figures, interval=1, tell=lambda _line, _bad: None, now=clock)
    loop.once()
    with page.shown(loop, figures, port=0) as address:
        health, metrics = get(f"{address}/healthz"), get(f"{address}/metrics")
        others = [get(f"{address}/healthz", "evil.example:80")[0], get(f"{address}/")[0]]
        loop.doing, clock.time = "rollouts", page.STUCK_SECONDS + 1
        stuck = get(f"{address}/healthz")
        loop.doing = "retraining"
        training = get(f"{address}/healthz")[0]
        with pytest.raises(ResourceFailedError, match="cannot listen on port"), \
                page.shown(loop, figures, port=int(address.rpartition(":")[2])):  # fmt: skip
            pass

    assert (health[0], json.loads(health[1])) == (
        200, {"status": "ok", "doing": "waiting", "rounds": 1, "failing": {"bad": "the disk is full"}},
    )  # fmt: skip
    assert 'groundplan_watch_failures_total{part="bad"} 1.0' in metrics[1]
    assert (others, stuck[0], json.loads(stuck[1])["status"], training) == ([421, 404], 503, "stuck", 200)


@pytest.fixture
def root(provisioned: Path, tmp_path: Path) -> Path:
    layout = provisioning.copy(provisioned, tmp_path, project="churn")
    (layout.root / "groundplan.yaml").write_text(CONFIG)
    return layout.root


def test_a_second_watch_is_refused_and_sigterm_ends_the_first_one_cleanly(root: Path) -> None:
    first = subprocess.Popen(
        [str(GROUNDPLAN), "watch", "--port", "0", "--interval", "0.1", "--format", "json", "-v"], cwd=root,
        env=clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert first.stderr is not None
        address = first.stderr.readline().partition("churn: ")[2].partition("/healthz")[0]
        health = get(f"{address}/healthz")
        second = call("watch", "--once", cwd=root)
        first.send_signal(signal.SIGTERM)
        out, _ = first.communicate(timeout=120)
    finally:
        first.kill()

    assert health[0] == 200
    assert second.returncode == 10
    assert f"'groundplan watch' (process {first.pid} of tester" in second.stderr
    assert (first.returncode, json.loads(out)["data"]["parts"].keys()) == (
        0, {"endpoints", "rollouts", "monitors", "retraining"},
    )  # fmt: skip
    assert call("watch", "--once", cwd=root).returncode == 0


def test_an_endpoint_whose_process_was_killed_is_started_again(provisioned: Path, tmp_path: Path) -> None:
    layout = served_project.make(tmp_path / "churn", provisioned=provisioned)
    served_project.deploy(layout, served_project.register(layout, tmp_path / "model"))
    process = EndpointFolder.of(layout, "churn", "dev").process()
    assert process is not None
    try:
        os.kill(process.identity.pid, signal.SIGKILL)
        assert wait_for_end(process.identity, seconds=60)
        document: dict[str, Any] = json.loads(call("watch", "--once", "--format", "json", cwd=layout.root).stdout)
        [state] = LocalPlatform(layout).endpoints.states()
    finally:
        LocalPlatform(layout).endpoints.undeploy("churn", "dev")

    assert document["data"]["parts"]["endpoints"] == {
        "said": ["endpoint churn@dev did not serve and was started again"], "error": "",
    }  # fmt: skip
    assert state.health == "ready"


def test_a_window_that_has_ended_is_judged_once_where_monitors_are_enabled(
    provisioned: Path, tmp_path: Path
) -> None:  # fmt: skip
    layout = served_project.make(tmp_path / "churn", provisioned=provisioned)
    config = layout.root / "groundplan.yaml"
    config.write_text(config.read_text() + "monitoring: {enabled: true, window: 30d}\n")
    deployment = served_project.deploy(layout, served_project.register(layout, tmp_path / "model"))
    platform = LocalPlatform(layout)
    try:
        rounds = [call("watch", "--once", "--format", "json", cwd=layout.root) for _ in range(2)]
        reports = platform.monitors.reports(deployment.settings.name, "dev")
    finally:
        platform.endpoints.undeploy("churn", "dev")

    said = [json.loads(one.stdout)["data"]["parts"]["monitors"] for one in rounds]
    assert [one["error"] for one in said] == ["", ""], rounds
    last = reports[-1].window.end
    assert [one["said"] for one in said] == [[f"churn@dev v1, window until {last}: not enough data"], []]


def test_without_a_platform_there_is_nothing_to_watch(tmp_path: Path) -> None:
    (tmp_path / "groundplan.yaml").write_text(CONFIG)
    done = call("watch", "--once", cwd=tmp_path)

    assert (done.returncode, "groundplan up" in done.stderr) == (2, True)
    assert not Layout(tmp_path).state.exists()
