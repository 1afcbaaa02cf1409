"""One suite for jobs on each cloud, through the SDKs' real clients and real HTTP; their steps really run.

The services are stand-ins that decode by the clouds' published descriptions and run a step's command as a process of
this machine. Not proved: anything about images and machines, how long a job waits, in which words a step's end is told.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from groundplan.core import clock
from groundplan.core.errors import (
    AuthenticationError,
    DataError,
    NotFoundError,
    ResourceFailedError,
)

import jobs_kit
from jobs_kit import IMPATIENT, PREPARE, RUN, TRAIN, JobsRig, ending

FAULTS = pytest.mark.parametrize(
    "order",
    [
        {"status": 429, "headers": {"Retry-After": "0"}},
        {"status": 500, "times": 2},
        {"kind": "reset"},
        {"kind": "cut", "done": True},
    ],
    ids=["throttled", "fault", "reset", "cut"],
)


@pytest.fixture(scope="module", params=jobs_kit.PLATFORMS)
def started(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generator[JobsRig]:
    with jobs_kit.rig(request.param, tmp_path_factory.mktemp(request.param)) as made:
        yield made


@pytest.fixture
def rig(started: JobsRig) -> JobsRig:
    started.reset()
    return started


def test_a_job_runs_the_steps_one_after_the_other_and_keeps_what_they_wrote(
    rig: JobsRig, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    submission = rig.up(parameters={"train-it": {"seed": 7}})
    jobs = rig.jobs()
    id = jobs.submit(RUN, submission)
    first = jobs.look(id, submission)
    job = rig.end(id, submission)

    assert (first.status, {one.status for one in first.steps.values()}) == ("running", {"waiting"})
    assert (job.id, job.status, job.error) == (id, "succeeded", "")
    assert {name: (one.name, one.status, one.error) for name, one in job.steps.items()} == {
        "prepare": ("prepare", "succeeded", ""),
        "train-it": ("train-it", "succeeded", ""),
    }
    assert all(one.started >= job.started > "2026" and one.seconds >= 0 for one in job.steps.values())
    assert job.url.startswith("https://")
    assert "preparing" in jobs.log(id, "prepare", submission).splitlines()
    assert "training with seed=7" in jobs.log(id, "train-it", submission).splitlines()
    table = jobs.fetch(id, "prepare", "table", submission, tmp_path / "table.csv")
    model = jobs.fetch(id, "train-it", "model", submission, tmp_path / "model")
    scores = jobs.fetch(id, "train-it", "scores", submission, tmp_path / "scores.json")
    assert (table.read_text(), scores.read_text()) == ("a,b\n1,0\n2,1\n3,1\n", '{"rows": 4}')
    assert sorted(one.relative_to(model).as_posix() for one in model.rglob("*") if one.is_file()) == [
        "MLmodel", "data/rows.txt",
    ]  # fmt: skip
    assert sorted(one.name for one in tmp_path.iterdir()) == ["model", "scores.json", "table.csv"]
    assert capfd.readouterr() == ("", "")


def test_the_same_run_again_is_the_job_that_it_has(rig: JobsRig) -> None:
    submission = rig.up()
    first = rig.jobs().submit(RUN, submission)
    again = rig.jobs().submit(RUN, submission)
    other = rig.jobs().submit("20261128-070501-cd34", submission)

    assert (again, len(rig.started())) == (first, 2)
    assert other != first


def test_a_file_of_the_project_is_uploaded_once_for_each_content(rig: JobsRig, tmp_path: Path) -> None:
    job, first = rig.run(RUN)
    rig.run("20261128-070501-cd34")
    rig.data("a,b\n9,9\n")
    other, second = rig.run("20261128-070502-ef56")

    assert sorted(rig.uploaded().values()) == [b"a,b\n1,0\n2,1\n", b"a,b\n9,9\n"]
    data = {one.uri for one in (*first.uploads, *second.uploads) if one.path.name == "main.csv"}
    assert data == set(rig.uploaded())
    found = [
        rig.jobs().fetch(one.id, "prepare", "table", submission, tmp_path / one.id.rpartition("/")[2]).read_text()
        for one, submission in ((job, first), (other, second))
    ]
    assert found == ["a,b\n1,0\n2,1\n3,1\n", "a,b\n9,9\n3,1\n"]


def test_a_file_that_is_not_there_is_told_before_a_job_begins(rig: JobsRig) -> None:
    submission = rig.up()
    (rig.folder / "main.csv").unlink()

    with pytest.raises(DataError, match=r"main\.csv is not there"):
        rig.jobs().submit(RUN, submission)

    assert rig.started() == []


def test_what_up_did_not_register_does_not_run_and_the_steps_that_changed_are_named(rig: JobsRig) -> None:
    other = rig.up(replace(PREPARE, parameters={"rows": 7}), ending(0), registers=False)
    refusals: list[NotFoundError] = []
    for _ in range(2):
        with pytest.raises(NotFoundError) as refused:
            rig.jobs().submit(RUN, other)
        refusals.append(refused.value)
        rig.up()

    assert "train is not registered in " in refusals[0].message
    assert refusals[1].message.endswith(": since up, prepare changed, judge is new, train-it is gone")
    assert {(one.where, one.hint) for one in refusals} == {(other.definition, "groundplan up -e dev")}
    assert (rig.started(), rig.uploaded()) == ([], {})


def test_what_did_not_change_is_taken_from_an_earlier_job_unless_the_run_says_otherwise(
    rig: JobsRig, tmp_path: Path
) -> None:
    rig.run(RUN)
    again, submission = rig.run("20261128-070501-cd34", parameters={"train-it": {"seed": 7}})
    anew, _ = rig.run("20261128-070502-ef56", use_cache=False)

    assert [one.status for one in again.steps.values()] == ["cached", "succeeded"]
    assert [one.status for one in anew.steps.values()] == ["succeeded", "succeeded"]
    assert rig.jobs().log(again.id, "prepare", submission) == ""
    table = rig.jobs().fetch(again.id, "prepare", "table", submission, tmp_path / "table.csv")
    assert table.read_text() == "a,b\n1,0\n2,1\n3,1\n"


def test_a_step_that_fails_says_why_and_the_steps_after_it_do_not_run(rig: JobsRig, tmp_path: Path) -> None:
    after = replace(TRAIN, after=("judge",))
    job, submission = rig.run(RUN, PREPARE, ending(3), after)
    judged = job.steps["judge"]

    assert (job.status, {name: one.status for name, one in job.steps.items()}) == (
        "failed",
        {"prepare": "succeeded", "judge": "failed", "train-it": "skipped"},
    )
    assert judged.error
    assert "judge" in job.error
    printed = rig.jobs().log(job.id, "judge", submission).splitlines()
    assert printed[printed.index("before it") :][:2] == ["before it", "what went wrong"]
    with pytest.raises(NotFoundError, match="step train-it has not started"):
        rig.jobs().log(job.id, "train-it", submission)
    for output in ("model", "scores"):
        with pytest.raises(NotFoundError):
            rig.jobs().fetch(job.id, "train-it", output, submission, tmp_path / output)
    assert list(tmp_path.iterdir()) == []


def test_a_job_that_is_cancelled_stops_and_again_is_fine(rig: JobsRig) -> None:
    rig.never_end()
    submission = rig.up()
    jobs = rig.jobs()
    id = jobs.submit(RUN, submission)
    while jobs.look(id, submission).steps["prepare"].status != "running":
        pass
    jobs.cancel(id)
    job = rig.end(id, submission)

    assert (job.status, {name: one.status for name, one in job.steps.items()}) == (
        "cancelled",
        {"prepare": "cancelled", "train-it": "skipped"},
    )
    jobs.cancel(id)
    assert jobs.look(id, submission).status == "cancelled"


def test_a_job_that_does_not_end_is_still_the_one_of_its_run(rig: JobsRig) -> None:
    rig.never_end()
    submission = rig.up()
    id = rig.jobs().submit(RUN, submission)
    seen = {rig.jobs().look(id, submission).status for _ in range(8)}

    assert (seen, rig.jobs().submit(RUN, submission), len(rig.started())) == ({"running"}, id, 1)


def test_a_job_that_is_not_there_is_not_found(rig: JobsRig) -> None:
    submission = rig.up()
    id = rig.jobs().submit(RUN, submission).replace("ab12", "ffff")

    for act in (
        lambda: rig.jobs().look(id, submission),
        lambda: rig.jobs().log(id, "prepare", submission),
        lambda: rig.jobs().cancel(id),
    ):
        with pytest.raises(NotFoundError):
            act()


def window(*, hours: float = 2) -> dict[str, str]:
    """From so many hours ago until now."""
    now = clock.now()
    return {"since": clock.to_text(now - timedelta(hours=hours)), "until": clock.to_text(now + timedelta(seconds=5))}


def test_what_a_schedule_started_is_listed_oldest_first_and_runs_by_hand_are_not(rig: JobsRig) -> None:
    before = rig.up()
    rig.copied("a,b\n1,0\n")
    rig.fire(before, ago=timedelta(hours=3))
    other = rig.up(replace(PREPARE, parameters={"rows": 7}), ending(0))
    early = rig.fire(other, ago=timedelta(hours=1))
    submission = rig.up()
    late = [rig.fire(submission, ago=timedelta(minutes=minutes)) for minutes in (30, 20, 10)]
    rig.jobs().submit(RUN, submission)
    rig.pages(2)

    found = rig.jobs().scheduled(submission, **window())

    assert [(one.id, one.status, one.same) for one in found] == [
        (early, "running", False), *((one, "running", True) for one in late),
    ]  # fmt: skip
    assert [one.created for one in found] == sorted(one.created for one in found)
    job = rig.end(found[-1].id, submission)
    assert (job.status, {name: one.status for name, one in job.steps.items()}) == (
        "succeeded", {"prepare": "succeeded", "train-it": "succeeded"},
    )  # fmt: skip
    assert rig.jobs().scheduled(submission, **window())[-1].status == "succeeded"


def test_a_schedule_that_started_nothing_lists_nothing(rig: JobsRig) -> None:
    submission = rig.up()
    rig.jobs().submit(RUN, submission)

    assert list(rig.jobs().scheduled(submission, **window())) == []


@FAULTS
def test_a_list_that_does_not_come_at_once_is_asked_for_again(rig: JobsRig, order: dict[str, Any]) -> None:
    submission = rig.up()
    started = rig.fire(submission, ago=timedelta(minutes=1))
    rig.service.strike(method=rig.listing[0], path=rig.listing[1], **order)

    assert [one.id for one in rig.jobs().scheduled(submission, **window())] == [started]
    assert rig.service.strikes[0].times == 0


@FAULTS
def test_what_passes_is_asked_again(rig: JobsRig, order: dict[str, Any]) -> None:
    submission = rig.up()
    for method, path in (rig.starting, rig.looking, rig.reading, rig.logging):
        rig.service.strike(**{"method": method, "path": path, **order})
    id = rig.jobs().submit(RUN, submission)
    job = rig.end(id, submission)
    printed = rig.jobs().log(id, "prepare", submission)

    assert (job.status, len(rig.started()), "preparing" in printed) == ("succeeded", 1, True)
    assert [one.times for one in rig.service.strikes] == [0] * 4


def test_a_kill_at_any_request_is_repaired_by_the_next_command(rig: JobsRig) -> None:
    killed, next_one = rig.jobs(IMPATIENT), rig.jobs()
    number = kills = 0
    while True:
        rig.reset()
        submission = rig.up()
        rig.service.strike(kind="reset", after=number, done=number % 2 == 0)
        try:
            killed.submit(RUN, submission)
        except (ResourceFailedError, AuthenticationError):
            kills += 1
            next_one.submit(RUN, submission)
            assert (len(rig.started()), list(rig.uploaded().values())) == (1, [b"a,b\n1,0\n2,1\n"])
        if rig.service.strikes[0].times:
            break
        number += 1

    assert kills >= 4


def test_a_sign_in_that_ends_while_a_job_is_watched_is_renewed(rig: JobsRig) -> None:
    rig.short_lived()
    submission = rig.up()
    jobs = rig.jobs()
    id = jobs.submit(RUN, submission)
    statuses: list[str] = []
    for number in range(20):
        if number == 2:
            rig.expire()
        statuses.append(jobs.look(id, submission).status)

    assert statuses[-1] == "succeeded"


def test_a_sign_in_that_is_not_taken_is_an_authentication_error(rig: JobsRig) -> None:
    submission = rig.up()
    rig.service.strike(path=rig.looking[1], status=401, times=9)

    with pytest.raises(AuthenticationError):
        rig.jobs().submit(RUN, submission)


def test_who_may_not_start_jobs_is_told_the_role_for_that(rig: JobsRig) -> None:
    submission = rig.up()
    rig.service.strike(method=rig.starting[0], path=rig.starting[1], **rig.refusal())

    with pytest.raises(ResourceFailedError, match="could not run train") as refused:
        rig.jobs().submit(RUN, submission)

    assert refused.value.hint.startswith(rig.role)
    assert rig.started() == []


def test_a_quota_that_is_too_small_names_what_is_short_where_and_for_what(rig: JobsRig) -> None:
    submission = rig.up()
    rig.service.strike(method=rig.starting[0], path=rig.starting[1], **rig.quota())

    with pytest.raises(ResourceFailedError, match="could not run train") as refused:
        rig.jobs().submit(RUN, submission)

    assert all(one in refused.value.hint for one in rig.short)


def test_a_quota_that_turns_out_to_be_too_small_says_the_same(rig: JobsRig) -> None:
    rig.run_short()
    job, _ = rig.run(RUN)

    assert (job.status, {one.status for one in job.steps.values()}) == ("failed", {"skipped"})
    assert all(one in job.error for one in rig.short)


def test_a_finished_run_is_recorded_once_and_its_metrics_come_back(rig: JobsRig) -> None:
    job, submission = rig.run(RUN)
    run = jobs_kit.finished(job)
    before = dict(rig.jobs().metrics(job.id, submission))
    for metrics in ({"train-it.rows": 3.0}, run.metrics):
        rig.jobs().record(job.id, replace(run, metrics=metrics))
    rig.jobs().record(job.id, run)

    assert (before, dict(rig.jobs().metrics(job.id, submission))) == ({}, {"train-it.rows": 4.0})
    assert rig.recorded() == {
        "parameters": {"train-it.seed": "42"}, "metrics": {"train-it.rows": 4.0}, "models": {"churn": "3"},
    }  # fmt: skip


@FAULTS
def test_a_record_that_does_not_pass_at_once_is_made_once(rig: JobsRig, order: dict[str, Any]) -> None:
    job, submission = rig.run(RUN)
    rig.service.strike(path=rig.recording, **order)
    rig.jobs().record(job.id, jobs_kit.finished(job))

    assert (rig.service.strikes[0].times, rig.recorded()["metrics"]) == (0, {"train-it.rows": 4.0})
    assert dict(rig.jobs().metrics(job.id, submission)) == {"train-it.rows": 4.0}


def test_the_place_of_an_output_is_where_the_service_has_its_file(rig: JobsRig) -> None:
    submission = rig.up()
    jobs = rig.jobs()
    id = jobs.submit(RUN, submission)
    rig.end(id, submission)

    assert rig.content(jobs.place(id, "prepare", "table", submission)) == b"a,b\n1,0\n2,1\n3,1\n"
    assert rig.content(f"{jobs.place(id, 'train-it', 'model', submission)}/MLmodel") == b"flavors: {}\n"


def test_what_a_step_did_not_write_has_no_place(rig: JobsRig) -> None:
    submission = rig.up(parameters={"train-it": {"seed": 7}})
    submission = replace(submission, outputs={**submission.outputs, "train-it.nothing": "nothing"})
    id = rig.jobs().submit(RUN, submission)
    rig.end(id, submission)

    with pytest.raises(NotFoundError, match="nothing"):
        rig.jobs().place(id, "train-it", "nothing", submission)
