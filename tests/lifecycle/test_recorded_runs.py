"""Runs over a cloud's jobs and records: kills, interruptions and rivals lose nothing and repeat nothing.

The cloud is in memory, but its steps are processes that really run. What the clouds' own jobs do is in
test_jobs_on_clouds.py.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from groundplan.core import digests
from groundplan.core.errors import (
    CancelledError,
    NotFoundError,
    StepFailedError,
)
from groundplan.lifecycle.contract.jobs import Snapshot, Submission
from groundplan.lifecycle.contract.pipeline import StepInput
from groundplan.lifecycle.contract.run import Notice, Run, StepEvent
from groundplan.lifecycle.patience import Pace

from memory_cloud import Killed
from runs_kit import CloudProject, Heard

MODEL = StepInput(step="train", output="model")
TEST = StepInput(step="prepare", output="test")


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a cloud in memory."""
    monkeypatch.setattr(Pace.__init__, "__kwdefaults__", {"first_seconds": 0, "longest_seconds": 0, "tries": 4})


@pytest.fixture
def project(tmp_path: Path) -> CloudProject:
    return CloudProject(tmp_path)


def test_a_run_tells_its_steps_as_they_change_and_is_on_record_with_its_metrics(project: CloudProject) -> None:
    run = project.run()

    assert project.heard.steps == [
        ("prepare", "running"), ("prepare", "succeeded"), ("train", "running"), ("train", "succeeded"),
    ]  # fmt: skip
    assert project.heard.notices == [f"run {run.id} at the cloud: https://cloud.example.com/job-{run.id}"]
    assert (run.status, run.environment, run.user, run.parameters) == ("succeeded", "dev", "ada", {"prepare.seed": 7})
    assert run.metrics == {"train.rows": 3.0, "prepare.tracked": 1.0, "train.tracked": 1.0}
    assert run.data == {"main": digests.of_file(project.root / "rows.csv")}
    assert [run] == list(project.runs().list()) == [project.runs().get("latest")]
    assert project.runs("elsewhere").get(run.id[:9]).metrics == run.metrics


def test_nothing_changed_gives_the_run_that_is_there_from_any_machine(project: CloudProject) -> None:
    first = project.run()
    changes = project.cloud.fuse.changes

    again = project.run("elsewhere", user="bob")

    assert (again.id, again.metrics) == (first.id, first.metrics)
    assert project.heard.notices == [f"nothing changed since run {first.id}"]
    assert (project.heard.steps, project.cloud.fuse.changes, len(project.cloud.jobs.jobs)) == ([], changes, 1)


