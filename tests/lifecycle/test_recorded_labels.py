"""Labels on record: from two machines at once, by clocks that go wrong, through kills."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from groundplan.core import clock
from groundplan.core.errors import StoreCorruptedError
from groundplan.lifecycle.contract.monitoring import FeedbackOutcome, Label
from groundplan.lifecycle.contract.records import Record

from memory_cloud import Killed
from monitoring_kit import log_line
from watched_cloud import Cloud, at, cloud_in, feedback, six_hours, text


@pytest.fixture
def cloud(tmp_path: Path) -> Cloud:
    return cloud_in(tmp_path)


@pytest.fixture
def truths(cloud: Cloud) -> list[Label]:
    return six_hours(cloud)


def test_labels_are_joined_by_request_and_whatever_cannot_be_is_counted(cloud: Cloud) -> None:
    row: dict[str, object] = {"age": 40.0}
    batch = log_line(text(5, 2), row, "yes", request_id="batch", rows=2, inputs=[row, row], outputs=["yes", "no"])
    cloud.requests.come("churn-dev", [log_line(text(5, 1), row, "yes", request_id="one"), batch])
    monitors = cloud.machine()

    unknown, beyond = Label(request_id="nobody", value="yes"), Label(request_id="batch", value="c", row=2)
    first = feedback(
        monitors, Label(request_id="one", value="yes"), Label(request_id="batch", value="b", row=1), unknown, beyond
    )
    second = feedback(monitors, Label(request_id="one", value="no"), Label(request_id="batch", value="b", row=1))

    refused = ("batch: there is no row 2; the request has 2",)
    assert first == FeedbackOutcome(kept=2, late=2, unknown=("nobody",), refused=refused)
    assert second == FeedbackOutcome(kept=1, changed=1, repeated=1, late=1)
    assert {key: label.value for key, label in monitors.labels("churn", "dev").items()} == {
        ("one", 0): "no", ("batch", 1): "b"
    }  # fmt: skip


def test_the_log_is_read_back_until_all_requests_are_found(cloud: Cloud, truths: list[Label]) -> None:
    feedback(cloud.machine("mine"), *truths[-10:])
    near = list(cloud.requests.asked)
    cloud.requests.asked.clear()

    cloud.requests.come("churn-dev", [log_line("2025-11-01T00:00:00.000Z", {"age": 40.0}, "yes", request_id="older")])
    outcome = feedback(cloud.machine("yours"), Label(request_id="nobody", value="yes"))

    assert min(near)[0] > clock.to_text(at(6, 30) - timedelta(days=2))
    assert (outcome.unknown, min(cloud.requests.asked)[0][:10]) == (("nobody",), "2025-12-01")


def test_an_id_that_nobody_knows_is_not_looked_for_before_the_log_began(cloud: Cloud, truths: list[Label]) -> None:
    cloud.requests.come("churn-dev", [log_line("2026-02-25T05:30:00.000Z", {"age": 40.0}, "yes", request_id="first")])

    first = Label(request_id="first", value="yes")
    outcome = feedback(cloud.machine("mine"), Label(request_id="nobody", value="yes"), first)

    assert (outcome.kept, outcome.unknown) == (1, ("nobody",))
    assert min(cloud.requests.asked)[0] == "2026-02-25T05:00:00.000Z"


def test_two_machines_that_keep_labels_at_the_same_time_lose_none(cloud: Cloud, truths: list[Label]) -> None:
    mine, yours = cloud.machine("mine"), cloud.machine("yours")
    cloud.cloud.records["dev"].meanwhile = lambda _: feedback(yours, *truths[100:300]) and None

    feedback(mine, *truths[:200])

    for machine in (mine, yours, cloud.machine("new")):
        assert set(machine.labels("churn", "dev")) == {(label.request_id, 0) for label in truths[:300]}


def test_the_later_label_of_a_row_counts_although_its_machine_has_the_earlier_time(
    cloud: Cloud, truths: list[Label]
) -> None:
    feedback(cloud.machine("mine"), replace(truths[0], value="first"), now=text(6, 30))
    feedback(cloud.machine("yours"), replace(truths[0], value="second"), now=text(6, 27))

    assert [one.value for one in cloud.machine().labels("churn", "dev").values()] == ["second"]


def test_rows_with_their_labels_are_found_without_reading_other_hours(cloud: Cloud, truths: list[Label]) -> None:
    feedback(cloud.machine("mine"), truths[160], truths[610])
    cloud.requests.asked.clear()

    rows = cloud.machine("new").labelled_rows("churn", "dev", now=text(7))

    assert [(row.when[11:13], row.label) for row in rows] == [("01", truths[160].value), ("04", truths[610].value)]
    assert cloud.requests.asked == [(text(1), text(2)), (text(4), text(5))]


def test_a_record_of_labels_that_was_damaged_is_named(cloud: Cloud, truths: list[Label]) -> None:
    feedback(cloud.machine("mine"), truths[0])
    (name,) = cloud.records.names("monitoring/churn/labels/")
    cloud.records.documents[name] = Record(text="[{]", tag='"x"')

    with pytest.raises(StoreCorruptedError, match="damaged: it does not hold labels") as error:
        cloud.machine("new").labels("churn", "dev")

    assert error.value.problems[0].where == name


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("left", [0, 1])
def test_labels_that_a_kill_left_out_can_come_again(
    cloud: Cloud, truths: list[Label], monkeypatch: pytest.MonkeyPatch, left: int, done: bool
) -> None:
    monkeypatch.setattr("groundplan.lifecycle.recorded.labels._MOST", 100)
    cloud.cloud.fuse.left, cloud.cloud.fuse.done = left, done
    with pytest.raises(Killed):
        feedback(cloud.machine("mine"), *truths[:200])

    outcome = feedback(cloud.machine("mine"), *truths[:200])

    kept = 100 * (left + done)
    assert (outcome.kept, outcome.repeated) == (200 - kept, kept)
    assert len(cloud.machine("new").labels("churn", "dev")) == 200
