"""What goes wrong in a run: steps that fail, hang, flood, are stopped, or whose cached outputs were damaged."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from groundplan.core.errors import CancelledError, GroundplanError, StepFailedError, TimeoutReachedError
from groundplan.core.layout import Layout
from groundplan.lifecycle.contract.pipeline import Step
from groundplan.lifecycle.local.running import step_process

from pipeline_kit import DIAMOND, Project, statuses, step, writing

if TYPE_CHECKING:
    from groundplan.lifecycle.contract.run import Run


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def last(project: Project) -> Run:
    return project.runs.get("latest")


def test_when_one_branch_fails_the_running_one_ends_and_nothing_new_starts(project: Project) -> None:
    slow = step("slow", "import time, os\nwhile not os.path.exists('failed'): time.sleep(0.01)\ntime.sleep(0.3)")
    bad = step("bad", "open('failed', 'w'); raise SystemExit(1)")
    next_one = step("next", after=("slow",))

    with pytest.raises(StepFailedError):
        project.run(slow, bad, next_one)

    assert statuses(last(project)) == {"slow": "succeeded", "bad": "failed", "next": "skipped"}


def test_all_failures_are_told_when_asked_to_go_on(project: Project) -> None:
    steps = (step("one", "raise SystemExit(1)"), step("two", "raise SystemExit(2)"), step("three", after=("one",)))

    with pytest.raises(StepFailedError) as caught:
        project.run(*steps, continue_on_failure=True, jobs=1)

    assert [problem.message for problem in caught.value.problems] == [
        "step 'one' failed: exit code 1",
        "step 'two' failed: exit code 2",
    ]


def test_a_step_is_tried_again_as_often_as_the_config_says(project: Project) -> None:
    code = (
        "import pathlib, sys; seen = pathlib.Path('seen'); n = int(seen.read_text()) if seen.exists() else 0\n"
        "seen.write_text(str(n + 1)); print('try', n); sys.exit(0 if n == 2 else 7)"
    )

    run = project.run(step("flaky", code, retries=2))

    assert (run.steps["flaky"].status, run.steps["flaky"].attempts) == ("succeeded", 3)
    assert project.runs.log(run.id, "flaky").read_text().splitlines() == [
        "try 0", "[groundplan: exit code 7; attempt 2 of 3]",
        "try 1", "[groundplan: exit code 7; attempt 3 of 3]", "try 2"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "outputs", "problem"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", {}, "killed by SIGKILL"),
        ("import os, signal; os.killpg(0, signal.SIGKILL)", {}, "its process was killed from outside"),
        ("pass", {"x": "dataset", "y": "value"}, "wrote none of its outputs; missing: x, y"),
        ("open(sys.argv[2], 'w').write('1')", {"x": "dataset", "y": "value"},
         "wrote not all of its outputs; missing: x"),
        ("open(sys.argv[1], 'w').write('{\"auc\": NaN}')", {"x": "metrics"},
         "output 'x' is no metrics: 'auc' is nan, which is not a finite number"),
    ],
)  # fmt: skip
def test_a_step_that_goes_wrong_fails_and_says_how(
    project: Project, code: str, outputs: dict[str, str], problem: str
) -> None:
    arguments = tuple(f"{{outputs.{name}}}" for name in outputs)

    with pytest.raises(StepFailedError) as caught:
        project.run(step("bad", f"import sys; {code}", arguments=arguments, outputs=outputs))

    assert caught.value.message == f"step 'bad' failed: {problem}"
    assert not list(Layout(project.root).cache.rglob("*.*"))
    assert not (Layout(project.root).runs / last(project).id / "steps").exists()


@pytest.mark.parametrize("word", ["no-such-program", "./data.csv"])
def test_a_program_that_cannot_be_started_is_said(project: Project, word: str) -> None:
    (project.root / "data.csv").write_text("a\n1\n")

    with pytest.raises(StepFailedError, match=rf"step 'bad' failed: cannot start '{word}': \w+"):
        project.run(Step(name="bad", command=(word,)))


def test_a_step_that_hangs_is_stopped_with_all_it_started(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(step_process, "GRACE_SECONDS", 0.2)
    hang = (
        "import os, signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "open('pids', 'w').write(f'{os.getpid()} {child.pid}'); print('waiting'); time.sleep(600)"
    )

    with pytest.raises(TimeoutReachedError, match=r"step 'bad' failed: stopped at its time limit of 4\.0 s"):
        project.run(step("bad", hang, timeout_seconds=4))

    assert statuses(last(project)) == {"bad": "timed-out"}
    assert all(is_gone(int(pid)) for pid in (project.root / "pids").read_text().split())


def test_a_grandchild_does_not_outlive_its_step(project: Project) -> None:
    fork = (
        "import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "open('pid', 'w').write(str(child.pid))"
    )

    project.run(step("forks", fork))

    assert is_gone(int((project.root / "pid").read_text()))


def test_a_process_that_leaves_the_group_and_holds_the_output_does_not_hold_the_run(project: Project) -> None:
    daemon = (
        "import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'],"
        " start_new_session=True); open('pid', 'w').write(str(child.pid))"
    )
    try:
        assert statuses(project.run(step("forks", daemon))) == {"forks": "succeeded"}
    finally:
        os.kill(int((project.root / "pid").read_text()), signal.SIGKILL)


def test_a_log_stops_growing_at_its_limit_and_the_step_goes_on(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(step_process, "LOG_LIMIT_BYTES", 10_000)
    code = "import os; [os.write(1, b'0123456789' * 100) for _ in range(1000)]; open('end', 'w')"

    run = project.run(step("loud", code))

    log = project.runs.log(run.id, "loud").read_bytes()
    assert (project.root / "end").exists()
    assert log == b"0123456789" * 1000 + b"\n[groundplan: the log ends here, at its limit of 10000 bytes]\n"


def test_binary_output_is_kept_in_the_log_and_made_harmless_in_the_message(project: Project) -> None:
    code = "import os, sys; os.write(2, b'\\x1b[31mred\\xff\\x00\\r\\n' + b'end\\n'); sys.exit(1)"

    with pytest.raises(StepFailedError) as caught:
        project.run(step("bad", code))

    assert project.runs.log("latest", "bad").read_bytes() == b"\x1b[31mred\xff\x00\r\nend\n"
    assert caught.value.problems[0].excerpt == "?[31mred\ufffd?\nend"


@pytest.mark.parametrize("damage", ["changed", "gone"])
def test_a_damaged_object_is_made_anew_and_said(project: Project, damage: str) -> None:
    first = project.run(*DIAMOND)
    project.ran()
    path = first.steps["a"].outputs["out"].path
    path.chmod(0o644)
    path.write_text("spoiled") if damage == "changed" else path.unlink()

    run = project.run(*DIAMOND)

    assert project.ran() == ["a"]
    assert project.notices == ["step 'a': the cached output 'out' is gone or was changed; it is made anew"]
    assert statuses(run) == {"a": "succeeded", "b": "cached", "cc": "cached", "ddd": "cached"}
    assert path.read_text() == "a,b\n1,2\n"


@pytest.mark.parametrize("junk", [b"", b"{", b"[]", b'{"outputs": 3}', b'{"outputs": {"out": {"path": "../../../x"}}}'])
def test_a_damaged_record_is_made_anew_and_said(project: Project, junk: bytes) -> None:
    project.run(writing("a"))
    (record,) = (Layout(project.root).cache / "steps").glob("*.json")
    record.write_bytes(junk)

    project.run(writing("a"))

    assert (project.ran(), project.notices) == (["a", "a"], ["step 'a': its record cannot be read; it is made anew"])


@pytest.mark.parametrize("times", [1, 2])
def test_a_signal_stops_the_run_in_good_order(project: Project, monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    monkeypatch.setattr(step_process, "GRACE_SECONDS", 60.0 if times == 2 else 0.2)
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); open('up', 'w'); time.sleep(600)"
    before = signal.getsignal(signal.SIGTERM)

    def interrupt() -> None:
        wait_until((project.root / "up").exists)
        for told in range(1, times + 1):
            os.kill(os.getpid(), signal.SIGTERM)
            wait_until(lambda told=told: len(project.notices) == told)

    threading.Thread(target=interrupt).start()
    with pytest.raises(CancelledError, match="cancelled; 1 of 3 steps are done and kept"):
        project.run(writing("a"), step("stubborn", stubborn, after=("a",)), step("later", after=("stubborn",)))

    assert (last(project).status, statuses(last(project))) == (
        "cancelled", {"a": "succeeded", "stubborn": "cancelled", "later": "skipped"}
    )  # fmt: skip
    assert len(project.notices) == times
    assert signal.getsignal(signal.SIGTERM) is before


def test_an_unforeseen_error_leaves_no_step_running(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    sleeper = (
        "import os, time; open('pid.tmp', 'w').write(str(os.getpid())); os.rename('pid.tmp', 'pid'); time.sleep(600)"
    )
    quick = "import os, time\nwhile not os.path.exists('pid'): time.sleep(0.01)"

    def full_disk(*_: object) -> None:
        raise GroundplanError("the disk is full")

    monkeypatch.setattr("groundplan.lifecycle.local.running.runner.RunRecords.tidy", full_disk)

    def observer(event: object) -> None:
        if (project.root / "pid").exists():
            raise GroundplanError("the disk is full")

    monkeypatch.setattr(project, "observe", observer)
    with pytest.raises(GroundplanError, match="the disk is full"):
        project.run(step("sleeper", sleeper), step("quick", quick))

    assert is_gone(int((project.root / "pid").read_text()))
    assert last(project).status == "interrupted"


def wait_until(moment: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not moment():
        assert time.monotonic() < end
        time.sleep(0.01)


def is_gone(pid: int) -> bool:
    """Whether the process has ended; one that waits to be reaped by init counts as ended."""
    for _ in range(3000):
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.02)
    return False
