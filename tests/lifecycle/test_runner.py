"""Runs of real steps: order, parallel steps, the cache, resuming, and every way in which a step can go wrong.

What a killed groundplan leaves behind is shown in tests/cli/test_run_faults.py, on the real command.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from groundplan.core.errors import DataError, StepFailedError
from groundplan.core.layout import Layout
from groundplan.lifecycle.contract.pipeline import DataSource, Step, StepEnvironment

from pipeline_kit import DIAMOND, Project, copying, statuses, step, writing

if TYPE_CHECKING:
    from groundplan.lifecycle.contract.run import Run


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


def test_what_steps_measured_and_were_given_is_in_the_record(project: Project) -> None:
    code = "import sys; open(sys.argv[1], 'w').write('{\"auc\": 0.5, \"n\": 3}')"
    measure = step("score", code, arguments=("{outputs.m}",), outputs={"m": "metrics"},
                   parameters={"seed": 1, "name": "x"})  # fmt: skip

    run = project.run(measure)

    assert (run.metrics, run.parameters) == ({"score.auc": 0.5, "score.n": 3.0}, {"score.seed": 1, "score.name": "x"})
    assert project.runs.get(run.id) == run
