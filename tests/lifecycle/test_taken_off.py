"""What was taken off endpoints stays known by the number that a cloud's log calls it by."""

from __future__ import annotations

import pytest
from groundplan.core.errors import StoreCorruptedError
from groundplan.lifecycle.contract.serving import DeployedModel
from groundplan.lifecycle.recorded.taken_off import TakenOff

from memory_cloud import Fuse, MemoryRecords

BY_NAME = "projects/acme-churn/locations/europe-west4/endpoints/123456789"
BY_NUMBER = "projects/123456789012/locations/europe-west4/endpoints/123456789"
DOCUMENT = "taken-off/123456789.json"


def model(id: str, version: str, endpoint: str = BY_NUMBER) -> DeployedModel:
    return DeployedModel(endpoint=endpoint, id=id, model="churn", version=version, traffic=0)


@pytest.fixture
def records() -> MemoryRecords:
    return MemoryRecords(fuse=Fuse())


@pytest.fixture
def taken_off(records: MemoryRecords) -> TakenOff:
    return TakenOff(records={"123456789": records})


def test_every_version_that_was_taken_off_is_known_whatever_the_project_is_called(taken_off: TakenOff) -> None:
    nothing = taken_off.of(BY_NAME)
    taken_off.note([model("11", "1"), model("12", "2")])
    taken_off.note([model("31", "1", BY_NAME)])

    assert (nothing, taken_off.of(BY_NAME), taken_off.of(BY_NUMBER)) == (
        {}, {"11": 1, "12": 2, "31": 1}, {"11": 1, "12": 2, "31": 1}
    )  # fmt: skip


def test_what_is_on_record_already_is_not_written_again(taken_off: TakenOff, records: MemoryRecords) -> None:
    taken_off.note([model("11", "1"), model("12", "2")])
    writes = records.writes
    taken_off.note([model("11", "1")])

    assert records.writes == writes


def test_of_two_who_take_off_at_once_neither_is_lost(taken_off: TakenOff, records: MemoryRecords) -> None:
    records.meanwhile = lambda name: records.put(name, '{"99": 9}')

    taken_off.note([model("11", "1")])

    assert taken_off.of(BY_NAME) == {"99": 9, "11": 1}


def test_what_is_none_of_ours_is_left_out(taken_off: TakenOff, records: MemoryRecords) -> None:
    taken_off.note([model("11", "some-alias"), model("12", "2", BY_NAME.replace("123456789", "987654321"))])

    assert (records.documents, taken_off.of(f"{BY_NAME}0")) == ({}, {})


def test_a_damaged_record_is_told(taken_off: TakenOff, records: MemoryRecords) -> None:
    records.put(DOCUMENT, '{"11": "one"}')

    with pytest.raises(StoreCorruptedError, match="does not describe what was taken off an endpoint"):
        taken_off.of(BY_NAME)
