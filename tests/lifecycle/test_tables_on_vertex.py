"""BigQuery tables as data of a run: what one held at a moment is a file that the steps read, once for each change.

Through the SDKs' real clients, against a stand-in that really runs the steps. Not proved: how soon BigQuery tells that
a table was changed.
"""

from __future__ import annotations

from collections.abc import Generator
from datetime import timedelta
from typing import Any

import pytest
from groundplan.core import clock
from groundplan.core.errors import AuthenticationError, DataError, NotFoundError, ResourceFailedError
from groundplan.lifecycle.contract.jobs import Submission
from groundplan.modules.contract.submission import SubmittedData

import jobs_kit
from jobs_kit import IMPATIENT, PREPARE, RUN
from vertex_jobs_kit import DATA, VertexJobsRig
from vertex_kit import FAULTS

ROWS = "acme-data.sales.customers"
URI = f"bq://{ROWS}"
FIRST, SECOND = [{"a": 1, "b": 0}, {"a": 2, "b": 1}], [{"a": 5, "b": 1}]
TEXT = b"a,b\n1,0\n2,1\n"


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Generator[VertexJobsRig]:
    with jobs_kit.rig("vertex", tmp_path_factory.mktemp("vertex")) as made:
        assert isinstance(made, VertexJobsRig)
        yield made


@pytest.fixture
def rig(started: VertexJobsRig) -> VertexJobsRig:
    started.reset()
    started.service.tables.write(ROWS, FIRST, ago=timedelta(hours=1))
    return started


def asked(rig: VertexJobsRig, uri: str = URI) -> Submission:
    """A run of the table, before anybody looked at it."""
    return rig.up(PREPARE, data={"main": SubmittedData(uri=uri)})


def files(rig: VertexJobsRig) -> list[bytes]:
    return list(rig.uploaded().values())


def test_steps_read_what_the_table_held_when_the_run_began(rig: VertexJobsRig) -> None:
    submission = rig.jobs().pinned(asked(rig))
    rig.service.tables.write(ROWS, SECOND)
    id = rig.jobs().submit(RUN, submission)
    job = rig.end(id, submission)
    changed = clock.from_text(submission.snapshots[0].version)

    assert job.status == "succeeded"
    assert rig.content(rig.jobs().place(id, "prepare", "table", submission)) == TEXT + b"3,1\n"
    assert submission.data == {
        "data__main": f"gs://{DATA}/main/{ROWS}/{changed.strftime('%Y%m%dT%H%M%S%f')[:-3]}/customers.csv"
    }
    assert timedelta(minutes=59) < clock.now() - changed < timedelta(minutes=65)


def test_a_table_that_did_not_change_is_copied_once_and_another_content_is_another_file(rig: VertexJobsRig) -> None:
    begun: list[dict[str, Any]] = []
    rig.service.tables.begun = begun.append
    first = rig.jobs().pinned(asked(rig))
    for run in (RUN, "20261128-070501-cd34"):
        assert rig.jobs().pinned(asked(rig)) == first
        rig.jobs().submit(run, first)
    copies = len(begun)
    rig.service.tables.write(ROWS, SECOND)
    second = rig.jobs().pinned(asked(rig))
    rig.jobs().submit("20261128-070502-ef56", second)

    assert (copies, len(begun)) == (2, 4)
    assert second.data != first.data
    assert files(rig) == [TEXT, b"a,b\n5,1\n"]


def test_an_old_content_is_read_as_it_is_and_refused_where_it_changes_on_the_way(rig: VertexJobsRig) -> None:
    tables = rig.service.tables
    tables.content.clear()
    tables.write(ROWS, FIRST, ago=timedelta(days=30))
    submission = rig.jobs().pinned(asked(rig))
    tables.begun = lambda configuration: tables.write(ROWS, SECOND)
    with pytest.raises(DataError, match="the table was changed while it was copied"):
        rig.jobs().submit(RUN, submission)
    refused = files(rig)
    tables.begun = lambda configuration: None
    tables.content[ROWS].held.pop()
    rig.jobs().submit(RUN, submission)

    assert (submission.snapshots[0].moment, refused, files(rig)) == ("", [], [TEXT])


