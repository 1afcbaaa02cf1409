"""What only Vertex AI's jobs have: managed datasets, a network, logs of several attempts, contexts of experiments.

Through the SDK's real clients and real HTTP, against a stand-in that really runs the steps. Not proved: in which words
the service tells an end.
"""

from __future__ import annotations

import importlib
from collections.abc import Generator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from groundplan.core import clock
from groundplan.core.errors import NotFoundError, ResourceFailedError, StoreCorruptedError, TimeoutReachedError
from groundplan.modules.contract.submission import SubmittedData

import google_stack
import jobs_kit
from jobs_kit import PREPARE, RUN, TRAIN, ending
from serving_kit import LOCATION
from vertex_jobs_kit import ACCOUNT, ARTIFACTS, DATA, VertexJobsRig
from vertex_parts import ATTACHMENT

SECOND = "20261128-070501-cd34"
JOB = f"{LOCATION}/pipelineJobs/churn-dev-{RUN}"


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Generator[VertexJobsRig]:
    with jobs_kit.rig("vertex", tmp_path_factory.mktemp("vertex")) as made:
        assert isinstance(made, VertexJobsRig)
        yield made


@pytest.fixture
def rig(started: VertexJobsRig) -> VertexJobsRig:
    started.reset()
    return started


def sent(rig: VertexJobsRig, job: str = JOB) -> dict[str, Any]:
    """What a job was made from, without its template."""
    return {name: value for name, value in rig.service.jobs.content[job].asked.items() if name != "pipelineSpec"}


@pytest.mark.parametrize("connection", ["psc", "peering"])
def test_a_job_acts_as_the_account_of_pipelines_in_the_stacks_network_under_its_key(
    rig: VertexJobsRig, connection: Any
) -> None:
    submission = rig.up(connection=connection, key=google_stack.KEY)
    rig.jobs().submit(RUN, submission)
    network = "projects/123456789012/global/networks/churn-dev"
    data = f"gs://{DATA}/main/{submission.uploads[0].digest.removeprefix('sha256:')}/main.csv"

    assert sent(rig) == {
        "displayName": "churn-dev-train",
        "serviceAccount": ACCOUNT,
        "labels": dict(submission.labels),
        "runtimeConfig": {
            "gcsOutputDirectory": f"gs://{ARTIFACTS}/runs",
            "failurePolicy": 2,
            "parameterValues": {"data__main": data},
        },
        "encryptionSpec": {"kmsKeyName": google_stack.KEY},
        **({"pscInterfaceConfig": {"networkAttachment": ATTACHMENT}} if connection == "psc" else {"network": network}),
    }


def test_a_csv_file_is_shown_as_a_dataset_once_for_each_content(rig: VertexJobsRig) -> None:
    submission = rig.up()
    for run in (RUN, SECOND):
        rig.jobs().submit(run, submission)
    digest = submission.uploads[0].digest

    (dataset,) = rig.service.datasets.content.values()
    assert (dataset["displayName"], dataset["description"]) == ("main", digest)
    assert dataset["labels"] == {"groundplan": "churn", "digest-start": digest.removeprefix("sha256:")[:32]}
    assert dataset["metadata"] == {"inputConfig": {"gcsSource": {"uri": [submission.uploads[0].uri]}}}


def test_what_is_no_csv_file_is_uploaded_all_the_same(rig: VertexJobsRig) -> None:
    (rig.folder / "main.parquet").write_bytes(b"PAR1")
    data = SubmittedData(below="main.parquet", file=rig.folder / "main.parquet", digest=f"sha256:{'ab' * 32}")
    rig.jobs().submit(RUN, rig.up(data={"main": data}))

    assert rig.uploaded() == {f"gs://{DATA}/main/{'ab' * 32}/main.parquet": b"PAR1"}
    assert rig.service.datasets.content == {}


def test_a_dataset_that_is_never_ready_stops_at_the_limit_and_is_waited_for_by_the_next_command(
    rig: VertexJobsRig,
) -> None:
    submission = rig.up()
    rig.service.patience = float("inf")
    with pytest.raises(TimeoutReachedError, match=r"register the dataset main\.csv did not end before the time limit"):
        rig.jobs(seconds=0.5).submit(RUN, submission)
    (operation,) = rig.service.operations.values()
    operation.left = 2
    rig.jobs().submit(RUN, submission)

    assert (len(rig.service.datasets.content), len(rig.service.operations), len(rig.started())) == (1, 1, 1)


def test_a_dataset_whose_answer_was_lost_is_made_once(rig: VertexJobsRig) -> None:
    rig.service.patience = 3
    rig.service.strike(kind="reset", method="POST", path="/datasets", done=True)
    rig.jobs().submit(RUN, rig.up())

    assert (len(rig.service.datasets.content), len(rig.service.operations)) == (1, 1)


def test_a_dataset_that_fails_late_says_why_and_no_job_begins(rig: VertexJobsRig) -> None:
    rig.service.late_error = {"code": 9, "message": "the first line of main.csv names a column twice"}

    with pytest.raises(ResourceFailedError, match="names a column twice"):
        rig.jobs().submit(RUN, rig.up())

    assert rig.started() == []


