"""One suite for the records that a cloud keeps, through the SDKs' real clients and real HTTP.

The services are stand-ins that hold to the clouds' published rules. Not proved: in which words a real service refuses.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest
from groundplan.core.errors import AuthenticationError, LockedError, NotFoundError, ResourceFailedError
from groundplan.lifecycle.contract.records import Record
from groundplan.lifecycle.patience import Pace

import records_kit
from records_kit import IMPATIENT, RecordsRig
from stand_in.services.http import Request

FAULTS = pytest.mark.parametrize(
    "order",
    [
        {"status": 429, "headers": {"Retry-After": "0"}},
        {"status": 500, "times": 2},
        {"status": 503, "done": True},
        {"kind": "reset"},
        {"kind": "reset", "done": True},
        {"kind": "cut", "done": True},
    ],
    ids=["throttled", "fault", "answer lost", "reset", "reset after it was done", "cut"],
)


@pytest.fixture(scope="module", params=records_kit.PLATFORMS)
def started(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generator[RecordsRig]:
    with records_kit.rig(request.param, tmp_path_factory.mktemp(request.param)) as made:
        yield made


@pytest.fixture
def rig(started: RecordsRig) -> RecordsRig:
    started.reset()
    return started


def test_a_document_is_read_as_it_was_written_and_each_state_has_a_tag_of_its_own(rig: RecordsRig) -> None:
    records = rig.records()
    nothing = records.read("rollouts/churn/current.json")
    first = records.write("rollouts/churn/current.json", "", tag=None)
    second = records.write("rollouts/churn/current.json", '{"näme": "ü"}', tag=first.tag)

    assert nothing is None
    assert rig.records().read("rollouts/churn/current.json") == second == Record(text='{"näme": "ü"}', tag=second.tag)
    assert first.tag != second.tag


@pytest.mark.parametrize("name", ["a b/ü & ?.json", "100%/#1.json", "x/y/z.json"])
def test_a_name_is_one_whatever_it_holds(rig: RecordsRig, name: str) -> None:
    rig.records().write(name, "{}", tag=None)

    found = rig.records().read(name)

    assert (found.text if found else None, list(rig.records().names(""))) == ("{}", [name])


def test_of_two_who_write_at_once_the_second_overwrites_nothing_and_is_told(rig: RecordsRig) -> None:
    ours, theirs = rig.records(), rig.records()
    seen = ours.write("current.json", "1", tag=None)
    kept = theirs.write("current.json", "2", tag=seen.tag)

    with pytest.raises(LockedError, match=r"somebody else changed the record current\.json meanwhile"):
        ours.write("current.json", "3", tag=seen.tag)

    assert ours.read("current.json") == kept


def test_of_two_who_begin_at_once_one_begins(rig: RecordsRig) -> None:
    kept = rig.records().write("current.json", "1", tag=None)

    with pytest.raises(LockedError, match=r"somebody else changed the record current\.json meanwhile"):
        rig.records().write("current.json", "2", tag=None)

    assert rig.records().read("current.json") == kept


def test_a_document_that_somebody_took_away_is_not_put_back(rig: RecordsRig) -> None:
    with pytest.raises(LockedError, match=r"somebody else took away the record current\.json meanwhile"):
        rig.records().write("current.json", "2", tag=rig.gone)

    assert rig.records().read("current.json") is None


@FAULTS
def test_what_passes_is_asked_again_and_done_once(rig: RecordsRig, order: dict[str, Any]) -> None:
    records = rig.records()
    first = records.write("current.json", "1", tag=None)
    for method, path in (rig.writing, rig.reading):
        rig.service.strike(**{"method": method, "path": path, **order})

    second = records.write("current.json", "2", tag=first.tag)
    found = records.read("current.json")

    assert (second.text, found) == ("2", second)
    assert [one.times for one in rig.service.strikes] == [0, 0]


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_a_command_that_is_killed_while_it_writes_leaves_the_old_document_or_the_new(
    rig: RecordsRig, done: bool
) -> None:
    first = rig.records().write("current.json", "1", tag=None)
    rig.service.strike(kind="reset", method=rig.writing[0], path=rig.writing[1], done=done)

    with pytest.raises(ResourceFailedError, match=r"could not write the record current\.json"):
        rig.records(IMPATIENT).write("current.json", "2", tag=first.tag)
    found = rig.records().read("current.json")

    assert found is not None
    assert found.text == ("2" if done else "1")
    assert rig.records().write("current.json", "2", tag=first.tag).text == "2"


def test_names_come_sorted_from_as_many_pages_as_there_are(rig: RecordsRig) -> None:
    rig.page(3)
    names = [f"rollouts/churn/{number:02}.json" for number in range(10)]
    for name in [*reversed(names), "audit/1.json", "rollouts-old/1.json"]:
        rig.records().write(name, "{}", tag=None)

    assert list(rig.records().names("rollouts/")) == names
    assert list(rig.records().names("nothing/")) == []


def test_who_may_not_is_told_which_role_to_ask_for_and_who_grants_it(rig: RecordsRig) -> None:
    rig.service.strike(path=rig.writing[1], **rig.refusal())

    with pytest.raises(ResourceFailedError, match=r"could not write the record current\.json") as refused:
        rig.records().write("current.json", "1", tag=None)

    assert refused.value.hint.startswith(rig.role)


def test_a_sign_in_that_is_not_taken_is_an_authentication_error(rig: RecordsRig) -> None:
    rig.service.strike(path=rig.reading[1], status=401, times=9)

    with pytest.raises(AuthenticationError):
        rig.records().read("current.json")


def test_a_service_that_does_not_come_back_is_told(rig: RecordsRig) -> None:
    rig.service.strike(path=rig.reading[1], status=503, times=99)

    with pytest.raises(ResourceFailedError, match=r"could not read the record current\.json"):
        rig.records(Pace(first_seconds=0.001, longest_seconds=0.002, tries=3)).read("current.json")

    assert len([path for _, path in rig.service.requests if rig.reading[1] in path]) == 3


def test_a_store_that_is_gone_is_no_empty_one(rig: RecordsRig) -> None:
    with rig.service.store.changing() as content:
        content["resources"].clear()

    with pytest.raises(NotFoundError) as gone:
        rig.records().read("current.json")

    assert "groundplan up" in gone.value.hint


def test_a_change_of_somebody_else_between_two_tries_is_not_taken_for_ones_own(rig: RecordsRig) -> None:
    first = rig.records().write("current.json", "1", tag=None)
    theirs = rig.records()

    def meanwhile(request: Request) -> None:
        if request.method == rig.writing[0] and rig.writing[1] in request.path:
            rig.service.meanwhile = None
            rig.overwrite("current.json", "theirs")

    rig.service.meanwhile = meanwhile

    with pytest.raises(LockedError):
        rig.records().write("current.json", "2", tag=first.tag)

    found = theirs.read("current.json")
    assert found is not None
    assert found.text == "theirs"
