"""What Vertex AI's endpoints answer, did and wrote, through the SDK's real clients and real HTTP.

The service is a stand-in that decodes by Google's discovery documents. Not proved: how long real work takes, in which
words a real service refuses, when a metric can be seen.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Generator
from typing import Any

import pytest
from groundplan.core import clock
from groundplan.core.errors import (
    NotFoundError,
    ResourceFailedError,
    UsageError,
)
from groundplan.lifecycle.contract.traffic import Observation
from groundplan.lifecycle.vertex.request_ids import request_id

import serving_kit
from serving_kit import LOCATION, Rig
from stand_in.services.google_telemetry import Point
from vertex_kit import FAULTS, deploy, route, vertex


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Generator[Rig]:
    with serving_kit.rig("vertex", tmp_path_factory.mktemp("vertex")) as made:
        yield made


@pytest.fixture
def rig(started: Rig) -> Rig:
    started.reset()
    return started


def test_an_endpoint_answers_as_it_is_asked(rig: Rig) -> None:
    deploy(rig, 3)
    route(rig, {3: 100})
    with rig.service.store.changing() as content:
        # As in a project that the version was copied to.
        content["resources"][rig.endpoint]["outputs"]["deployedModels"][0]["modelVersionId"] = "1"

    answer = rig.adapter.predict(rig.endpoint, [{"age": 41}, {"age": 7}])

    assert answer == {
        "predictions": [{"prediction": "stays", "probabilities": {"stays": 0.75, "leaves": 0.25}}] * 2,
        "deployedModelId": rig.left()[0],
        "model": f"{LOCATION}/models/churn--churn",
        "modelVersionId": "3",
        "request_id": request_id([{"age": 41}, {"age": 7}], rig.left()[0]),
    }


def test_what_a_request_is_called_follows_from_its_rows_and_from_who_answered() -> None:
    rows: list[dict[str, object]] = [
        {"age": 41, "plan": "ä", "new": True, "past": [1, None], "more": {"b": 2, "a": -0}}
    ]
    turned: list[dict[str, object]] = [
        {"more": {"a": 0.0, "b": 2.0}, "past": [1.0, None], "new": True, "plan": "ä", "age": 41.0}
    ]
    others = [[{"age": 41.5}], [*rows, *rows], [{**rows[0], "new": 1}]]

    # By hand, as an application that does not use groundplan makes it.
    assert request_id([{"age": 41}], "7") == "v1-3acdb334061fbf5588ce95a3258d7fb2"
    assert request_id(rows, "7") == request_id(turned, "7")
    assert len({request_id(one, "7") for one in (rows, *others)} | {request_id(rows, "8")}) == 5


@FAULTS
def test_what_passes_is_asked_again_while_predicting(rig: Rig, order: dict[str, Any]) -> None:
    deploy(rig, 1)
    route(rig, {1: 100})
    rig.service.strike(**{**order, "path": ":predict", "method": "POST"})

    answer = rig.adapter.predict(rig.endpoint, [{"age": 41}])

    assert (len(list(answer["predictions"])), rig.service.strikes[0].times) == (1, 0)  # type: ignore[call-overload]


def test_the_address_is_the_endpoints_own_or_that_of_its_region(rig: Rig) -> None:
    own = rig.adapter.address(rig.endpoint)
    rig.service.store.change(rig.endpoint, {"dedicatedEndpointDns": "9.europe-west4-1.prediction.vertexai.goog"})
    dedicated = rig.adapter.address(rig.endpoint)
    rig.service.store.change(rig.endpoint, {"dedicatedEndpointDns": None})
    shared = rig.adapter.address(rig.endpoint)

    path = "/v1/projects/123456789012/locations/europe-west4/endpoints/123456789:predict"
    here = f"http://127.0.0.1:{rig.service.port}{path}"
    assert (own, dedicated, shared) == (here, f"https://9.europe-west4-1.prediction.vertexai.goog{path}", here)


def test_an_endpoint_inside_a_network_says_how_it_is_reached(rig: Rig) -> None:
    connected = {"enablePrivateServiceConnect": True, "serviceAttachment": "projects/p/regions/r/serviceAttachments/a"}
    rig.service.store.change(rig.endpoint, {"dedicatedEndpointDns": None, "privateServiceConnectConfig": connected})

    with pytest.raises(UsageError, match="inside a network only") as refused:
        rig.adapter.predict(rig.endpoint, [{"age": 41}])

    assert "Point a forwarding rule to projects/p/regions/r/serviceAttachments/a" in refused.value.hint


def test_an_endpoint_in_a_peered_network_answers_where_its_model_does(rig: Rig) -> None:
    rig.service.store.change(rig.endpoint, {"dedicatedEndpointDns": None, "network": "projects/1/global/networks/n"})
    with pytest.raises(UsageError, match="has no address yet"):
        rig.adapter.address(rig.endpoint)
    deploy(rig, 1)
    with rig.service.store.changing() as content:
        model = content["resources"][rig.endpoint]["outputs"]["deployedModels"][0]
        model["privateEndpoints"] = {"predictHttpUri": "http://10.0.0.2/v1/models/1:predict"}

    assert rig.adapter.address(rig.endpoint) == "http://10.0.0.2/v1/models/1:predict"


def test_a_version_without_machines_is_not_ready_and_says_why(rig: Rig) -> None:
    deploy(rig, 1, 2)
    with rig.service.store.changing() as content:
        models = content["resources"][rig.endpoint]["outputs"]["deployedModels"]
        models[0]["status"] = {"availableReplicaCount": 0, "message": "the container was killed: out of memory"}
        models[1]["status"] = {"availableReplicaCount": 0}

    states = [(one.health, one.detail) for one in rig.adapter.deployed(rig.endpoint)]

    assert states == [("unhealthy", "the container was killed: out of memory"), ("starting", "no machine answers yet")]


def measured(
    rig: Rig, id: str, minutes: int, *, codes: dict[str, int], latencies: tuple[float, ...], name: str
) -> None:
    labels, when = {"deployed_model_id": id, "model_display_name": name}, clock.now() - dt.timedelta(minutes=minutes)
    endpoint, points = rig.endpoint.rpartition("/")[2], vertex(rig).telemetry.points
    for code, count in codes.items():
        points.append(Point(metric="response_count", endpoint=endpoint, labels={**labels, "response_code": code},
                            when=when, count=count))  # fmt: skip
    for kind, values in (("total", latencies), ("overhead", (900.0,))):
        points.append(Point(metric="prediction_latencies", endpoint=endpoint, labels={**labels, "latency_type": kind},
                            when=when, values=values))  # fmt: skip


def test_what_versions_did_is_counted_by_version_since_a_moment(rig: Rig) -> None:
    one, two = deploy(rig, 1, 2)
    vertex(rig).telemetry.page = 1
    for minutes in (3, 6, 90):
        measured(rig, one.id, minutes, codes={"2xx": 40, "4xx": 3, "5xx": 2}, latencies=(10.0, 20.0, 80.0), name="x")
    measured(rig, "999", 4, codes={"2xx": 5}, latencies=(7.0,), name="churn-v7")
    measured(rig, "998", 4, codes={"2xx": 5}, latencies=(7.0,), name="not ours")
    since = clock.to_text(clock.now() - dt.timedelta(minutes=30))

    found = rig.adapter.observe(rig.endpoint, since)

    assert two.version == "2"
    assert found == [
        Observation(version=1, since=since, requests=90, errors=4, latency_p50_ms=20.0, latency_p95_ms=80.0),
        Observation(version=2, since=since, requests=0, errors=0, latency_p50_ms=None, latency_p95_ms=None),
        Observation(version=7, since=since, requests=5, errors=0, latency_p50_ms=7.0, latency_p95_ms=7.0),
    ]


def test_what_versions_did_is_counted_up_to_a_moment_where_one_is_given(rig: Rig) -> None:
    (one,) = deploy(rig, 1)
    for minutes, count in ((20, 7), (3, 90)):
        measured(rig, one.id, minutes, codes={"2xx": count}, latencies=(10.0,), name="churn-v1")
    since, until = (clock.to_text(clock.now() - dt.timedelta(minutes=minutes)) for minutes in (30, 10))

    found = rig.adapter.observe(rig.endpoint, since, until)

    assert [(seen.version, seen.requests) for seen in found] == [(1, 7)]


def test_requests_inside_a_network_are_counted_too(rig: Rig) -> None:
    connected = {"enablePrivateServiceConnect": True}
    rig.service.store.change(rig.endpoint, {"dedicatedEndpointDns": None, "privateServiceConnectConfig": connected})
    (one,) = deploy(rig, 1)
    endpoint, when = rig.endpoint.rpartition("/")[2], clock.now() - dt.timedelta(minutes=3)
    labels = {"deployed_model_id": one.id}
    for code, count in (("200", 9), ("503", 1)):
        vertex(rig).telemetry.points.append(
            Point(metric="private/response_count", endpoint=endpoint, labels={**labels, "response_code": code},
                  when=when, count=count)
        )  # fmt: skip
    vertex(rig).telemetry.points.append(
        Point(metric="private/prediction_latencies", endpoint=endpoint, labels=labels, when=when, values=(4.0, 8.0))
    )
    since = clock.to_text(clock.now() - dt.timedelta(minutes=30))

    found = rig.adapter.observe(rig.endpoint, since)

    assert found == [Observation(version=1, since=since, requests=10, errors=1, latency_p50_ms=4.0, latency_p95_ms=8.0)]


@pytest.mark.parametrize("ahead", [0, 3600], ids=["a moment ago", "by a clock that goes fast"])
def test_less_than_a_minute_is_less_than_the_metrics_can_tell(rig: Rig, ahead: int) -> None:
    deploy(rig, 1)
    since = clock.to_text(clock.now() + dt.timedelta(seconds=ahead))

    found = rig.adapter.observe(rig.endpoint, since)

    assert found == [
        Observation(version=1, since=since, requests=0, errors=0, latency_p50_ms=None, latency_p95_ms=None)
    ]


def test_the_last_lines_of_a_container_come_oldest_first(rig: Rig) -> None:
    one, two = deploy(rig, 1, 2)
    for second in range(5):
        vertex(rig).telemetry.wrote(rig.endpoint, one.id, f"line {second}", second=second)
        vertex(rig).telemetry.wrote(rig.endpoint, two.id, "of another version", second=second)
    vertex(rig).telemetry.page = 2

    text = rig.adapter.log(rig.endpoint, 1, lines=3)

    assert text.splitlines() == [f"2026-01-01T00:00:0{second}Z INFO line {second}" for second in (2, 3, 4)]


def test_the_log_of_a_version_that_is_not_there_is_read_otherwise(rig: Rig) -> None:
    with pytest.raises(NotFoundError, match="version 4 is not at this endpoint") as missing:
        rig.adapter.log(rig.endpoint, 4, lines=3)

    assert missing.value.hint == (
        "What is gone: gcloud logging read 'logName=\"projects/acme-churn/logs/"
        'aiplatform.googleapis.com%2Fprediction_container" AND resource.type="aiplatform.googleapis.com/Endpoint" AND '
        'resource.labels.endpoint_id="123456789"\' --project=acme-churn'
    )


@pytest.mark.parametrize(("call", "role"), [("observe", "roles/monitoring.viewer"), ("log", "roles/logging.viewer")])
def test_who_may_not_look_is_told_the_role(rig: Rig, call: str, role: str) -> None:
    deploy(rig, 1)
    path, permission = {"observe": ("/v3/", "monitoring.timeSeries.list"), "log": ("/v2/", "logging.logEntries.list")}[
        call
    ]
    body = {"error": {"code": 403, "message": f"Permission '{permission}' denied", "status": "PERMISSION_DENIED"}}
    rig.service.strike(path=path, status=403, body=body)

    since = clock.to_text(clock.now() - dt.timedelta(hours=1))
    acts = {
        "observe": lambda: rig.adapter.observe(rig.endpoint, since),
        "log": lambda: rig.adapter.log(rig.endpoint, 1, lines=3),
    }

    with pytest.raises(ResourceFailedError) as refused:
        acts[call]()

    assert role in refused.value.hint