def test_a_job_that_is_not_seen_at_once_is_waited_for(rig: VertexJobsRig) -> None:
    submission = rig.up()
    rig.service.jobs.unseen = 2
    id = rig.jobs().submit(RUN, submission)

    assert (rig.jobs().look(id, submission).status, len(rig.started())) == ("running", 1)


@pytest.mark.parametrize("titled", [False, True])
def test_a_step_is_found_whichever_of_its_names_vertex_ai_says(rig: VertexJobsRig, titled: bool) -> None:
    submission = rig.up(replace(PREPARE, name="prepare_it"))
    id = rig.jobs().submit(RUN, submission)
    tasks = rig.service.jobs.content[JOB].tasks
    for task in tasks.values():
        task.name = task.spec["taskInfo"]["name"] if titled else task.name
    job = rig.end(id, submission)

    assert sorted(tasks) == ["importer", "importer-2", "prepare-it"]
    assert {name: one.status for name, one in job.steps.items()} == {"prepare_it": "succeeded"}


def test_data_at_a_uri_of_its_own_is_read_each_time(rig: VertexJobsRig) -> None:
    rig.service.buckets.put(DATA, "lake/rows.csv", b"a,b\n5,5\n")
    data = {"main": SubmittedData(uri=f"gs://{DATA}/lake/rows.csv")}
    statuses = [[one.status for one in rig.run(run, data=data)[0].steps.values()] for run in (RUN, SECOND)]

    assert statuses == [["succeeded", "succeeded"]] * 2
    assert rig.service.datasets.content == {}


def test_a_step_that_is_tried_again_has_the_words_of_all_its_attempts(rig: VertexJobsRig) -> None:
    job, submission = rig.run(RUN, PREPARE, ending(3, retries=2))
    judged = job.steps["judge"]

    assert (judged.status, judged.attempts, judged.exit_code) == ("failed", 3, 3)
    assert rig.jobs().log(job.id, "judge", submission) == "before it\nwhat went wrong\n" * 3


@pytest.mark.parametrize("code", [124, 137])
def test_a_step_whose_time_is_up_says_that(rig: VertexJobsRig, code: int) -> None:
    job, _ = rig.run(RUN, PREPARE, ending(code))

    assert (job.steps["judge"].status, job.steps["judge"].exit_code) == ("timed-out", code)


def test_a_job_ends_at_its_first_failure(rig: VertexJobsRig) -> None:
    late = replace(TRAIN, inputs={**PREPARE.inputs, **TRAIN.inputs}, after=("judge",))
    job, _ = rig.run(RUN, PREPARE, ending(1), late)

    failed = "The replica workerpool0-0 exited with a non-zero status of 1. To find out more about why your job exited"
    assert job.error == f"step judge: {failed} please check the logs."
    assert job.steps["train-it"].status == "skipped"


@pytest.mark.parametrize("hours", [-3, 3])
def test_a_clock_of_the_cloud_that_goes_wrong_makes_no_time_wrong(rig: VertexJobsRig, hours: int) -> None:
    rig.never_end()
    rig.service.jobs.skew = timedelta(hours=hours)
    submission = rig.up()
    id = rig.jobs().submit(RUN, submission)
    job = [rig.jobs().look(id, submission) for _ in range(6)][-1]
    by_the_cloud = clock.now() + timedelta(hours=hours)

    assert job.steps["prepare"].status == "running"
    for started in (job.started, job.steps["prepare"].started):
        assert abs(clock.from_text(started) - by_the_cloud) < timedelta(minutes=5)
    assert all(0 <= one < 300 for one in (job.seconds, job.steps["prepare"].seconds))


def test_a_log_comes_from_as_many_pages_as_there_are(rig: VertexJobsRig) -> None:
    chatty = replace(PREPARE, command=("sh", "-c", "seq 7; cp $0 $1", "{inputs.rows}", "{outputs.table}"))
    job, submission = rig.run(RUN, chatty)
    rig.service.telemetry.page = 3

    assert rig.jobs().log(job.id, "prepare", submission) == "".join(f"{number}\n" for number in range(1, 8))


def test_metrics_that_the_metadata_store_has_of_a_step_are_found(rig: VertexJobsRig) -> None:
    job, submission = rig.run(RUN)
    scores = rig.service.jobs.content[JOB].tasks["train-it"].outputs["output_scores"]
    scores["metadata"] = {"auc": 0.75, "framework": "sklearn"}

    assert dict(rig.jobs().metrics(job.id, submission)) == {"train-it.auc": 0.75}


def test_a_recorded_run_is_in_the_experiment_of_its_pipeline_with_its_job_inside(rig: VertexJobsRig) -> None:
    job, _ = rig.run(RUN)
    run = jobs_kit.finished(job)
    for _ in range(2):
        rig.jobs().record(job.id, run)
    contexts = f"{LOCATION}/metadataStores/default/contexts"

    assert rig.service.contexts.children == {
        f"{contexts}/churn-dev-train": [f"{contexts}/churn-dev-train-{RUN}"],
        f"{contexts}/churn-dev-train-{RUN}": [f"{contexts}/churn-dev-{RUN}"],
    }