@pytest.mark.parametrize("how", ["streamed", "VIEW", "EXTERNAL"])
def test_what_tells_of_no_change_is_copied_for_each_run(rig: VertexJobsRig, how: str) -> None:
    table = rig.service.tables.content[ROWS]
    table.streamed, table.kind = how == "streamed", "TABLE" if how == "streamed" else how
    submission = rig.jobs().pinned(asked(rig))
    rig.jobs().submit(RUN, submission)

    assert (submission.snapshots[0].version, files(rig)) == ("", [TEXT])


@pytest.mark.parametrize(
    ("uri", "error", "says"),
    [
        ("bq://acme-data.sales.nobody", NotFoundError, "there is no such table: .*nobody"),
        ("bq://sales.customers", DataError, "this is no address of a table"),
        ("bq://acme-data.sales.customers`; DROP TABLE x", DataError, "this is no address of a table"),
    ],
)
def test_a_table_that_cannot_be_read_is_told_before_a_run_is_on_record(
    rig: VertexJobsRig, uri: str, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        rig.jobs().pinned(asked(rig, uri))


def test_a_table_above_what_one_file_takes_says_so_and_no_job_begins(rig: VertexJobsRig) -> None:
    rig.service.tables.largest = 5
    with pytest.raises(DataError, match="more than the 1 GB that BigQuery writes into one file"):
        rig.jobs().submit(RUN, rig.jobs().pinned(asked(rig)))

    assert (rig.started(), files(rig)) == ([], [])


@FAULTS
def test_what_passes_is_asked_again(rig: VertexJobsRig, order: dict[str, Any]) -> None:
    for method, path in (("GET", "/tables/customers"), ("POST", "/jobs"), ("GET", "/jobs/")):
        rig.service.strike(**{"method": method, "path": path, **order})
    submission = rig.jobs().pinned(asked(rig))
    rig.jobs().submit(RUN, submission)

    assert (len(rig.started()), files(rig)) == (1, [TEXT])
    assert [one.times for one in rig.service.strikes] == [0] * 3


def test_a_kill_at_any_request_is_repaired_by_the_next_command(rig: VertexJobsRig) -> None:
    submission = rig.jobs().pinned(asked(rig))
    number = kills = 0
    while True:
        rig.service.jobs.clear()
        rig.service.buckets.make(DATA)
        rig.service.strikes.clear()
        rig.service.strike(kind="reset", after=number, done=number % 2 == 0)
        try:
            rig.jobs(IMPATIENT).submit(RUN, submission)
        except (ResourceFailedError, AuthenticationError):
            kills += 1
            rig.jobs().submit(RUN, submission)
        assert (len(rig.started()), files(rig)) == (1, [TEXT])
        if rig.service.strikes[0].times:
            break
        number += 1

    assert kills >= 6


@pytest.mark.parametrize(
    ("method", "message", "hint"),
    [
        (
            "GET",
            "Access Denied: Table acme-data:sales.customers: Permission bigquery.tables.get denied on table customers.",
            "Ask for roles/bigquery.dataViewer on bq://acme-data.sales;",
        ),
        (
            "POST",
            "Access Denied: User does not have bigquery.jobs.create permission in project acme-churn.",
            "Ask for roles/bigquery.jobUser on project acme-churn;",
        ),
    ],
)
def test_who_may_not_read_it_is_told_the_role(rig: VertexJobsRig, method: str, message: str, hint: str) -> None:
    body = {"error": {"code": 403, "message": message, "status": "PERMISSION_DENIED"}}
    rig.service.strike(method=method, path="/bigquery/v2/projects/", status=403, body=body)

    with pytest.raises(ResourceFailedError) as refused:
        rig.jobs().submit(RUN, rig.jobs().pinned(asked(rig)))

    assert refused.value.hint.startswith(hint)
