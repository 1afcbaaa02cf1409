"""One suite for batch endpoints on each cloud, through the SDKs' real clients and real HTTP.

The services are stand-ins that hold to the clouds' published rules. Not proved: in which words a real job fails, how
long it takes, and that Azure ML gives a job the name that an invocation asks for.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import Any, cast

import pytest
from groundplan.core.errors import AuthenticationError, GroundplanError, NotFoundError, ResourceFailedError
from groundplan.lifecycle.contract.batch import BatchEndpoints
from groundplan.lifecycle.contract.deployment import EndpointSettings
from groundplan.lifecycle.patience import Patience
from groundplan.lifecycle.recorded.batches import RecordedBatches
from groundplan.lifecycle.recorded.endpoints import Site

import batch_kit
from batch_kit import PACE, ROWS, BatchRig
from memory_cloud import Fuse, MemoryRecords

SETTINGS = EndpointSettings(name="nightly", environment="dev", model="churn", kind="batch")

FAULTS = pytest.mark.parametrize(
    "order",
    [
        {"status": 429, "headers": {"Retry-After": "0"}},
        {"status": 503, "done": True},
        {"kind": "reset", "done": True},
    ],
    ids=["throttled", "answer lost", "reset after it was done"],
)


@pytest.fixture(scope="module", params=batch_kit.PLATFORMS)
def started(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generator[BatchRig]:
    with batch_kit.rig(request.param, tmp_path_factory.mktemp(request.param)) as made:
        yield made


@pytest.fixture
def rig(started: BatchRig) -> BatchRig:
    started.reset()
    return started


def submitted(rig: BatchRig, name: str = "nightly-1", *, version: int = 1) -> str:
    rig.endpoints.deploy(rig.place, rig.served(version), seconds=120)
    return rig.endpoints.submit(name, rig.place, rig.served(version), ROWS)


def ended(rig: BatchRig, id: str) -> str:
    patience = Patience(seconds=120, pace=PACE)
    patience.until(lambda: rig.endpoints.look(id, rig.place).status != "running", doing="predict")
    return rig.endpoints.look(id, rig.place).status


def test_a_version_predicts_for_rows_in_their_order(rig: BatchRig) -> None:
    id = submitted(rig)

    assert ended(rig, id) == "succeeded"
    found = rig.endpoints.predictions("nightly-1", id, rig.place, rows=len(ROWS))
    assert list(found) == batch_kit.predicted(1)
    assert rig.endpoints.look(id, rig.place).url.startswith("https://")


def test_the_version_that_was_deployed_last_is_the_one_that_a_job_is_of(rig: BatchRig) -> None:
    submitted(rig, "first")
    id = submitted(rig, "second", version=2)

    assert ended(rig, id) == "succeeded"
    found = rig.endpoints.predictions("second", id, rig.place, rows=len(ROWS))
    assert list(found) == batch_kit.predicted(2)


def test_the_same_rows_are_uploaded_once_and_the_same_name_is_the_same_job(rig: BatchRig) -> None:
    first = submitted(rig)
    again = submitted(rig)
    submitted(rig, "nightly-2")

    assert (first == again, rig.jobs, len(rig.uploads)) == (True, 2, 1)


@FAULTS
def test_a_fault_on_the_way_starts_no_second_job(rig: BatchRig, order: dict[str, object]) -> None:
    rig.endpoints.deploy(rig.place, rig.served(1), seconds=120)
    path = "/jobs" if rig.platform == "azureml" else "/batchPredictionJobs"
    rig.service.strike(method="POST", path=path, **order)

    id = rig.endpoints.submit("nightly-1", rig.place, rig.served(1), ROWS)

    assert (ended(rig, id), rig.jobs, [one.times for one in rig.service.strikes]) == ("succeeded", 1, [0])


@pytest.mark.parametrize("done", [False, True], ids=["before it was done", "after it was done"])
def test_a_command_that_dies_at_any_request_leaves_one_job_that_the_next_one_finds(rig: BatchRig, done: bool) -> None:
    requests = 0
    while True:
        rig.reset()
        rig.endpoints.deploy(rig.place, rig.served(1), seconds=120)
        rig.service.strike(kind="reset", after=requests, times=1000, done=done)
        try:
            rig.impatient.submit("nightly-1", rig.place, rig.served(1), ROWS)
        except GroundplanError:
            requests += 1
        else:
            break
        rig.service.strikes.clear()
        id = rig.endpoints.submit("nightly-1", rig.place, rig.served(1), ROWS)
        assert (ended(rig, id), rig.jobs) == ("succeeded", 1)
    assert requests > 3


def test_the_version_before_works_again_also_after_a_kill_at_any_request(rig: BatchRig) -> None:
    records = MemoryRecords(Fuse())
    batches = recorded(rig, records)
    for version in (1, 2):
        batches.deploy(SETTINGS, rig.served(version), who="ada")
    there, kept, put_back = batches.deployment("nightly", "dev"), dict(records.documents), rig.service.memory()
    requests = 0
    while True:
        put_back()
        records.documents = dict(kept)
        rig.service.strike(kind="reset", after=requests, times=1000, done=bool(requests % 2))
        try:
            recorded(rig, records, rig.impatient).turn_back(there, rig.served(1), who="bob", reason="errors")
        except GroundplanError:
            requests += 1
        else:
            break
        rig.service.strikes.clear()
        made = batches.turn_back(there, rig.served(1), who="bob", reason="errors")
        assert (made.served.version, made.turned and made.turned.version, made.before) == (1, 2, ())
    rig.service.strikes.clear()
    predicted = batches.predict(batches.deployment("nightly", "dev"), ROWS, who="ada", told=lambda _: None)

    assert list(predicted) == batch_kit.predicted(1)
    assert requests >= 1


def recorded(rig: BatchRig, records: MemoryRecords, endpoints: BatchEndpoints | None = None) -> RecordedBatches:
    """Batch endpoints over these records, as a new command has them."""
    unused = cast("Any", None)
    site = Site(records=records, endpoints=unused, ids={}, jobs=unused, requests=unused,
                batch=endpoints or rig.endpoints, batch_places={"nightly": rig.place})  # fmt: skip
    return RecordedBatches({"dev": site}, folder_of=unused, row_schema=unused, seconds=20, pace=PACE)


def test_a_job_is_cancelled_and_one_that_has_ended_stays_as_it_is(rig: BatchRig) -> None:
    rig.service.patience = float("inf")
    id = submitted_without_end(rig)
    rig.endpoints.cancel(id, rig.place)

    assert ended(rig, id) == "cancelled"
    rig.endpoints.cancel(id, rig.place)
    assert rig.endpoints.look(id, rig.place).status == "cancelled"


def submitted_without_end(rig: BatchRig) -> str:
    """A job that goes on; what deploys it does not."""
    rig.service.patience = 3
    rig.endpoints.deploy(rig.place, rig.served(1), seconds=120)
    rig.service.patience = float("inf")
    id = rig.endpoints.submit("nightly-1", rig.place, rig.served(1), ROWS)
    rig.service.patience = 3
    return id


def test_a_job_that_fails_says_why_as_far_as_the_cloud_does(rig: BatchRig) -> None:
    rig.endpoints.deploy(rig.place, rig.served(1), seconds=120)
    rig.service.late_error = {"code": 9, "message": "the container does not come up"}
    id = rig.endpoints.submit("nightly-1", rig.place, rig.served(1), ROWS)

    assert ended(rig, id) == "failed"
    error = "its page at Azure ML says why" if rig.platform == "azureml" else "the container does not come up"
    assert rig.endpoints.look(id, rig.place).error == error
    with pytest.raises(NotFoundError, match="what job nightly-1 predicted is not there"):
        rig.endpoints.predictions("nightly-1", id, rig.place, rows=len(ROWS))


def test_rows_without_a_prediction_are_told(rig: BatchRig) -> None:
    rig.leave_out(1)
    id = submitted(rig)

    assert ended(rig, id) == "succeeded"
    with pytest.raises(ResourceFailedError, match=r"nightly-1 has (predictions for 3|no prediction for 1) of 4 rows"):
        rig.endpoints.predictions("nightly-1", id, rig.place, rows=len(ROWS))


def test_a_version_that_is_not_there_is_named(rig: BatchRig) -> None:
    unknown = rig.served(3)
    with pytest.raises((NotFoundError, ResourceFailedError), match="churn"):
        rig.endpoints.deploy(rig.place, unknown, seconds=120)
    with pytest.raises(NotFoundError, match="churn version 3"):
        rig.endpoints.submit("nightly-1", rig.place, unknown, ROWS)
    assert rig.jobs == 0


def test_a_job_that_is_not_there_is_named(rig: BatchRig) -> None:
    id = "gone" if rig.platform == "azureml" else f"{rig.place.id}/batchPredictionJobs/77"
    with pytest.raises(NotFoundError, match="there is no"):
        rig.endpoints.look(id, rig.place)


def test_who_may_not_is_told_whom_to_ask(rig: BatchRig) -> None:
    rig.endpoints.deploy(rig.place, rig.served(1), seconds=120)
    path = "/jobs" if rig.platform == "azureml" else "/batchPredictionJobs"
    body = {"error": {"code": 403, "status": "PERMISSION_DENIED",
                      "message": "Permission 'aiplatform.batchPredictionJobs.create' denied"}}  # fmt: skip
    rig.service.strike(method="POST", path=path, status=403, body=body)

    with pytest.raises(ResourceFailedError, match="could not predict for 4 rows") as refused:
        rig.endpoints.submit("nightly-1", rig.place, rig.served(1), ROWS)
    own = "MLOps Deployer" if rig.platform == "azureml" else "Deployer"
    assert f"groundplan's own role {own}" in refused.value.hint


def test_nobody_signed_in_is_told_how(rig: BatchRig) -> None:
    rig.endpoints.deploy(rig.place, rig.served(1), seconds=120)
    path = "/jobs" if rig.platform == "azureml" else "/batchPredictionJobs"
    rig.service.strike(method="POST", path=path, status=401, times=9, body={"error": {"message": "expired"}})

    with pytest.raises(AuthenticationError):
        rig.endpoints.submit("nightly-1", rig.place, rig.served(1), ROWS)


def test_an_endpoint_that_is_gone_is_made_again_by_up(started: BatchRig) -> None:
    started.reset()
    if started.platform == "vertex":
        pytest.skip("Vertex AI has no batch endpoints")
    gone = replace(started.place, id=f"{started.place.id}-gone")
    with pytest.raises(NotFoundError, match="the batch endpoint nightly-dev-0a1b-gone is gone"):
        started.endpoints.deploy(gone, started.served(1), seconds=120)