def test_vertex_ai_s_own_sdk_reads_a_recorded_run(rig: VertexJobsRig, monkeypatch: pytest.MonkeyPatch) -> None:
    sdk: Any = importlib.import_module("google.cloud.aiplatform")
    settings = sdk.initializer.global_config
    monkeypatch.setattr(settings, "__dict__", dict(settings.__dict__))
    job, _ = rig.run(RUN)
    rig.jobs().record(job.id, jobs_kit.finished(job))
    address = f"http://127.0.0.1:{rig.service.port}"
    sdk.init(project="acme-churn", location="europe-west4", api_endpoint=address, api_transport="rest")
    run = sdk.ExperimentRun(RUN, experiment="churn-dev-train")

    assert run.get_params() == {"train-it.seed": 42.0, "model.churn": "3"}
    assert (run.get_metrics(), run.get_state()) == ({"train-it.rows": 4.0}, "COMPLETE")


def test_an_output_that_a_step_did_not_write_is_not_there(rig: VertexJobsRig, tmp_path: Path) -> None:
    careless = replace(PREPARE, command=("true", "{inputs.rows}", "{outputs.table}"))
    job, submission = rig.run(RUN, careless)

    with pytest.raises(NotFoundError, match=r"prepare\.table is not at the cloud any more") as gone:
        rig.jobs().fetch(job.id, "prepare", "table", submission, tmp_path / "table.csv")

    assert gone.value.hint == "groundplan run --force makes it anew."
    assert list(tmp_path.iterdir()) == []


def test_an_object_that_leads_out_of_its_folder_is_not_fetched(rig: VertexJobsRig, tmp_path: Path) -> None:
    job, submission = rig.run(RUN)
    model = rig.service.jobs.content[JOB].tasks["train-it"].outputs["output_model"]["uri"]
    rig.service.buckets.put(ARTIFACTS, f"{model.removeprefix(f'gs://{ARTIFACTS}/')}/../../evil", b"evil")

    with pytest.raises(StoreCorruptedError, match="leads out of its folder"):
        rig.jobs().fetch(job.id, "train-it", "model", submission, tmp_path / "model")

    assert list(tmp_path.iterdir()) == []


def test_an_output_that_was_fetched_is_not_fetched_again(rig: VertexJobsRig, tmp_path: Path) -> None:
    job, submission = rig.run(RUN)
    into = rig.jobs().fetch(job.id, "prepare", "table", submission, tmp_path / "table.csv")
    asked = rig.service.asked("GET", "/o")

    assert rig.jobs().fetch(job.id, "prepare", "table", submission, into) == into
    assert rig.service.asked("GET", "/o") == asked


@pytest.mark.parametrize(
    ("method", "path", "said", "role"),
    [
        ("POST", "/pipelineJobs", "Permission 'iam.serviceAccounts.actAs' denied on the account.",
         "roles/iam.serviceAccountUser on the service account of the pipelines"),
        ("POST", "/datasets", "Permission 'aiplatform.datasets.create' denied on the resource.",
         "roles/aiplatform.user, or groundplan's own role Pipeline runner, on project acme-churn"),
        ("POST", f"/upload/storage/v1/b/{DATA}", "ci does not have storage.objects.create access to the object.",
         f"roles/storage.objectUser on gs://{DATA}; who has roles/storage.admin there"),
        ("GET", "/download/storage", "ci does not have storage.objects.get access to the object.",
         f"roles/storage.objectUser on gs://{ARTIFACTS}"),
    ],
    ids=["account", "dataset", "data", "template"],
)  # fmt: skip
def test_who_may_not_is_told_the_role_for_that_before_a_job_begins(
    rig: VertexJobsRig, method: str, path: str, said: str, role: str
) -> None:
    body = {"error": {"code": 403, "message": said, "status": "PERMISSION_DENIED"}}
    rig.service.strike(method=method, path=path, status=403, body=body)

    with pytest.raises(ResourceFailedError) as refused:
        rig.jobs().submit(RUN, rig.up())

    assert refused.value.hint.startswith(f"Ask for {role}")
    assert rig.started() == []


def test_who_may_not_read_logs_is_told_the_role_for_that(rig: VertexJobsRig) -> None:
    job, submission = rig.run(RUN)
    said = "Permission denied for all log views: logging.logEntries.list"
    rig.service.strike(path="/v2/entries:list", status=403, body={"error": {"code": 403, "message": said}})

    with pytest.raises(ResourceFailedError) as refused:
        rig.jobs().log(job.id, "prepare", submission)

    assert refused.value.hint.startswith(
        "Ask for roles/logging.viewer, or groundplan's own role Pipeline runner, on project acme-churn"
    )


def test_an_environment_that_is_not_up_is_told(rig: VertexJobsRig) -> None:
    submission = rig.up()
    rig.service.store.delete(ARTIFACTS)

    with pytest.raises(NotFoundError, match="the storage is not there") as refused:
        rig.jobs().submit(RUN, submission)

    assert refused.value.hint == "groundplan up makes the bucket."
