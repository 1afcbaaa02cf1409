"""Signals and kills while the engine works: what a user sees at once, and what is left behind.

The command runs as a process of its own, as from a shell; a terminal's Ctrl-C is a SIGINT to its process group.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from groundplan.core.errors import TimeoutReachedError

import toy_cloud
from stand_in import StandIn

SUPPORT = str(Path(__file__).parents[1] / "support")


def start(root: Path, *words: str) -> subprocess.Popen[str]:
    """The command line on the toy project, with signals as a shell's foreground job has them."""
    return subprocess.Popen(
        [sys.executable, "-m", "toy_cloud", *words],
        cwd=root, env={**os.environ, "PYTHONPATH": SUPPORT}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def creating(cloud: StandIn) -> bool:
    return any(one["method"] == "Create" and one["name"] == "one" and not one["preview"] for one in cloud.calls)


def locks(cloud: StandIn) -> list[Path]:
    return list((cloud.backend / ".pulumi" / "locks").rglob("*.json"))


def engines(root: Path) -> list[psutil.Process]:
    """The engines that work in this project."""
    found: list[psutil.Process] = []
    for process in psutil.process_iter():
        try:
            if process.name() == "pulumi" and process.cwd().startswith(str(root)):
                found.append(process)
        except psutil.Error:
            continue
    return found


@pytest.fixture
def shared(cloud: StandIn, root: Path) -> Path:
    """The project with its shared stack up."""
    assert toy_cloud.driver(root).up("shared", toy_cloud.program(root, "shared")).error is None
    return root


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_lets_what_is_under_way_finish(cloud: StandIn, shared: Path, number: signal.Signals) -> None:
    cloud.fault("slow", name="one", seconds=2)
    process = start(shared, "up", "-e", "dev", "--yes")
    wait_until(lambda: creating(cloud))

    os.killpg(process.pid, number)
    out, err = process.communicate(timeout=120)
    state = toy_cloud.driver(shared).state("dev")

    assert (process.returncode, "waiting for the operations under way" in err) == (8, True), (out, err)
    assert state is not None
    assert ([one.name for one in state.resources if one.type == toy_cloud.ACCOUNT], state.pending) == (["one"], ())
    assert locks(cloud) == []


def test_a_second_signal_stops_at_once_and_names_what_was_not_finished(cloud: StandIn, shared: Path) -> None:
    cloud.fault("slow", name="one", seconds=60)
    process = start(shared, "up", "-e", "dev", "--yes")
    wait_until(lambda: creating(cloud))

    os.killpg(process.pid, signal.SIGHUP)
    time.sleep(0.5)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=120)

    assert (process.returncode, locks(cloud)) == (8, [])
    assert "creating was not finished; it may exist" in out + err
    assert "groundplan repair --environment dev" in err


def test_an_engine_never_outlives_a_groundplan_that_was_killed(cloud: StandIn, shared: Path) -> None:
    cloud.fault("slow", name="one", seconds=2)
    process = start(shared, "up", "-e", "dev", "--yes")
    wait_until(lambda: creating(cloud))

    process.kill()
    process.communicate()

    wait_until(lambda: not engines(shared), seconds=120)
    state = toy_cloud.driver(shared).state("dev")
    assert state is not None
    assert ([one.name for one in state.resources if one.type == toy_cloud.ACCOUNT], state.pending) == (["one"], ())
    assert locks(cloud) == []


def test_a_provider_that_does_not_answer_is_ended_by_the_time_limit(cloud: StandIn, shared: Path) -> None:
    cloud.fault("slow", name="one", seconds=60)
    driver, program = toy_cloud.driver(shared), toy_cloud.program(shared, "dev")
    assert driver.preview("dev", program).error is None
    driver.limits.seconds, driver.limits.grace_seconds = 8, 1

    outcome = driver.up("dev", program)

    assert isinstance(outcome.error, TimeoutReachedError)
    unfinished = [problem.where for problem in outcome.error.problems if problem.where]
    # On a machine so slow that nothing began in that time there is nothing to name.
    assert unfinished == ([toy_cloud.urn("dev", "one")] if creating(cloud) else [])
    assert locks(cloud) == []


def test_a_program_that_hangs_is_left_behind_when_the_time_is_up(cloud: StandIn, shared: Path) -> None:
    toy_cloud.change(shared, hangs=True)
    impatient = (
        "import functools, toy_cloud; from groundplan.stacks.engine import command; "
        "command.Limits = functools.partial(command.Limits, grace_seconds=0.5); toy_cloud.main()"
    )

    done = subprocess.run(
        [sys.executable, "-c", impatient, "preview", "-e", "dev", "--timeout", "3"],
        cwd=shared, env={**os.environ, "PYTHONPATH": SUPPORT}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip

    assert (done.returncode, "the time ran out" in done.stderr) == (9, True), done.stderr
    assert engines(shared) == []
