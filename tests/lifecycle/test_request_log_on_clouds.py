"""One suite for what the clouds' endpoints logged, read back through the SDKs' real clients and real HTTP.

The services are stand-ins that log as the clouds publish it (docs/adr/0022). Not proved: how late a real line comes,
whether a real service draws both halves of an exchange together, in which words it refuses.
"""

from __future__ import annotations

import json
from collections.abc import Generator

import pytest
from groundplan.core.errors import NotFoundError, ResourceFailedError
from groundplan.lifecycle.azureml import log_blobs
from groundplan.lifecycle.contract.request_log import LogRemarks

import request_log_kit
from request_log_kit import LogRig
from stand_in.services import AzureMLService, VertexService
from stand_in.services.http import Answer

SINCE, UNTIL = "2026-11-27T10:00:00.000Z", "2026-11-27T11:00:00.000Z"


@pytest.fixture(scope="module", params=request_log_kit.PLATFORMS)
def started(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generator[LogRig]:
    with request_log_kit.rig(request.param, tmp_path_factory.mktemp(request.param)) as made:
        yield made


@pytest.fixture
def rig(started: LogRig) -> LogRig:
    started.reset()
    return started


OF_AZURE = pytest.mark.parametrize("started", ["azureml"], indirect=True)
OF_VERTEX = pytest.mark.parametrize("started", ["vertex"], indirect=True)
"""For what one of them has alone."""


def test_what_was_predicted_comes_back_under_the_id_that_the_caller_was_given(rig: LogRig) -> None:
    rig.serve(1)
    first = rig.ask({"age": 41, "plan": "ä", "new": True}, {"age": 7.5, "plan": None, "new": False},
                    at="2026-11-27T10:05:00+00:00")  # fmt: skip
    rig.serve(2)
    second = rig.ask({"age": 3, "plan": "b", "new": True}, at="2026-11-27T10:06:00+00:00")
    rig.logging.deliver()

    assert rig.read(SINCE, UNTIL) == ([first, second], LogRemarks())
    assert ([first["version"], second["version"]], first["request_id"] != second["request_id"]) == ([1, 2], True)


def test_a_stretch_of_time_has_what_came_from_its_beginning_to_before_its_end(rig: LogRig) -> None:
    rig.serve(1)
    asked = [
        rig.ask({"age": number}, at=at)
        for number, at in enumerate(("2026-11-27T09:59:59+00:00", "2026-11-27T10:00:00+00:00",
                                     "2026-11-27T11:59:59+01:00", "2026-11-27T11:00:00+00:00"))
    ]  # fmt: skip
    rig.logging.deliver()

    assert rig.read(SINCE, UNTIL)[0] == asked[1:3]
    assert rig.read("2026-11-27T10:00:00+00:00", "2026-11-27T12:00:00+01:00")[0] == asked[1:3]
    assert rig.read("2026-11-26T23:00:00.000Z", "2026-11-28T00:00:00.000Z") == (asked, LogRemarks())
    assert rig.read("2026-11-27T10:00:01.000Z", "2026-11-27T10:00:02.000Z")[0] == []


@OF_AZURE
def test_the_log_began_with_the_first_day_of_any_version(rig: LogRig) -> None:
    nothing = rig.log().begun(rig.endpoint)
    rig.serve(1)
    rig.ask({"age": 1}, at="2026-03-02T10:05:00+00:00")
    rig.ask({"age": 2}, at="2025-12-31T10:05:00+00:00")
    rig.serve(2)
    rig.ask({"age": 3}, at="2026-01-01T00:00:00+00:00")
    rig.logging.deliver()
    rig.started.service.requests.clear()

    assert (nothing, rig.log().begun(rig.endpoint)) == ("", "2025-12-30T23:00:00.000Z")
    assert rig.started.service.asked("GET", "/requests") == 1 + 2 + 1 + 1


@OF_VERTEX
def test_the_log_of_an_endpoint_began_no_earlier_than_the_endpoint(rig: LogRig) -> None:
    rig.started.service.store.change(rig.endpoint, {"createTime": "2026-11-01T10:20:30.000000Z"})

    assert rig.log().begun(rig.endpoint) == "2026-11-01T10:20:30.000Z"


def test_a_line_comes_some_time_after_its_request(rig: LogRig) -> None:
    rig.serve(1)
    rig.logging.delay = 1000
    asked = rig.ask({"age": 41}, at="2026-11-27T10:05:00+00:00")
    before = rig.read(SINCE, UNTIL)[0]
    rig.logging.deliver()

    assert (before, rig.read(SINCE, UNTIL)[0]) == ([], [asked])
    assert 60 <= rig.log().late_seconds <= 3600


def test_the_lines_of_all_versions_come_in_the_order_of_their_time(rig: LogRig) -> None:
    rig.serve(1)
    late = [rig.ask({"age": number}, at=f"2026-11-27T{11 - number:02}:30:00+00:00") for number in range(3)]
    rig.serve(2)
    early = [rig.ask({"age": 9 + number}, at=f"2026-11-27T{11 - number:02}:10:00+00:00") for number in range(3)]
    rig.logging.deliver()

    lines = rig.read("2026-11-27T09:00:00.000Z", "2026-11-27T12:00:00.000Z")[0]

    assert lines == sorted([*late, *early], key=lambda one: one["time"])


def test_a_version_that_was_taken_off_is_still_known(rig: LogRig) -> None:
    rig.serve(1)
    asked = rig.ask({"age": 41}, at="2026-11-27T10:05:00+00:00")
    rig.serve(2)
    rig.take_off(1)
    rig.logging.deliver()

    assert rig.started.left() == [one for one in rig.started.left() if not one.endswith("v-1")]
    assert rig.read(SINCE, UNTIL) == ([asked], LogRemarks())


def test_a_request_that_was_not_drawn_has_no_line(rig: LogRig) -> None:
    rig.reset(share=0.1)
    rig.serve(1)
    rig.logging.dice = lambda: 0.5
    rig.ask({"age": 1}, at="2026-11-27T10:05:00+00:00")
    rig.logging.dice = lambda: 0.05
    drawn = rig.ask({"age": 2}, at="2026-11-27T10:06:00+00:00")
    rig.logging.deliver()

    assert rig.read(SINCE, UNTIL) == ([drawn], LogRemarks())


@OF_AZURE
def test_of_an_exchange_of_which_one_half_was_not_drawn_nothing_is_said(rig: LogRig) -> None:
    rig.reset(share=0.1)
    rig.serve(1)
    draws = iter([0.05, 0.5, 0.5, 0.05, 0.05, 0.05])
    rig.logging.dice = lambda: next(draws)
    asked = [rig.ask({"age": number}, at=f"2026-11-27T10:0{number}:00+00:00") for number in range(3)]
    rig.logging.deliver()

    lines, met = rig.read(SINCE, UNTIL)

    assert (lines, met) == (asked[2:], LogRemarks(halves=1))
    assert met.notes() == ("1 logged requests have no logged answer and were left out",)


def test_damaged_lines_are_left_out_and_counted(rig: LogRig) -> None:
    rig.serve(1)
    asked = rig.ask({"age": 41}, at="2026-11-27T10:05:00+00:00")
    rig.logging.deliver()
    if rig.platform == "vertex":
        for inputs, answers in (('["{"]', '["1"]'), ('["[1, 2]"]', '["1"]'), ('["{}", "{}"]', '["1"]'),
                                ('["{}"]', '["no"]'), ("[]", '["1"]')):  # fmt: skip
            rig.put("2026-11-27T10:07:00+00:00", asked=inputs, answered=answers)
    else:
        event = {"time": "2026-11-27T10:07:00Z", "data": [[1]]}
        wrong = [
            '{"specversion": "1.',
            "7",
            "[]",
            json.dumps(event),
            json.dumps({**event, "xrequestid": "a", "time": "?"}),
        ]
        rig.put("2026-11-27T10:07:00+00:00", asked="\n".join(wrong), answered="\n\n  \n")

    lines, met = rig.read(SINCE, UNTIL)

    assert (lines, met) == ([asked], LogRemarks(damaged=5))
    assert met.notes() == ("5 lines of the request log are damaged and were left out",)


@OF_AZURE
@pytest.mark.parametrize(
    ("asked", "remarks"),
    [
        ({"input_data": {"columns": ["a"], "data": [[1, 2]]}}, LogRemarks(damaged=1)),
        ({"input_data": {"columns": "a", "data": [[1]]}}, LogRemarks(damaged=1)),
        ({"input_data": [[1]]}, LogRemarks(damaged=1)),
        ({"input_data": {"columns": ["a"], "data": [[1], [2]]}}, LogRemarks(damaged=1)),
        ([1], LogRemarks(damaged=1)),
        ({"input_data": [{"a": 1}]}, LogRemarks()),
    ],
    ids=["row too long", "no columns", "no names", "another number of rows", "no object", "objects"],
)
def test_rows_that_have_no_names_are_damaged(rig: LogRig, asked: object, remarks: LogRemarks) -> None:
    event = {"xrequestid": "a", "time": "2026-11-27T10:07:00Z"}
    rig.put("2026-11-27T10:07:00+00:00", asked=json.dumps({**event, "data": asked}),
            answered=json.dumps({**event, "data": ["yes"]}))  # fmt: skip

    lines, met = rig.read(SINCE, UNTIL)

    assert met == remarks
    assert [one["inputs"] for one in lines] == ([] if met.damaged else [[{"a": 1}]])


def test_what_was_answered_without_predictions_is_counted(rig: LogRig) -> None:
    rig.serve(1)
    if isinstance(rig.started.service, AzureMLService):
        refusal = Answer(status=424, body={"error": {"message": "no column age"}})
        rig.started.service.online.answering = refusal
        with pytest.raises(ResourceFailedError):
            rig.ask({"size": 1}, at="2026-11-27T10:05:00+00:00")
        rig.logging.deliver()
    else:
        rig.put("2026-11-27T10:05:00+00:00", asked='["{}"]', answered="[]")

    assert rig.read(SINCE, UNTIL) == ([], LogRemarks(failed=1))


def test_what_groundplan_did_not_deploy_is_left_out(rig: LogRig) -> None:
    rig.serve(1)
    asked = rig.ask({"age": 41}, at="2026-11-27T10:05:00+00:00")
    rig.logging.deliver()
    if isinstance(rig.started.service, AzureMLService):
        rig.started.service.blobs.put(
            "stchurndev", "requests", "churn-dev-0a1b/blue/request/2026/11/27/10/x.jsonl", b"{"
        )
        rig.started.service.blobs.put("stchurndev", "requests", "churn-dev-0a1b/readme.txt", b"{")
        strangers = 0
    else:
        rig.put("2026-11-27T10:05:00+00:00", asked='["{}"]', answered='["1"]', id="4711")
        strangers = 1

    assert rig.read(SINCE, UNTIL) == ([asked], LogRemarks(strangers=strangers))


@OF_VERTEX
def test_a_payload_that_is_the_whole_body_is_read_as_well(rig: LogRig) -> None:
    rig.serve(1)
    asked = rig.ask({"age": 41}, at="2026-11-27T10:05:00+00:00")
    rig.logging.deliver()
    body = json.dumps([json.dumps({"instances": [{"age": 41.0}]})])
    answer = json.dumps(
        [json.dumps({"predictions": [{"prediction": "stays", "probabilities": {"stays": 0.75, "leaves": 0.25}}]})]
    )
    rig.put("2026-11-27T10:05:00+00:00", asked=body, answered=answer)

    assert rig.read(SINCE, UNTIL) == ([asked, asked], LogRemarks())


def test_the_same_rows_asked_again_of_the_same_version_have_the_same_id_on_vertex_ai_alone(rig: LogRig) -> None:
    rig.serve(1)
    for at in ("2026-11-27T10:05:00+00:00", "2026-11-27T10:06:00+00:00"):
        rig.ask({"age": 41, "plan": "a"}, at=at)
    rig.logging.deliver()

    ids = [one["request_id"] for one in rig.read(SINCE, UNTIL)[0]]

    assert (len(ids), len(set(ids))) == (2, 1 if rig.platform == "vertex" else 2)


@OF_AZURE
def test_a_request_that_is_too_large_for_the_log_is_counted(rig: LogRig) -> None:
    rig.serve(1)
    rig.ask({"text": "a" * 4 * 1024 * 1024}, at="2026-11-27T10:05:00+00:00")
    rig.logging.deliver()

    assert rig.read(SINCE, UNTIL) == ([], LogRemarks(elsewhere=1))


def test_however_many_lines_there_are_they_come_a_page_at_a_time(rig: LogRig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_blobs, "_PIECE", 500)
    rig.serve(1)
    asked = [
        rig.ask({"age": number}, at=f"2026-11-27T{hour}:{number:02}:00+00:00")
        for hour in (10, 11, 12, 13) for number in range(3)
    ]  # fmt: skip
    rig.logging.deliver()
    if isinstance(rig.started.service, AzureMLService):
        rig.started.service.blobs.page = 1
    if isinstance(rig.started.service, VertexService):
        rig.started.service.bigquery.page = 2
    rig.started.service.requests.clear()

    lines = rig.log(page=4).lines(rig.endpoint, SINCE, "2026-11-27T14:00:00.000Z")
    begun = next(lines)
    soon = len(rig.reading)

    assert [begun, *lines] == asked
    assert soon < len(rig.reading)


def test_no_more_is_asked_for_than_the_stretch_of_time_needs(rig: LogRig) -> None:
    rig.serve(1)
    for at in ("2026-11-25T10:05:00+00:00", "2026-11-27T08:05:00+00:00", "2026-11-27T10:05:00+00:00",
               "2026-11-27T11:20:00+00:00", "2026-11-27T13:05:00+00:00"):  # fmt: skip
        rig.ask({"age": 41}, at=at)
    rig.logging.deliver()
    rig.started.service.requests.clear()

    assert [one["time"] for one in rig.read(SINCE, UNTIL)[0]] == ["2026-11-27T10:05:00.000Z"]
    if rig.platform == "azureml":
        # A line may come late: the next hour's folder is looked at, too.
        assert [path.split("/")[-5:-1] for path in rig.reading if path.endswith(".jsonl")] == [
            ["2026", "11", "27", hour] for hour in ("10", "10", "11", "11")
        ]
    assert len(rig.reading) == {"azureml": 7, "vertex": 4}[rig.platform]


@OF_AZURE
def test_of_a_version_that_was_asked_nothing_one_list_is_read(rig: LogRig) -> None:
    rig.serve(1)
    rig.ask({"age": 41}, at="2026-11-25T10:05:00+00:00")
    rig.logging.deliver()
    rig.started.service.requests.clear()

    assert rig.read(SINCE, UNTIL) == ([], LogRemarks())
    # Which versions logged anything, and what this one was asked on that day.
    assert list(rig.reading) == ["/requests", "/requests"]


def test_nothing_is_logged_yet(rig: LogRig) -> None:
    assert rig.read(SINCE, UNTIL) == ([], LogRemarks())


def test_an_endpoint_that_logs_nothing_has_no_lines(rig: LogRig) -> None:
    if rig.platform == "vertex":
        rig.started.service.store.change(rig.endpoint, {"predictRequestResponseLoggingConfig": {}})
    else:
        rig.started.service.store.change(rig.endpoint, {"tags": {}})
    rig.serve(1)
    rig.ask({"age": 41}, at="2026-11-27T10:05:00+00:00")
    rig.logging.deliver()

    assert rig.read(SINCE, UNTIL) == ([], LogRemarks())


def test_a_store_that_is_not_there_is_told_with_the_way_out(rig: LogRig) -> None:
    there = {"azureml": request_log_kit.CONTAINER, "vertex": request_log_kit.DATASET}
    rig.started.service.store.delete(there[rig.platform])

    with pytest.raises(NotFoundError) as missing:
        rig.read(SINCE, UNTIL)

    assert missing.value.hint.startswith("groundplan up makes")