def test_a_table_is_other_data_once_it_was_changed_and_each_time_where_nothing_tells(
    project: CloudProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = digests.of_file(project.root / "rows.csv")
    runs: list[Run] = []
    for version in ("monday", "monday", "tuesday", "", ""):

        def pinned(submission: Submission, version: str = version) -> Submission:
            return replace(submission, snapshots=(Snapshot(table=table, uri="", version=version),))

        monkeypatch.setattr(project.cloud.jobs, "pinned", pinned)
        runs.append(project.run())

    assert [runs[0].id == runs[1].id, len({run.id for run in runs})] == [True, 4]
    assert [run.data["main"].removeprefix(table) for run in runs] == ["@monday", "@monday", "@tuesday", "@", "@"]


def test_another_parameter_other_data_and_force_make_a_run_of_the_same_pipeline(project: CloudProject) -> None:
    runs = [project.run(), project.run(seed=8)]
    project.data("5,6")
    runs.append(project.run(seed=8))
    runs.append(project.run(seed=8, force=True))

    assert len({run.id for run in runs}) == 4
    assert [run.parameters["prepare.seed"] for run in runs] == [7, 8, 8, 8]
    assert [run.metrics["train.rows"] for run in runs] == [3.0, 3.0, 2.0, 2.0]
    assert [step.status for step in runs[-1].steps.values()] == ["succeeded", "succeeded"]
    assert (
        list(project.cloud.jobs.registered)
        == [job.submission.definition for job in project.cloud.jobs.jobs.values()][:1]
    )


def test_the_same_file_is_uploaded_once(project: CloudProject) -> None:
    project.run()
    project.run("elsewhere", seed=8)

    assert len(project.cloud.jobs.uploaded) == len(set(project.cloud.jobs.uploaded)) == 3


def test_what_up_did_not_register_is_refused_and_runs_once_it_has(project: CloudProject) -> None:
    project.cloud.jobs.registered.clear()
    with pytest.raises(NotFoundError, match="is not registered") as refused:
        project.run()
    assert refused.value.hint == "groundplan up registers it."
    began = project.runs().get("latest")

    project.up()
    run = project.run()

    assert (began.status, run.id, run.status, run.error) == ("interrupted", began.id, "succeeded", "")
    assert began.error.endswith("is not registered")


def test_a_step_that_failed_is_told_with_what_it_printed_last_and_what_is_done_is_kept(project: CloudProject) -> None:
    project.data("1,bad")

    with pytest.raises(StepFailedError, match="step 'train' failed: it ended with 3") as failed:
        project.run()

    run = project.runs().get("latest")
    [problem] = failed.value.problems
    assert problem.excerpt.splitlines() == ["train begins", "learning from 2 rows", "row is bad"]
    assert problem.hint.startswith(f"groundplan runs logs {run.id} train  shows all it printed")
    assert (run.status, run.error) == ("failed", "step 'train': it ended with 3")
    assert {step.name: step.status for step in run.steps.values()} == {"prepare": "succeeded", "train": "failed"}
    assert project.runs("elsewhere").log(run.id, "train").read_text().endswith("row is bad\n")

    with pytest.raises(StepFailedError):
        project.run()
    assert project.heard.notices[0] == f"run {run.id} failed; what it has done is in the cloud's cache"
    assert project.heard.steps[0] == ("prepare", "cached")


def test_a_job_that_fails_although_no_step_did_says_why(project: CloudProject) -> None:
    project.cloud.jobs.asleep = True

    def fail(event: StepEvent | Notice) -> None:
        for job in project.cloud.jobs.jobs.values():
            job.status = "failed"

    project.heard = Heard(act=fail)
    project.cloud.jobs.reason = "no machine of this kind is left in the region"
    with pytest.raises(StepFailedError, match="failed: no machine of this kind is left in the region") as failed:
        project.run()

    assert "groundplan runs show" in failed.value.hint
    assert {step.status for step in project.runs().get("latest").steps.values()} == {"skipped"}


def _interrupt_at(*moments: str) -> Callable[[StepEvent | Notice], None]:
    """Ctrl-C once at each moment: a step's status, or how a notice begins."""
    left = list(moments)

    def act(event: StepEvent | Notice) -> None:
        said = event.text.split()[0] if isinstance(event, Notice) else event.step.status
        if left and said == left[0]:
            left.pop(0)
            signal.raise_signal(signal.SIGINT)

    return act


def test_ctrl_c_cancels_the_job_waits_for_its_end_and_the_next_run_goes_on(project: CloudProject) -> None:
    project.heard = Heard(act=_interrupt_at("succeeded"))

    with pytest.raises(CancelledError, match="cancelled; 1 of 2 steps are done and kept"):
        project.run()

    run = project.runs().get("latest")
    assert project.heard.notices[1:] == [f"cancelling run {run.id}; once more to leave at once"]
    assert (run.status, run.steps["train"].status) == ("cancelled", "skipped")
    assert [job.status for job in project.cloud.jobs.jobs.values()] == ["cancelled"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler

    project.heard = Heard()
    assert project.run().status == "succeeded"
    assert project.heard.steps == [("prepare", "cached"), ("train", "running"), ("train", "succeeded")]


def test_a_second_ctrl_c_leaves_at_once_and_says_that_the_job_is_being_cancelled(project: CloudProject) -> None:
    project.heard = Heard(act=_interrupt_at("running", "cancelling"))

    with pytest.raises(CancelledError, match=r"left run \S+, which is being cancelled at the cloud") as left:
        project.run()

    run_id = project.runs().list()[0].id
    assert left.value.hint.startswith(f"groundplan runs show {run_id}")
    assert [job.stopping for job in project.cloud.jobs.jobs.values()] == [True]
    project.cloud.jobs.finish()
    assert project.runs("elsewhere").get(run_id).status == "cancelled"


def test_ctrl_c_while_it_is_submitted_says_that_the_next_run_goes_on_with_it(
    project: CloudProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit = project.cloud.jobs.submit

    def interrupted(*_: object) -> str:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        raise AssertionError("the second one leaves")

    monkeypatch.setattr(project.cloud.jobs, "submit", interrupted)
    with pytest.raises(CancelledError, match="while it was being submitted"):
        project.run()
    monkeypatch.setattr(project.cloud.jobs, "submit", submit)

    assert (project.run().status, len(project.runs().list())) == ("succeeded", 1)


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_killed_at_any_change_the_next_command_of_any_machine_comes_to_the_same_end(tmp_path: Path, done: bool) -> None:
    whole = CloudProject(tmp_path / "whole")
    _life(whole, "here")
    count = whole.cloud.fuse.changes
    wanted = _outcome(whole)
    assert count > 8

    for number in range(count):
        project = CloudProject(tmp_path / str(number))
        project.cloud.fuse.left, project.cloud.fuse.done = number, done
        with pytest.raises(Killed):
            _life(project, "here")
        project.cloud.fuse.left = None
        _life(project, "elsewhere")
        assert _outcome(project) == wanted, f"killed at change {number} of {count}"


def _life(project: CloudProject, machine: str) -> None:
    """A run, what is measured of it, and what is put into its record afterwards."""
    runs = project.runs(machine)
    run = runs.record(project.run(machine))
    runs.fetched(run, (MODEL, TEST))
    runs.record(replace(run, models={"churn": "v1"}))


def _outcome(project: CloudProject) -> object:
    """All that a kill must not change: one job, each step run once, each file uploaded once, one record."""
    jobs = project.cloud.jobs
    return (
        [job.status for job in jobs.jobs.values()], jobs.ran, sorted(jobs.uploaded),
        [_plain(run) for run in project.runs("third").list()],
        [_plain(run) for run in jobs.experiments.values()],
    )  # fmt: skip


def _plain(run: Run) -> object:
    made = {name: {port: one.digest for port, one in step.outputs.items()} for name, step in run.steps.items()}
    return run.status, run.metrics, run.models, made, bool(run.mlflow_run_id)


def test_a_run_that_another_machine_began_is_watched_and_not_begun_again(project: CloudProject) -> None:
    _begin(project)

    run = project.run("elsewhere", user="bob")

    assert (run.status, run.user, len(project.cloud.jobs.jobs)) == ("succeeded", "ada", 1)
    assert project.heard.notices[0].startswith(f"going on with run {run.id}, begun by ada at 20")


def test_force_does_not_take_a_run_that_used_the_cache_for_its_own(project: CloudProject) -> None:
    project.run()
    project.data("5,6")
    project.run()
    _begin(project, seed=8)

    run = project.run("elsewhere", seed=8, force=True)

    assert (len(project.runs().list()), run.steps["prepare"].status) == (4, "succeeded")
    assert project.heard.notices[0].endswith("begun by ada from something else, goes on at the cloud")


def test_two_machines_that_begin_at_once_share_one_run(project: CloudProject) -> None:
    records = project.cloud.records["dev"]
    rival: list[Run] = []
    records.meanwhile = lambda name: rival.append(project.run("elsewhere", user="bob"))

    run = project.run("here")

    assert [rival[0].id] == [run.id] == [one.id for one in project.runs().list()]
    assert (run.user, len(project.cloud.jobs.jobs)) == ("bob", 1)


def _begin(project: CloudProject, seed: int = 7) -> None:
    """Another machine begins a run and is gone; the job stays as it is until somebody looks."""
    jobs = project.cloud.jobs
    before = len(jobs.jobs)
    left = project.cloud.fuse

    def kill(event: StepEvent | Notice) -> None:
        if len(jobs.jobs) > before:
            raise Killed

    heard, project.heard = project.heard, Heard(act=kill)
    with pytest.raises(Killed):
        project.run("gone", seed=seed)
    project.heard = heard
    assert left.left is None


def test_a_run_under_way_is_looked_at_anew_wherever_it_is_listed_and_its_log_can_be_read(project: CloudProject) -> None:
    _begin(project)
    jobs = project.cloud.jobs
    runs = project.runs("elsewhere")

    jobs.asleep = True
    [going] = runs.list()
    assert (going.status, going.steps["prepare"].status) == ("running", "running")
    assert runs.log("latest", "prepare").read_text() == "prepare begins\n"
    with pytest.raises(NotFoundError, match=r"step 'train' of run \S+ did not start and has no log"):
        runs.log("latest", "train")
    with pytest.raises(NotFoundError, match="has no step 'trian'") as unknown:
        runs.log("latest", "trian")
    assert "train" in unknown.value.hint

    jobs.finish()
    [ended] = runs.list()
    assert (ended.status, ended.metrics["train.rows"]) == ("succeeded", 3.0)
    reads = jobs.fetched.copy()
    assert (list(runs.list()), jobs.fetched) == ([ended], reads)


def test_a_job_that_somebody_deleted_is_an_interrupted_run_and_is_begun_anew(project: CloudProject) -> None:
    _begin(project)
    [id] = project.cloud.jobs.jobs
    project.cloud.jobs.forget(id)

    lost = project.runs().get("latest")
    run = project.run()

    assert (lost.status, lost.error) == ("interrupted", f"{id} is not there")
    assert (run.status, run.id != lost.id) == ("succeeded", True)
