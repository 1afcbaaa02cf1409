"""What an online endpoint of Azure ML answers, counts and logs, through the SDKs' real clients over HTTPS.

The service is a stand-in by Azure's published lists. Not proved: whether real metrics count copies as requests of the
deployment that gets them.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from groundplan.core import clock
from groundplan.core.errors import (
    AuthenticationError,
    NotFoundError,
    ResourceFailedError,
)
from groundplan.lifecycle.contract.traffic import Observation

import azure_endpoint
import serving_kit
from azure_endpoint import ENDPOINT, azure, cloud, split
from serving_kit import Rig
from stand_in.services.http import Answer, Request
from stand_in.services.insights import Point


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Generator[Rig]:
    with serving_kit.rig("azureml", tmp_path_factory.mktemp("azureml")) as made:
        yield made


@pytest.fixture
def rig(started: Rig) -> Rig:
    return azure_endpoint.reset(started)


def test_predictions_are_asked_as_azure_serves_a_model_of_mlflow_and_the_shares_decide_who_answers(rig: Rig) -> None:
    rig.deploy({"v-1": 100})

    answer = azure(rig).predict(ENDPOINT, [{"tenure": 1, "plan": "a"}, {"tenure": 2}])

    assert (answer["predictions"], azure(rig).address(ENDPOINT)) == (
        ["v-1", "v-1"], "https://churn-dev-0a1b.westeurope.inference.ml.azure.com/score"
    )  # fmt: skip


def test_the_caller_is_told_how_azure_calls_each_request(rig: Rig) -> None:
    rig.deploy({"v-1": 100})
    adapter = azure(rig)
    cloud(rig).online.answering = Answer(body=["yes"], headers={"x-request-id": "11111111-aaaa"})
    first = adapter.predict(ENDPOINT, [{"tenure": 1}])
    rig.service.strike(path="/score", status=429, headers={"Retry-After": "0", "x-request-id": "of the one refused"})
    cloud(rig).online.answering = Answer(body=["yes"], headers={"x-request-id": "22222222-bbbb"})
    second = adapter.predict(ENDPOINT, [{"tenure": 1}])

    assert [one["request_id"] for one in (first, second)] == ["11111111-aaaa", "22222222-bbbb"]


def test_an_answer_that_is_an_object_is_passed_through(rig: Rig) -> None:
    rig.deploy({"v-1": 100})
    cloud(rig).online.answering = Answer(body={"predictions": [1], "model": "churn"})

    answer = azure(rig).predict(ENDPOINT, [{"tenure": 1}])

    assert (answer["predictions"], answer["model"]) == ([1], "churn")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(status=424, body={"error": {"message": "model 500: no column tenure"}}), "no column tenure"),
        (Answer(content=b"<html>", headers={"Content-Type": "text/html"}), "did not answer in JSON: <html>"),
        (Answer(status=502, content=b"bad gateway", headers={"Content-Type": "text/plain"}), "bad gateway"),
    ],
    ids=["the model fails", "no JSON", "no JSON in a failure"],
)
def test_an_answer_that_is_none_is_told_in_its_own_words(rig: Rig, answer: Answer, said: str) -> None:
    rig.deploy({"v-1": 100})
    cloud(rig).online.answering = answer

    with pytest.raises(ResourceFailedError, match=said):
        azure(rig).predict(ENDPOINT, [{"tenure": 1}])


def test_who_may_not_ask_for_predictions_is_told_the_role_for_that(rig: Rig) -> None:
    rig.deploy({"v-1": 100})
    rig.service.strike(path="/score", status=403, body={"error": {"message": "no permission"}})

    with pytest.raises(ResourceFailedError) as refused:
        azure(rig).predict(ENDPOINT, [{"tenure": 1}])

    assert refused.value.hint.startswith(
        "Ask for groundplan's own role Endpoint Invoker, on resource group rg-churn-dev"
    )


def test_a_sign_in_that_the_endpoint_does_not_take_is_an_authentication_error(rig: Rig) -> None:
    rig.deploy({"v-1": 100})
    rig.service.strike(path="/score", status=401, body={"error": {"message": "token expired"}}, times=9)

    with pytest.raises(AuthenticationError):
        azure(rig).predict(ENDPOINT, [{"tenure": 1}])


SINCE = datetime(2026, 11, 27, 10, 0, 30, tzinfo=UTC)
FIRST = datetime(2026, 11, 27, 10, 1, tzinfo=UTC)


def requests(version: str, minute: datetime, value: float | None, code: str = "2xx") -> Point:
    dimensions = (("deployment", version), ("statusCodeClass", code))
    return Point(metric="RequestsPerMinute", minute=minute, value=value, dimensions=dimensions)


def latency(version: str, minute: datetime, p50: float, p95: float) -> list[Point]:
    return [
        Point(metric=f"RequestLatency_{name}", minute=minute, value=value, dimensions=(("deployment", version),))
        for name, value in (("P50", p50), ("P95", p95))
    ]


def observed(version: int, **known: Any) -> Observation:
    nothing: dict[str, Any] = {"requests": 0, "errors": 0, "latency_p50_ms": None, "latency_p95_ms": None}
    return Observation(version=version, since=clock.to_text(SINCE), **{**nothing, **known})


def test_what_versions_did_is_counted_by_whole_minutes_since_the_moment(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: FIRST + timedelta(days=2, hours=3))
    rig.deploy({"v-1": 90, "v-2": 10, "v-4": 0, "blue": 0})
    split(rig, {1: 90, 2: 10}, mirrored=4, mirror_share=20)
    next_minute, next_day = FIRST + timedelta(minutes=1), FIRST + timedelta(days=1, hours=1)
    cloud(rig).insights.points += [
        requests("v-1", FIRST - timedelta(minutes=1), 500),
        requests("v-1", FIRST, 30), requests("v-1", next_day, 10), requests("v-1", FIRST, 2, "5xx"),
        requests("v-1", FIRST, 3, "4xx"), requests("v-1", next_minute, None),
        *latency("v-1", FIRST, 10.0, 40.0), *latency("v-1", next_day, 28.0, 130.0),
        *latency("v-1", next_minute, 9.0, 9.0), requests("v-3", FIRST, 7),
        requests("v-4", FIRST, 9), requests("v-4", FIRST, 1, "5xx"), requests("blue", FIRST, 5),
    ]  # fmt: skip

    seen = azure(rig).observe(ENDPOINT, clock.to_text(SINCE))

    p50, p95 = (10.0 * 35 + 28.0 * 10) / 45, (40.0 * 35 + 130.0 * 10) / 45
    assert seen == [
        observed(1, requests=45, errors=2, latency_p50_ms=p50, latency_p95_ms=p95),
        observed(2),
        observed(3, requests=7),
        observed(4, mirrored=10, errors=1),
    ]


def test_what_versions_did_is_counted_up_to_a_moment_where_one_is_given(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: FIRST + timedelta(hours=3))
    rig.deploy({"v-1": 100})
    cloud(rig).insights.points += [requests("v-1", FIRST, 30), requests("v-1", FIRST + timedelta(hours=1), 500)]

    seen = azure(rig).observe(ENDPOINT, clock.to_text(SINCE), clock.to_text(FIRST + timedelta(hours=1)))

    assert seen == [observed(1, requests=30)]


def test_no_version_is_left_out_however_many_there_are(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: FIRST + timedelta(hours=1))
    cloud(rig).insights.points += [requests(f"v-{number}", FIRST, number) for number in range(1, 31)]

    seen = azure(rig).observe(ENDPOINT, clock.to_text(SINCE))

    assert [(one.version, one.requests) for one in seen] == [(number, number) for number in range(1, 31)]


def test_a_moment_that_is_not_a_minute_ago_has_nothing_to_count(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: SINCE + timedelta(seconds=5))
    rig.deploy({"v-1": 100})

    assert azure(rig).observe(ENDPOINT, clock.to_text(SINCE)) == [observed(1)]
    assert [path for _, path in rig.service.requests if "Insights" in path] == []


def test_who_may_not_read_metrics_is_told_the_role_for_that(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: FIRST + timedelta(hours=1))
    body = {"error": {"code": "AuthorizationFailed", "message": "does not have authorization"}}
    rig.service.strike(path="/metrics", status=403, body=body)

    with pytest.raises(ResourceFailedError) as refused:
        azure(rig).observe(ENDPOINT, clock.to_text(SINCE))

    assert refused.value.hint.startswith(
        "Ask for Monitoring Reader, or groundplan's own role MLOps Deployer, on resource group rg-churn-dev"
    )


def test_the_last_lines_of_a_versions_container_are_given(rig: Rig) -> None:
    rig.deploy({"v-1": 100})
    cloud(rig).online.logs["v-1"] = "one\ntwo\nthree\n"

    assert azure(rig).log(ENDPOINT, 1, lines=2) == "two\nthree\n"
    with pytest.raises(NotFoundError, match="no deployment v-9 at this endpoint"):
        azure(rig).log(ENDPOINT, 9, lines=2)


def test_what_azure_reads_of_a_request_is_json_that_names_no_deployment(rig: Rig) -> None:
    rig.deploy({"v-1": 100})
    seen: list[Request] = []
    rig.service.meanwhile = lambda request: seen.append(request) if request.path == "/score" else None

    azure(rig).predict(ENDPOINT, [{"tenure": 1, "plan": None}])

    (request,) = seen
    assert json.loads(request.content) == {
        "input_data": {"columns": ["tenure", "plan"], "index": [0], "data": [[1, None]]}
    }
    assert "azureml-model-deployment" not in request.headers


@pytest.mark.parametrize(
    "order",
    [
        {"status": 429, "headers": {"Retry-After": "0"}},
        {"status": 503},
        {"kind": "reset", "done": True},
        {"kind": "cut", "done": True},
    ],
    ids=["throttled", "unavailable", "reset", "cut"],
)
def test_what_passes_is_asked_again(rig: Rig, order: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: FIRST + timedelta(hours=1))
    rig.deploy({"v-1": 100})
    cloud(rig).online.logs["v-1"] = "one\n"
    for path in ("/score", "/getLogs", "/metrics"):
        rig.service.strike(path=path, **order)

    answer = azure(rig).predict(ENDPOINT, [{"tenure": 1}])
    seen = azure(rig).observe(ENDPOINT, clock.to_text(SINCE))

    assert (answer["predictions"], azure(rig).log(ENDPOINT, 1, lines=2)) == (["v-1"], "one\n")
    assert ([one.version for one in seen], [one.times for one in rig.service.strikes]) == ([1], [0, 0, 0])
