"""Runs of real steps: order, parallel steps, the cache, resuming, and every way in which a step can go wrong.

What a killed groundplan leaves behind is shown in tests/cli/test_run_faults.py, on the real command.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from groundplan.core.errors import CancelledError, DataError, GroundplanError, StepFailedError, TimeoutReachedError
from groundplan.core.layout import Layout
from groundplan.lifecycle.contract.pipeline import DataSource, Step, StepEnvironment
from groundplan.lifecycle.local import step_process

from pipeline_kit import Project, copying, statuses, step, writing

if TYPE_CHECKING:
    from groundplan.lifecycle.contract.run import Run

DIAMOND = (writing("a"), copying("b", "a.out"), copying("cc", "a.out"), copying("ddd", "b.out", after=("cc",)))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def last(project: Project) -> Run:
    return project.runs.get("latest")


def content(run: Run, name: str, output: str = "out") -> str:
    return run.steps[name].outputs[output].path.read_text()


def test_steps_run_once_in_the_order_of_what_they_read(project: Project) -> None:
    run = project.run(*DIAMOND)

    assert statuses(run) == dict.fromkeys(("a", "b", "cc", "ddd"), "succeeded")
    ran = project.ran()
    assert (ran[0], sorted(ran[1:3]), ran[3]) == ("a", ["b", "cc"], "ddd")
    assert content(run, "ddd") == "a,b\n1,2\n1,0\n3,0\n"


def test_independent_steps_run_at_the_same_time(project: Project) -> None:
    meet = (
        "import pathlib, sys, time; pathlib.Path(sys.argv[1]).touch()\n"
        "while not pathlib.Path(sys.argv[2]).exists(): time.sleep(0.01)"
    )
    first = step("first", meet, arguments=("one", "two"), timeout_seconds=60)
    second = step("second", meet, arguments=("two", "one"), timeout_seconds=60)

    assert statuses(project.run(first, second)) == {"first": "succeeded", "second": "succeeded"}


def test_one_job_runs_one_step_at_a_time(project: Project) -> None:
    alone = "import os; os.mkdir('busy'); os.rmdir('busy')"

    run = project.run(*(step(f"s{number}", alone) for number in range(6)), jobs=1)

    assert set(statuses(run).values()) == {"succeeded"}


def test_nothing_changed_gives_the_same_run_again_without_heavy_imports(project: Project) -> None:
    first = project.run(*DIAMOND)
    project.ran()

    again = project.run(*DIAMOND)

    assert (again, project.notices, project.events, project.ran()) == (
        first, [f"nothing changed since run {first.id}"], [], []
    )  # fmt: skip
    assert len(project.runs.list()) == 1


@pytest.mark.parametrize(
    ("changed", "ran_again"),
    [
        (replace(DIAMOND[1], parameters={"x": 1}), ["b"]),
        (writing("a", "a,b\n5,6\n"), ["a", "b", "cc", "ddd"]),
        # The same bytes from another command: what reads them need not run.
        (replace(DIAMOND[0], parameters={"x": 1}), ["a"]),
        (replace(DIAMOND[3], cache=False), ["ddd"]),
    ],
)
def test_only_what_a_change_reaches_runs_again(project: Project, changed: Step, ran_again: list[str]) -> None:
    project.run(*DIAMOND)
    project.ran()

    run = project.run(*(changed if one.name == changed.name else one for one in DIAMOND))

    assert sorted(project.ran()) == ran_again
    assert [name for name, status in statuses(run).items() if status == "succeeded"] == ran_again


def test_a_step_that_is_never_cached_runs_every_time(project: Project) -> None:
    for _ in range(2):
        project.run(writing("a", cache=False))

    assert project.ran() == ["a", "a"]


def test_force_runs_everything(project: Project) -> None:
    project.run(*DIAMOND)
    project.ran()

    project.run(*DIAMOND, use_cache=False)

    assert sorted(project.ran()) == ["a", "b", "cc", "ddd"]


def test_changed_code_requirements_and_data_run_a_step_again(project: Project) -> None:
    for name, text in {"src/lib.py": "1", "job.py": "print(1)", "needs.txt": "", "data.csv": "a,b\n1,2\n"}.items():
        path = project.root / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    needs = StepEnvironment(requirements="needs.txt")
    sources = {"main": DataSource(name="main", path=project.root / "data.csv")}
    job = Step(name="job", command=("python", "job.py"), code=("src",), environment=needs)
    reading = copying("reading", "data.main")
    project.run(job, reading, sources=sources)

    found: dict[str, list[str]] = {}
    for name in ("src/lib.py", "job.py", "needs.txt", "data.csv"):
        with (project.root / name).open("a") as stream:
            stream.write("\n# 3,4\n")
        run = project.run(job, reading, sources=sources)
        found[name] = [one for one, status in statuses(run).items() if status == "succeeded"]

    assert found == {"src/lib.py": ["job"], "job.py": ["job"], "needs.txt": ["job"], "data.csv": ["reading"]}


def test_a_data_source_that_is_not_there_starts_nothing(project: Project) -> None:
    sources = {"main": DataSource(name="main", path=project.root / "gone.csv")}

    with pytest.raises(DataError):
        project.run(writing("a"), copying("b", "data.main"), sources=sources)

    assert (project.ran(), list(project.runs.list())) == ([], [])


def test_a_failed_run_goes_on_from_what_is_done(project: Project) -> None:
    flaky = step("bad", "import sys; print('so it is'); sys.exit(0 if __import__('os').path.exists('ok') else 3)",
                 reads={"data": "a.out"})  # fmt: skip
    after = step("later", after=("bad",))
    with pytest.raises(StepFailedError) as caught:
        project.run(writing("a"), flaky, after)
    failed = last(project)
    (project.root / "ok").touch()

    run = project.run(writing("a"), flaky, after)

    problem = caught.value.problems[0]
    assert (problem.message, problem.where, problem.excerpt) == (
        "step 'bad' failed: exit code 3", str(project.runs.log(failed.id, "bad")), "so it is"
    )  # fmt: skip
    assert f"groundplan runs logs {failed.id} bad" in problem.hint
    assert (failed.status, failed.error) == ("failed", "step 'bad': exit code 3")
    assert statuses(failed) == {"a": "succeeded", "bad": "failed", "later": "skipped"}
    assert statuses(run) == {"a": "cached", "bad": "succeeded", "later": "succeeded"}
    assert project.notices == [f"continuing run {failed.id}: 1 of 3 steps are done"]


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

    with pytest.raises(TimeoutReachedError, match=r"step 'bad' failed: stopped at its time limit of 1\.0 s"):
        project.run(step("bad", hang, timeout_seconds=1))

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


def test_a_step_sees_a_plain_environment(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUNDPLAN_SECRET", "canary")
    monkeypatch.setenv("PYTHONSTARTUP", "canary")
    monkeypatch.setenv("MINE", "kept")
    code = (
        "import json, os, sys, tempfile; names = ['GROUNDPLAN_SECRET', 'PYTHONSTARTUP', 'MINE', 'PYTHONHASHSEED',"
        " 'MLFLOW_DISABLE_TELEMETRY', 'DO_NOT_TRACK']\n"
        "json.dump([[os.environ.get(n) for n in names], os.getcwd(), sys.executable, sys.stdin.read(),"
        " os.path.dirname(tempfile.gettempdir())], open('seen', 'w'))"
    )

    run = project.run(step("look", code))

    working = Layout(project.root).runs / run.id / "steps" / "look"
    assert json.loads((project.root / "seen").read_text()) == [
        [None, None, "kept", "0", "true", "true"], str(project.root), sys.executable, "", str(working)
    ]  # fmt: skip


def test_words_are_words_and_no_shell(project: Project) -> None:
    code = "import json, sys; json.dump(sys.argv[1:], open('seen', 'w'))"
    values = {"text": "a b; $(touch evil) {outputs.x}", "yes": True, "number": 1.5}

    project.run(step("look", code, arguments=("--t={parameters.text}", "{parameters.yes}", "{parameters.number}"),
                     parameters=values))  # fmt: skip

    assert (project.root / "seen").read_text() == '["--t=a b; $(touch evil) {outputs.x}", "true", "1.5"]'


def test_what_a_step_made_is_read_only_for_those_after_it(project: Project) -> None:
    run = project.run(writing("a"))

    assert run.steps["a"].outputs["out"].path.stat().st_mode & 0o777 == 0o444


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
        while not (project.root / "up").exists():
            time.sleep(0.01)
        for _ in range(times):
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(0.2)

    threading.Thread(target=interrupt).start()
    with pytest.raises(CancelledError, match="cancelled; 1 of 3 steps are done and kept"):
        project.run(writing("a"), step("stubborn", stubborn, after=("a",)), step("later", after=("stubborn",)))

    assert (last(project).status, statuses(last(project))) == (
        "cancelled", {"a": "succeeded", "stubborn": "cancelled", "later": "skipped"}
    )  # fmt: skip
    assert len(project.notices) == times
    assert signal.getsignal(signal.SIGTERM) is before


def test_what_steps_measured_and_were_given_is_in_the_record(project: Project) -> None:
    code = "import sys; open(sys.argv[1], 'w').write('{\"auc\": 0.5, \"n\": 3}')"
    measure = step("score", code, arguments=("{outputs.m}",), outputs={"m": "metrics"},
                   parameters={"seed": 1, "name": "x"})  # fmt: skip

    run = project.run(measure)

    assert (run.metrics, run.parameters) == ({"score.auc": 0.5, "score.n": 3.0}, {"score.seed": 1, "score.name": "x"})
    assert project.runs.get(run.id) == run


def test_an_unforeseen_error_leaves_no_step_running(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    sleeper = (
        "import os, time; open('pid.tmp', 'w').write(str(os.getpid())); os.rename('pid.tmp', 'pid'); time.sleep(600)"
    )
    quick = "import os, time\nwhile not os.path.exists('pid'): time.sleep(0.01)"

    def full_disk(*_: object) -> None:
        raise GroundplanError("the disk is full")

    monkeypatch.setattr("groundplan.lifecycle.local.runner.RunRecords.tidy", full_disk)

    def observer(event: object) -> None:
        if (project.root / "pid").exists():
            raise GroundplanError("the disk is full")

    monkeypatch.setattr(project, "observe", observer)
    with pytest.raises(GroundplanError, match="the disk is full"):
        project.run(step("sleeper", sleeper), step("quick", quick))

    assert is_gone(int((project.root / "pid").read_text()))
    assert last(project).status == "interrupted"


def is_gone(pid: int) -> bool:
    """Whether the process has ended; one that waits to be reaped by init counts as ended."""
    for _ in range(200):
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.02)
    return False
