"""Jobs that a cloud's own schedule started become runs: once, whoever comes, whatever kills them.

The cloud is in memory, but its steps are processes that really run. What the clouds list is in test_jobs_on_clouds.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from groundplan.core.errors import StepFailedError
from groundplan.lifecycle.contract.jobs import ScheduledJob
from groundplan.lifecycle.contract.pipeline import StepInput
from groundplan.lifecycle.contract.run import Run
from groundplan.lifecycle.patience import Pace
from groundplan.lifecycle.recorded.runs import SCHEDULE

from memory_cloud import Killed
from runs_kit import CloudProject

CREATED = "2026-11-23T03:00:07.000Z"
DAY = {"since": "2026-11-23T03:00:00.000Z", "until": "2026-11-23T12:00:00.000Z"}


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a cloud in memory."""
    monkeypatch.setattr(Pace.__init__, "__kwdefaults__", {"first_seconds": 0, "longest_seconds": 0, "tries": 4})


@pytest.fixture
def project(tmp_path: Path) -> CloudProject:
    return CloudProject(tmp_path)


def fire(project: CloudProject, *, created: str = CREATED) -> str:
    """It is time for the cloud's schedule of the pipeline as it is here."""
    return project.cloud.jobs.fire(project.prepared(project.request()).submission, created=created)


def started(project: CloudProject) -> Sequence[ScheduledJob]:
    return project.runs().started(project.request(), **DAY)


def adopt(project: CloudProject, job: str, machine: str = "here") -> Run | None:
    return project.runs(machine).adopt(project.request(), job, CREATED, project.heard)


def test_a_job_of_the_schedule_is_a_run_on_record_with_all_that_it_made(project: CloudProject) -> None:
    job = fire(project)
    fire(project, created="2026-11-23T02:59:00.000Z")

    found = started(project)
    run = adopt(project, job)

    assert found == [ScheduledJob(id=job, created=CREATED, status="running", same=True)]
    assert run is not None
    assert (run.status, run.user, run.started, run.environment) == ("succeeded", SCHEDULE, CREATED, "dev")
    assert (run.id[:16], len(run.id)) == ("20261123-030007-", 24)
    assert run.metrics == {"train.rows": 3.0, "prepare.tracked": 1.0, "train.tracked": 1.0}
    assert (run.parameters, run.data) == ({"prepare.seed": 7}, {"main": "the copy that was at the cloud"})
    assert [one.id for one in project.runs("elsewhere").list()] == [run.id]
    fetched = project.runs("elsewhere").fetched(
        project.runs("elsewhere").get(run.id), (StepInput(step="train", output="model"),)
    )
    assert (fetched.steps["train"].outputs["model"].path / "MLmodel").is_file()
    project.runs().record(run)
    assert list(project.cloud.jobs.experiments) == [run.id]


def test_the_same_job_is_the_same_run_on_every_machine(project: CloudProject) -> None:
    job = fire(project)
    first = adopt(project, job)
    changes = project.cloud.fuse.changes

    again = adopt(project, job, "elsewhere")

    assert first is not None
    assert again is not None
    assert (again.id, again.metrics) == (first.id, first.metrics)
    assert (project.cloud.fuse.changes, project.cloud.jobs.ran) == (changes, ["prepare", "train"])


def test_of_two_machines_that_adopt_at_once_the_second_watches_the_run_of_the_first(project: CloudProject) -> None:
    job = fire(project)

    def meanwhile(_name: str) -> None:
        adopt(project, job, "elsewhere")

    project.cloud.records["dev"].meanwhile = meanwhile

    run = adopt(project, job)

    assert run is not None
    assert [one.id for one in project.runs().list()] == [run.id]
    assert (run.status, project.cloud.jobs.ran) == ("succeeded", ["prepare", "train"])


@pytest.mark.parametrize("done", [False, True])
def test_killed_at_any_change_the_next_command_has_the_one_run(project: CloudProject, done: bool) -> None:
    number = 0
    while True:
        job = fire(project, created=f"2026-11-23T03:{number:02d}:00.000Z")
        before = len(project.runs().list())
        project.cloud.fuse.left, project.cloud.fuse.done = number, done
        try:
            adopt(project, job)
        except Killed:
            run = adopt(project, job, "elsewhere")
            assert run is not None
            assert run.status == "succeeded"
            assert len(project.runs().list()) - before == 1
            project.cloud.jobs.forget(job)
            project.cloud.records["dev"].documents.clear()
            number += 1
            continue
        break
    project.cloud.fuse.left = None
    assert number >= 2


def test_a_job_that_failed_is_on_record_with_its_reason_and_does_not_run_again(project: CloudProject) -> None:
    project.data("1,bad")
    job = fire(project)
    project.cloud.jobs.finish()

    for machine in ("here", "elsewhere"):
        with pytest.raises(StepFailedError, match="step 'train' failed: it ended with 3") as failed:
            adopt(project, job, machine)
        assert failed.value.problems[0].excerpt.splitlines()[-1] == "row is bad"

    [run] = project.runs().list()
    assert (run.status, run.error, run.user) == ("failed", "step 'train': it ended with 3", SCHEDULE)
    assert (project.cloud.jobs.ran, len(project.cloud.jobs.jobs)) == (["prepare", "train"], 1)


def test_a_job_that_somebody_cancelled_is_on_record_and_is_no_run_to_go_on_with(project: CloudProject) -> None:
    job = fire(project)
    project.cloud.jobs.cancel(job)
    project.cloud.jobs.finish()

    assert adopt(project, job) is None
    assert [(one.status, one.user) for one in project.runs().list()] == [("cancelled", SCHEDULE)]
    assert started(project)[0].status == "cancelled"


def test_an_adopted_run_is_not_what_a_run_by_hand_goes_on_with(project: CloudProject) -> None:
    adopted = adopt(project, fire(project))

    by_hand = project.run()

    assert adopted is not None
    assert by_hand.id != adopted.id
    assert [step.status for step in by_hand.steps.values()] == ["cached", "cached"]
