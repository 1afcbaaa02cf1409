"""What only Azure ML's jobs have: data assets, clusters that say why a step waits, a run history with its own clock.

Through the SDK's real client and real HTTP, against a stand-in that really runs the steps. Not proved: in which words
the service tells an end.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Generator
from dataclasses import replace
from datetime import timedelta
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import pytest
from groundplan.core import clock, digests
from groundplan.core.errors import MissingExtraError, NotFoundError, ResourceFailedError, StoreCorruptedError
from groundplan.lifecycle.contract.jobs import Job, Submission

import azure_capability
import azure_stack
import jobs_kit
from azure_jobs_kit import SHORT, WORKSPACE, AzureJobsRig
from jobs_kit import PREPARE, RUN, TRAIN

SECOND = "20261128-070501-cd34"


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Generator[AzureJobsRig]:
    with jobs_kit.rig("azureml", tmp_path_factory.mktemp("azureml")) as made:
        assert isinstance(made, AzureJobsRig)
        yield made


@pytest.fixture
def rig(started: AzureJobsRig) -> AzureJobsRig:
    started.reset()
    return started


def looked(rig: AzureJobsRig, submission: Submission, times: int) -> Job:
    """A job as it is the last of so many times that it is looked at."""
    jobs = rig.jobs()
    return [jobs.look(RUN, submission) for _ in range(times)][-1]


def test_a_job_is_of_the_registered_component_and_acts_as_the_identity_of_pipelines(rig: AzureJobsRig) -> None:
    submission = rig.up(use_cache=False)
    rig.jobs().submit(RUN, submission)
    sent = rig.service.jobs.played[RUN].body["properties"]

    name, _, version = submission.definition.partition(":")
    assert sent["componentId"] == f"{WORKSPACE}/components/{name}/versions/{version}"
    assert sent["identity"] == {
        "identityType": "Managed",
        "resourceId": f"{azure_capability.GROUP_ID}/providers/Microsoft.ManagedIdentity/userAssignedIdentities"
        "/id-churn-dev-pipeline",
    }
    assert (sent["displayName"], sent["experimentName"]) == ("train", "train")
    assert (sent["settings"]["force_rerun"], sent["settings"]["continue_on_step_failure"]) == (True, False)
    assert {key: sent["tags"][key] for key in azure_stack.TAGS} == azure_stack.TAGS


def test_a_file_of_the_project_is_a_data_asset_whose_version_is_of_its_digest(rig: AzureJobsRig) -> None:
    submission = rig.up()
    for run in (RUN, SECOND):
        rig.jobs().submit(run, submission)
    digest = digests.of_file(rig.folder / "main.csv")
    asset = f"{WORKSPACE}/data/main/versions/{digest.removeprefix('sha256:')[:16]}"
    made = rig.service.store.of_type(":DataVersion")

    assert [one["id"] for one in made] == [asset]
    assert made[0]["inputs"]["properties"]["properties"] == {"groundplan.digest": digest}
    for run in (RUN, SECOND):
        given = rig.service.jobs.played[run].body["properties"]["inputs"]["data__main"]
        assert given == {"jobInputType": "uri_file", "mode": "ReadOnlyMount", "uri": asset}
    assert rig.service.asked("PUT", asset) == 1


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ((PREPARE, replace(TRAIN, retries=1)), "train-it changed"),
        ((PREPARE, TRAIN, replace(PREPARE, name="check")), "check is new"),
        ((PREPARE,), "train-it is gone"),
        ((PREPARE, replace(TRAIN, timeout_seconds=60)), "its parameters, data, limits or computes changed"),
    ],
    ids=["changed", "new", "gone", "the pipeline itself"],
)
def test_a_pipeline_that_is_not_as_it_was_registered_says_what_changed(
    rig: AzureJobsRig, steps: tuple[Any, ...], says: str
) -> None:
    rig.up()
    other = rig.up(*steps, registers=False)

    with pytest.raises(NotFoundError) as refused:
        rig.jobs().submit(RUN, other)

    assert refused.value.message == (f"train is not registered as it is here in mlw-churn-dev: since up, {says}")
    assert refused.value.hint == "groundplan up -e dev"


def test_a_pipeline_that_was_never_registered_says_that(rig: AzureJobsRig) -> None:
    with pytest.raises(NotFoundError, match="train is not registered in mlw-churn-dev") as refused:
        rig.jobs().submit(RUN, rig.up(registers=False))

    assert refused.value.hint == "groundplan up -e dev"


def test_a_step_that_waits_for_machines_says_which_quota_is_short_and_goes_on_when_there_are_some(
    rig: AzureJobsRig,
) -> None:
    submission = rig.up()
    rig.jobs().submit(RUN, submission)
    rig.service.jobs.short = SHORT
    waits = looked(rig, submission, 4)
    rig.service.jobs.short = ""
    ended = rig.end(RUN, submission)

    assert (waits.status, waits.steps["prepare"].status) == ("running", "waiting")
    assert waits.steps["prepare"].error == (
        f"{SHORT} (4 more cores of standardDSv2Family are needed in westeurope, 22 of 24 are in use: ask for 2 more "
        "(Azure ML Studio, Quota, Request quota; an Owner of the subscription may), or take a smaller or another "
        "machine (endpoints.<name>.size, compute.<name>.size).)"
    )
    assert (ended.status, ended.steps["prepare"].error) == ("succeeded", "")


def test_a_job_that_fails_after_its_last_step_says_why(rig: AzureJobsRig) -> None:
    rig.service.jobs.late_error = {"code": "ServiceError", "message": "the outputs could not be registered"}
    job, _ = rig.run(RUN)

    assert (job.status, job.error) == ("failed", "the outputs could not be registered")
    assert {one.status for one in job.steps.values()} == {"succeeded"}


@pytest.mark.parametrize("hours", [-3, 3])
def test_a_clock_of_the_cloud_that_goes_wrong_makes_no_time_wrong(rig: AzureJobsRig, hours: int) -> None:
    rig.service.jobs.skew = timedelta(hours=hours)
    job, submission = rig.run(RUN)
    by_the_cloud = clock.now() + rig.service.jobs.skew

    for started in (job.started, *(one.started for one in job.steps.values())):
        assert abs(clock.from_text(started) - by_the_cloud) < timedelta(minutes=5)
    assert all(0 <= one < 300 for one in (job.seconds, *(step.seconds for step in job.steps.values())))
    assert rig.jobs().look(RUN, submission) == job


def test_a_job_that_ended_while_it_was_being_cancelled_is_fine(rig: AzureJobsRig) -> None:
    submission = rig.up()
    rig.jobs().submit(RUN, submission)
    rig.service.meanwhile = lambda request: (
        rig.service.jobs.played[RUN].cancel() if request.path.endswith("/cancel") else None
    )
    rig.jobs().cancel(RUN)

    assert rig.jobs().look(RUN, submission).status == "cancelled"


def test_a_start_that_another_command_was_faster_with_is_that_job(rig: AzureJobsRig) -> None:
    submission = rig.up()
    other = replace(submission, labels={"who": "else"})

    def meanwhile(request: Any) -> None:
        if request.method == "PUT" and request.path.endswith(f"/jobs/{RUN}"):
            rig.service.meanwhile = None
            rig.service.jobs.played[RUN] = faster

    rig.jobs().submit(RUN, other)
    faster = rig.service.jobs.played.pop(RUN)
    rig.service.meanwhile = meanwhile

    assert (rig.jobs().submit(RUN, submission), rig.started()) == (RUN, [RUN])


def test_a_job_that_is_not_seen_at_once_is_waited_for(rig: AzureJobsRig) -> None:
    submission = rig.up()
    rig.service.jobs.unseen = 2
    rig.jobs().submit(RUN, submission)

    assert (rig.jobs().look(RUN, submission).status, rig.started()) == ("running", [RUN])


def test_steps_come_from_as_many_pages_as_there_are(rig: AzureJobsRig) -> None:
    rig.service.history.page = 1
    job, _ = rig.run(RUN)

    assert {name: one.status for name, one in job.steps.items()} == {"prepare": "succeeded", "train-it": "succeeded"}


def test_metrics_that_a_step_logs_are_found_in_a_later_job_that_took_it_over(rig: AzureJobsRig) -> None:
    first, submission = rig.run(RUN)
    step = rig.service.jobs.played[RUN].steps["train_it"]
    rig.service.tracking.log(step.id, loss=0.5)
    second, again = rig.run(SECOND)

    assert second.steps["train-it"].status == "cached"
    assert dict(rig.jobs().metrics(first.id, submission)) == {"train-it.loss": 0.5}
    assert dict(rig.jobs().metrics(second.id, again)) == {"train-it.loss": 0.5}


@pytest.mark.parametrize(
    "order",
    [
        {"status": 429, "headers": {"Retry-After": "0"}},
        {"status": 500, "times": 2},
        {"kind": "reset"},
        {"kind": "cut", "done": True},
    ],
    ids=["throttled", "fault", "reset", "cut"],
)
def test_what_passes_on_the_way_of_files_is_asked_again(
    rig: AzureJobsRig, tmp_path: Path, order: dict[str, Any]
) -> None:
    for method, path in (
        ("GET", "/datastores/artifacts"), ("PUT", "/artifacts/code/"), ("PUT", "/data/sources/"),
        ("PUT", "/data/main/"), ("POST", "/rundata"), ("POST", "/batchGetResolvedUris"), ("GET", "/table/data.csv"),
    ):  # fmt: skip
        rig.service.strike(**{"method": method, "path": path, **order})
    job, submission = rig.run(RUN)
    table = rig.jobs().fetch(job.id, "prepare", "table", submission, tmp_path / "table.csv")

    assert (job.status, table.read_text(encoding="utf-8")) == ("succeeded", "a,b\n1,0\n2,1\n3,1\n")
    assert [one.times for one in rig.service.strikes] == [0] * 7


def test_a_step_that_fails_says_its_exit_code_and_of_many_words_the_first_and_the_last(rig: AzureJobsRig) -> None:
    words = f"echo {'many ' * 200} words; echo the very last; exit 3"
    talking = replace(PREPARE, command=("bash", "-c", words, "{inputs.rows}", "{outputs.table}"))
    job, _ = rig.run(RUN, talking)
    failed = job.steps["prepare"]

    assert (failed.status, failed.exit_code, failed.attempts) == ("failed", 3, 1)
    assert failed.error.startswith("Execution failed. User process 'bash' exited with status code 3.")
    assert failed.error.endswith("words the very last")
    assert len(failed.error) < 700
    assert job.error == f"step prepare: {failed.error}"


def test_an_output_that_a_step_did_not_write_is_not_there(rig: AzureJobsRig, tmp_path: Path) -> None:
    careless = replace(PREPARE, command=("true", "{inputs.rows}", "{outputs.table}"))
    job, submission = rig.run(RUN, careless)

    with pytest.raises(NotFoundError, match="the output table of step prepare is not there"):
        rig.jobs().fetch(job.id, "prepare", "table", submission, tmp_path / "table.csv")

    assert list(tmp_path.iterdir()) == []


def test_a_blob_that_leads_out_of_its_folder_is_not_fetched(rig: AzureJobsRig, tmp_path: Path) -> None:
    job, submission = rig.run(RUN)
    step = rig.service.jobs.played[RUN].steps["train_it"]
    account, container, path = rig.service.jobs.places.key(WORKSPACE, step.outputs["model"])
    rig.service.blobs.put(account, container, f"{path}../../evil", b"evil")

    with pytest.raises(StoreCorruptedError, match="leads out of its folder"):
        rig.jobs().fetch(job.id, "train-it", "model", submission, tmp_path / "model")

    assert list(tmp_path.iterdir()) == []


def test_a_log_that_the_storage_does_not_give_is_told(rig: AzureJobsRig) -> None:
    job, submission = rig.run(RUN)
    rig.service.strike(path="/user_logs/", status=403)

    with pytest.raises(ResourceFailedError, match="the storage of the logs answers 403"):
        rig.jobs().log(job.id, "prepare", submission)


def test_without_what_records_the_run_in_the_end_no_job_begins(
    rig: AzureJobsRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    submission, find = rig.up(), importlib.util.find_spec

    def without_mlflow(name: str) -> ModuleSpec | None:
        return None if name == "mlflow" else find(name)

    monkeypatch.setattr("importlib.util.find_spec", without_mlflow)

    with pytest.raises(MissingExtraError, match="mlflow is not installed"):
        rig.jobs().submit(RUN, submission)

    assert (rig.started(), rig.uploaded()) == ([], {})


def test_who_may_not_upload_is_told_the_role_for_that_before_a_job_begins(rig: AzureJobsRig) -> None:
    submission = rig.up()
    refusal = {"status": 403, "headers": {"x-ms-error-code": "AuthorizationPermissionMismatch"}}
    rig.service.strike(method="PUT", path="/data/sources/", **refusal)

    with pytest.raises(ResourceFailedError, match=r"Azure Storage could not upload main\.csv") as refused:
        rig.jobs().submit(RUN, submission)

    assert refused.value.hint.startswith("Ask for Storage Blob Data Contributor, on resource group rg-churn-dev")
    assert rig.started() == []
