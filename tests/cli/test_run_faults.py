"""``groundplan run`` as a process: killed at many points, interrupted, twice at once, without space or permission.

Killing shows that no process stays and that the next run converges at the moments that are tried; it cannot show it
for every instruction. That a power cut loses nothing is not shown: only a kill of the process is.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from groundplan.core import digests
from groundplan.core.exit_codes import ExitCode
from groundplan.core.layout import Layout
from groundplan.lifecycle.local import tracking
from groundplan.lifecycle.local.running import experiment_log
from groundplan.lifecycle.local.runs import LocalRuns

import run_project
import terminal
from run_project import start, survivors, wait_for

STEPS = ("a", "b", "c")


@pytest.fixture(scope="module")
def template(provisioned: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_project.make(tmp_path_factory.mktemp("template") / "shop", provisioned=provisioned)


@pytest.fixture
def root(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "shop"))


def hold(root: Path, *names: str) -> None:
    """Only these steps wait."""
    for name in STEPS:
        (root / f"hold-{name}").unlink(missing_ok=True)
    for name in names:
        (root / f"hold-{name}").touch()


def assert_whole(root: Path) -> None:
    """Every object of the cache has the digest that it is named by."""
    objects = Layout(root).cache / "objects"
    found = objects.glob("[0-9a-f][0-9a-f]/*")
    assert [path.name for path in found if digests.of_path(path).partition(":")[2] != path.stem] == []


def test_killed_at_many_points_it_leaves_no_process_and_the_next_run_converges(root: Path) -> None:
    chance = random.Random(7)
    # Each moment with the step that waits, so that the run cannot have gone on from there before the kill.
    moments = [
        ("a running", "a"), ("a succeeded", "b"), ("b running", "b"), ("b succeeded", "c"), ("c running", "c"),
        ("c succeeded", ""), ("c succeeded", ""), ("c succeeded", ""),
    ]  # fmt: skip
    for line, waiting in moments:
        hold(root, *([waiting] if waiting else []))
        process = start(root, *([] if waiting else ["--force"]))
        wait_for(process, line)
        # After the last step comes the tracking store, which takes some seconds.
        time.sleep(chance.uniform(0, 0.1 if waiting else 3.0))
        process.kill()
        process.communicate(timeout=120)

        assert survivors(root) == []
        assert_whole(root)
        assert LocalRuns(Layout(root)).get("latest").status in ("interrupted", "succeeded")

    hold(root)
    listed = terminal.run("runs", "list", "--format", "json", cwd=root)
    finished = terminal.run("run", "--format", "json", cwd=root)

    assert listed.returncode == ExitCode.DONE
    outcome = json.loads(finished.stdout)
    assert (outcome["ok"], outcome["data"]["status"]) == (True, "succeeded")
    run = LocalRuns(Layout(root)).get(outcome["data"]["run"])
    assert run.steps["c"].outputs["out"].path.read_text() == "target,x\n" + "1,2\n" * 20 + "9,9\n" * 3
    client = tracking.open_store(Layout(root))
    experiments = [one.experiment_id for one in client.search_experiments()]
    entries = client.search_runs(experiments, filter_string=f"tags.`{experiment_log.RUN_TAG}` = '{run.id}'")
    assert [(one.info.status, one.data.metrics) for one in entries] == [("FINISHED", {"c.rows": 3.0})]
    assert not list(Layout(root).runs.glob("*/steps"))


def test_a_killed_run_is_named_and_gone_on_from(root: Path) -> None:
    hold(root, "b")
    process = start(root)
    wait_for(process, "b running")
    process.kill()
    process.communicate()
    run_id = LocalRuns(Layout(root)).get("latest").id

    hold(root, "c")
    process = start(root)
    said = wait_for(process, "c running")
    process.kill()
    process.communicate()

    assert f"run {run_id} was interrupted" in said
    assert f"continuing run {run_id}: 1 of 3 steps are done" in said
    assert "a  unchanged, from the cache" in said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupted_it_says_so_stops_its_steps_and_keeps_what_is_done(root: Path, number: signal.Signals) -> None:
    hold(root, "b")
    process = start(root)
    wait_for(process, "b running")
    process.send_signal(number)
    out, err = process.communicate(timeout=120)

    assert process.returncode == ExitCode.CANCELLED
    assert out == ""
    assert "stopping; 5 s for b to end, or once more to stop at once" in err
    assert "error[CANCELLED]: cancelled; 1 of 3 steps are done and kept" in err
    assert "Traceback" not in err
    assert survivors(root) == []
    run = LocalRuns(Layout(root)).get("latest")
    assert (run.status, {name: step.status for name, step in run.steps.items()}) == (
        "cancelled", {"a": "succeeded", "b": "cancelled", "c": "skipped"}
    )  # fmt: skip


def test_of_two_runs_at_once_the_second_is_told_who_works(root: Path) -> None:
    hold(root, "a")
    first = start(root)
    wait_for(first, "a running")

    second = terminal.run("run", "--format", "json", cwd=root)
    listed = terminal.run("runs", "list", "--format", "json", cwd=root)
    first.kill()
    first.communicate()

    (error,) = json.loads(second.stdout)["errors"]
    assert (second.returncode, error["code"]) == (ExitCode.LOCKED, "LOCKED")
    assert f"'groundplan run' (process {first.pid} of tester" in error["message"]
    assert [run["status"] for run in json.loads(listed.stdout)["data"]["runs"]] == ["running"]


def test_a_failed_step_and_a_time_limit_have_their_exit_codes(root: Path) -> None:
    (root / "fail-b").touch()
    failed = terminal.run("run", cwd=root)
    (root / "fail-b").unlink()
    config = (root / "groundplan.yaml").read_text()
    (root / "groundplan.yaml").write_text(config.replace("timeout: 30s", "timeout: 1s"))
    hold(root, "b")
    late = terminal.run("run", cwd=root)

    assert (failed.returncode, late.returncode) == (ExitCode.RESOURCE_FAILED, ExitCode.TIMEOUT)
    assert failed.stdout == late.stdout == ""
    assert "error[STEP_FAILED]: step 'b' failed: exit code 3\n  --> " in failed.stderr
    assert "\n  here is b\n" in failed.stderr
    assert "error[TIMEOUT]: step 'b' failed: stopped at its time limit of 1.0 s\n" in late.stderr
    assert survivors(root) == []


@pytest.mark.skipif(not shutil.which("mount"), reason="needs mount")
def test_on_a_full_disk_it_says_so_and_goes_on_when_there_is_space(template: Path, tmp_path: Path) -> None:
    root = tmp_path / "small"
    root.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", root], capture_output=True).returncode:
        pytest.skip("may not mount a small disk here")
    try:
        shutil.copytree(template, root, dirs_exist_ok=True)
        filler = root / "filler"
        space = os.statvfs(root)
        filler.write_bytes(b"x" * (space.f_bavail - 6) * space.f_frsize)

        full = terminal.run("run", cwd=root)
        filler.unlink()
        hold(root, "c")
        process = start(root)
        wait_for(process, "c running")
        process.kill()
        process.communicate()

        assert full.returncode in (ExitCode.ERROR, ExitCode.RESOURCE_FAILED)
        assert "No space left on device" in full.stderr or "disk is full" in full.stderr
        assert "Traceback" not in full.stderr
        assert survivors(root) == []
        assert_whole(root)
    finally:
        subprocess.run(["umount", "--lazy", root], check=True)


def test_in_a_read_only_project_it_says_so(template: Path, tmp_path: Path) -> None:
    root = tmp_path / "frozen"
    root.mkdir()
    bind = f"mount --bind {template} {root} && mount -o remount,ro,bind {root}"
    if subprocess.run(["sh", "-c", bind], capture_output=True).returncode:
        subprocess.run(["umount", "--lazy", root], capture_output=True)
        pytest.skip("may not mount read-only here")
    try:
        refused = terminal.run("run", cwd=root)
        listed = terminal.run("runs", "list", cwd=root)
    finally:
        subprocess.run(["umount", "--lazy", root], check=True)

    assert refused.returncode == ExitCode.ERROR
    assert "read-only" in refused.stderr.lower()
    assert "Traceback" not in refused.stderr
    assert (listed.returncode, listed.stdout) == (ExitCode.DONE, "no runs; groundplan run makes one\n")
