"""Versions beside each other at one endpoint: real routers, workers, requests. The arithmetic is in
test_router_split.py.

The tests share one project, its router and two versions that answer contrary to each other; each begins with all the
requests at version 1.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psutil
import pytest
from groundplan.core import clock
from groundplan.core.errors import NotFoundError, PolicyError, ResourceFailedError, StoreCorruptedError
from groundplan.lifecycle.contract.deployment import Deployment
from groundplan.lifecycle.contract.traffic import Traffic, VersionState
from groundplan.lifecycle.local.serving.processes import identify

from endpoint_kit import (
    ROW,
    Load,
    endpoints,
    folder_of,
    lines,
    post,
    raw,
    resume,
    save_classifier,
    save_model,
    served,
    servers,
    settings,
    wait_until_alone,
    workers,
)
from router_kit import ask, metric, observed, registry_of, wait_for, worker_of

ALL_TO_FIRST = Traffic(shares={1: 100, 2: 0})


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_classifier(tmp_path_factory.mktemp("model") / "model")


@pytest.fixture(scope="module")
def contrary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_classifier(tmp_path_factory.mktemp("contrary") / "model", flipped=True)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    project = tmp_path_factory.mktemp("project")
    yield project
    with contextlib.suppress(NotFoundError):
        endpoints(project).undeploy("churn", "dev")
    wait_until_alone(project)


@pytest.fixture(scope="module")
def url(root: Path, model: Path, contrary: Path) -> str:
    local = endpoints(root)
    where = settings(request_timeout_seconds=30)
    state = local.deploy(where, served(model, 1), who="ada")
    local.add(where, served(contrary, 2), who="ada")
    return state.deployment.url


@pytest.fixture
def deployment(root: Path, url: str, contrary: Path) -> Deployment:
    """Versions 1 and 2 are ready, and version 1 has all requests."""
    local = endpoints(root)
    where = local.deployment("churn", "dev").settings
    wait_for(lambda: [state.health for state in local.versions("churn", "dev")], ["ready", "ready"])
    assert [state.version for state in local.add(where, served(contrary, 2), who="ada")] == [1, 2]
    local.route("churn", "dev", ALL_TO_FIRST)
    return local.deployment("churn", "dev")


def test_requests_are_split_by_weight_observed_and_shown(root: Path, deployment: Deployment) -> None:
    counted = 'groundplan_version_requests_total{version="2"}'
    before, since = metric(deployment.url, counted), clock.to_text(clock.now())

    states = endpoints(root).route("churn", "dev", Traffic(shares={1: 70, 2: 30}))
    got = Counter(ask(deployment.url, [ROW] * 200))
    wait_for(lambda: sum(one.requests for one in observed(root, since).values()), 200)

    one, two = observed(root, since)[1], observed(root, since)[2]
    assert states == [
        VersionState(version=1, health="ready", share=70), VersionState(version=2, health="ready", share=30)
    ]  # fmt: skip
    assert got == {1: 140, 2: 60}
    assert (one.requests, one.errors, two.errors, two.mirrored, two.restarts) == (140, 0, 0, 0, 0)
    assert 0 < (two.latency_p50_ms or 0) <= (two.latency_p95_ms or 0) < 5000
    assert metric(deployment.url, counted) - before == 60
    assert metric(deployment.url, 'groundplan_version_share{version="2"}') == 30
    assert httpx.get(deployment.url).json()["shares"] == {"1": 70, "2": 30}


def test_a_value_of_the_row_keeps_a_caller_with_a_version(root: Path, deployment: Deployment) -> None:
    local = endpoints(root)
    rows = [{**ROW, "plan": f"plan {number}"} for number in range(30)]
    local.route("churn", "dev", Traffic(shares={1: 50, 2: 50}, sticky="plan"))

    first, again = ask(deployment.url, rows), ask(deployment.url, rows)
    local.route("churn", "dev", Traffic(shares={1: 20, 2: 80}, sticky="plan"))
    later = ask(deployment.url, rows)

    assert first == again
    assert set(first) == {1, 2}
    assert all(after == 2 for before, after in zip(first, later, strict=True) if before == 2)


def test_copies_are_compared_and_touch_no_answer(root: Path, deployment: Deployment) -> None:
    since = clock.to_text(clock.now())
    endpoints(root).route("churn", "dev", Traffic(shares={1: 100}, mirrored=2, mirror_share=50))

    answered = ask(deployment.url, [{**ROW, "age": 30.0}] * 100)
    answer = post(deployment, {**ROW, "age": 30.0}).json()
    wait_for(lambda: sum(one.mirrored for one in observed(root, since).values()) >= 50, True)

    two = observed(root, since)[2]
    assert (set(answered), answer["predictions"]) == ({1}, ["no"])
    assert 50 <= two.mirrored <= 51
    assert (two.requests, two.disagreements, two.errors) == (0, two.mirrored, 0)


def test_a_watched_version_that_hangs_delays_no_answer(root: Path, deployment: Deployment) -> None:
    dropped = 'groundplan_version_mirror_dropped_total{version="2"}'
    before = metric(deployment.url, dropped)
    endpoints(root).route("churn", "dev", Traffic(shares={1: 100}, mirrored=2, mirror_share=100))
    hung = psutil.Process(worker_of(root, 2))
    hung.suspend()
    try:
        began = time.monotonic()
        ask(deployment.url, [ROW] * 130)
        took = time.monotonic() - began
    finally:
        hung.resume()

    assert took < deployment.settings.request_timeout_seconds
    assert 20 <= metric(deployment.url, dropped) - before <= 30
    endpoints(root).route("churn", "dev", ALL_TO_FIRST)


def test_every_change_under_load_drops_nothing(root: Path, deployment: Deployment, contrary: Path) -> None:
    local, where = endpoints(root), deployment.settings

    with Load(deployment.url) as load:
        for share in (10, 50, 100):
            local.route("churn", "dev", Traffic(shares={1: 100 - share, 2: share}))
            time.sleep(0.2)
        local.route("churn", "dev", ALL_TO_FIRST)
        local.remove("churn", "dev", 2)
        local.add(where, served(contrary, 2), who="ada")
        local.route("churn", "dev", Traffic(shares={1: 50, 2: 50}))

    assert load.failures == []
    assert {status for status, _ in load.answers} == {200}
    assert {version for _, version in load.answers} == {1, 2}


def test_a_removed_version_answers_what_it_has_begun(root: Path, deployment: Deployment, contrary: Path) -> None:
    local = endpoints(root)
    local.route("churn", "dev", Traffic(shares={2: 100}))
    busy = psutil.Process(worker_of(root, 2))
    busy.suspend()
    with ThreadPoolExecutor() as threads:
        begun = threads.submit(post, deployment, ROW)
        wait_for(lambda: metric(deployment.url, "groundplan_requests_in_flight"), 2.0)
        local.route("churn", "dev", Traffic(shares={1: 100}))
        gone = threads.submit(local.remove, "churn", "dev", 2)
        wait_for(lambda: [one.version for one in local.versions("churn", "dev")], [1])
        meanwhile = post(deployment, ROW)
        busy.resume()
        answer = begun.result()
        gone.result()

    assert (answer.status_code, answer.headers["x-model-version"]) == (200, "2")
    assert (meanwhile.status_code, meanwhile.headers["x-model-version"]) == (200, "1")
    assert identify(busy.pid) is None
    local.add(deployment.settings, served(contrary, 2), who="ada")


def test_a_version_with_requests_cannot_be_removed_and_one_that_is_gone_is_no_error(
    root: Path, deployment: Deployment
) -> None:
    local = endpoints(root)
    local.route("churn", "dev", Traffic(shares={1: 100}, mirrored=2, mirror_share=10))

    for version in (1, 2):
        with pytest.raises(PolicyError, match=f"version {version} still gets requests"):
            local.remove("churn", "dev", version)
    local.remove("churn", "dev", 7)

    assert local.traffic("churn", "dev") == Traffic(shares={1: 100, 2: 0}, mirrored=2, mirror_share=10)


def test_a_version_that_cannot_be_loaded_is_not_added(root: Path, deployment: Deployment, tmp_path: Path) -> None:
    from groundplan.core import extras

    local = endpoints(root)
    odd = extras.load("sklearn.dummy").DummyClassifier().fit([[0], [1]], [0, 1])
    path = save_model(tmp_path / "odd", odd, [{"name": "when", "type": "datetime"}])
    before = local.versions("churn", "dev")

    with pytest.raises(ResourceFailedError, match="version 3: the model's column 'when' has type datetime") as refused:
        local.add(deployment.settings, served(path, 3), who="ada")

    assert "datetime" in refused.value.problems[0].excerpt
    assert local.versions("churn", "dev") == before
    assert local.deployment("churn", "dev") == deployment
    assert not folder_of(root).candidate_file.exists()


def test_a_worker_that_dies_is_started_again_counted_and_stood_in_for(
    root: Path, deployment: Deployment, contrary: Path
) -> None:
    local, since = endpoints(root), clock.to_text(clock.now())
    local.route("churn", "dev", Traffic(shares={1: 50, 2: 50}))
    [_, before] = local.versions("churn", "dev")
    os.kill(worker_of(root, 2), signal.SIGKILL)
    wait_for(lambda: local.versions("churn", "dev")[1].health == "ready", False)

    answered = ask(deployment.url, [ROW] * 20)
    detail = local.versions("churn", "dev")[1].detail
    local.add(deployment.settings, served(contrary, 2), who="ada")  # waits for it
    again = Counter(ask(deployment.url, [ROW] * 200))
    wait_for(lambda: sum(one.requests for one in observed(root, since).values()) >= 220, True)

    two = observed(root, since)[2]
    assert "its process ended (signal 9)" in detail or "being loaded" in detail
    assert set(answered) == {1}
    assert again[2] > 80
    assert local.versions("churn", "dev")[1].restarts == before.restarts + 1
    assert (two.restarts, two.errors >= 5) == (1, True)
    assert metric(deployment.url, 'groundplan_version_restarts_total{version="2"}') == before.restarts + 1


def test_a_request_whose_worker_dies_gets_one_clear_502_and_the_next_ones_503(
    root: Path, deployment: Deployment
) -> None:
    doomed = psutil.Process(worker_of(root, 1))
    doomed.suspend()
    with ThreadPoolExecutor() as threads:
        begun = threads.submit(post, deployment, ROW)
        wait_for(lambda: metric(deployment.url, "groundplan_requests_in_flight"), 2.0)
        doomed.kill()
        lost = begun.result()
    wait_for(lambda: httpx.get(f"{deployment.url}/readyz").status_code, 503)
    unready = post(deployment, ROW)

    assert (lost.status_code, lost.json()["error"], lost.headers["retry-after"]) == (502, "worker-lost", "1")
    assert (unready.status_code, unready.json()["error"], unready.headers["retry-after"]) == (503, "not-ready", "1")
    assert unready.headers["x-model-version"] == "1"
    assert httpx.get(f"{deployment.url}/healthz").status_code == 200


def test_nobody_but_the_router_is_answered_by_a_worker(root: Path, deployment: Deployment) -> None:
    process = psutil.Process(worker_of(root, 1))
    [listening] = [one.laddr for one in process.net_connections() if one.status == psutil.CONN_LISTEN]

    answers = [
        httpx.post(f"http://127.0.0.1:{listening.port}/predict", json=ROW, headers=headers)
        for headers in ({}, {"X-Worker-Key": "guessed"})
    ]

    assert listening.ip == "127.0.0.1"
    assert [(one.status_code, one.json()["error"]) for one in answers] == [(401, "worker-key")] * 2
    assert len(process.cmdline()[-1]) == 1  # its version and no key


@pytest.mark.parametrize(
    ("was", "damaged"),
    [
        (None, b""),
        (None, b"{}"),
        pytest.param(b'"2": 0', b'"3": 0', id="a share of nobody"),
        pytest.param(b'"1": 100', b'"1": 90', id="shares that are no whole"),
    ],
)
def test_damaged_state_is_told_and_not_followed(
    root: Path, deployment: Deployment, was: bytes | None, damaged: bytes
) -> None:
    local, folder = endpoints(root), folder_of(root)
    kept = folder.deployment_file.read_bytes()
    folder.deployment_file.write_bytes(damaged if was is None else kept.replace(was, damaged))

    with pytest.raises(StoreCorruptedError, match="is damaged"):
        local.route("churn", "dev", Traffic(shares={1: 100}))
    wait_for(lambda: "is damaged" in getattr(folder.status(), "problem", ""), True)
    answer = post(deployment, ROW)
    folder.deployment_file.write_bytes(kept)

    assert answer.status_code == 200
    wait_for(lambda: getattr(folder.status(), "problem", ""), "")


def test_a_killed_router_takes_its_workers_along_and_comes_back_with_all_of_them(
    root: Path, deployment: Deployment, model: Path, contrary: Path
) -> None:
    local, since = endpoints(root, models=registry_of(model, contrary)), clock.to_text(clock.now())
    local.route("churn", "dev", Traffic(shares={1: 90, 2: 10}, sticky="plan"))
    ask(deployment.url, [ROW] * 10)
    wait_for(lambda: sum(one.requests for one in observed(root, since).values()), 10)
    [router] = servers(root)
    os.kill(router, signal.SIGKILL)
    wait_for(lambda: workers(root), [])

    stopped = local.versions("churn", "dev")
    state = resume(local)

    assert [one.health for one in stopped] == ["stopped", "stopped"]
    assert (state.health, state.deployment.port) == ("ready", deployment.port)
    assert [(one.version, one.health, one.share) for one in local.versions("churn", "dev")] == [
        (1, "ready", 90), (2, "ready", 10)
    ]  # fmt: skip
    assert local.traffic("churn", "dev").sticky == "plan"
    assert sum(one.requests for one in observed(root, since).values()) == 10


def test_a_version_added_with_other_settings_takes_the_socket_over(
    root: Path, deployment: Deployment, model: Path, contrary: Path
) -> None:
    local, [before] = endpoints(root, models=registry_of(model, contrary)), servers(root)
    where = dataclasses.replace(deployment.settings, max_batch_rows=7)

    with Load(deployment.url) as load:
        states = local.add(where, served(contrary, 2), who="ada")

    assert load.failures == []
    assert set(load.answers) == {(200, 1)}
    assert [(one.version, one.health, one.share) for one in states] == [(1, "ready", 100), (2, "ready", 0)]
    assert post(deployment, [ROW] * 8).status_code == 422
    assert before not in servers(root)


def test_an_addition_that_was_killed_is_taken_back(root: Path, deployment: Deployment, contrary: Path) -> None:
    folder = folder_of(root)
    local = endpoints(root)
    process = folder.process()
    assert process is not None
    nobody = dataclasses.replace(process.identity, pid=0)
    folder.write_candidate(dataclasses.replace(process, identity=nobody, instance="", version=2))

    resume(local)

    assert [one.version for one in local.versions("churn", "dev")] == [1]
    assert not folder.candidate_file.exists()
    local.add(deployment.settings, served(contrary, 2), who="ada")


def test_a_body_behind_an_offer_to_change_the_protocol_is_read(deployment: Deployment) -> None:
    body = json.dumps(ROW)
    head = (
        "POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: Upgrade, close\r\n"
    )

    answer = raw(deployment, f"{head}Upgrade: h2c\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())

    assert answer.startswith(b"HTTP/1.1 200")


def test_the_log_says_which_version_answered(root: Path, deployment: Deployment) -> None:
    endpoints(root).route("churn", "dev", Traffic(shares={2: 100}))

    post(deployment, ROW, **{"X-Request-ID": "which"})

    [entry] = [entry for entry in lines(folder_of(root).request_log) if entry["request_id"] == "which"]
    assert (entry["version"], entry["rows"], entry["status"]) == (2, 1, 200)
    assert json.loads(folder_of(root).deployment_file.read_text())["traffic"]["shares"] == {"1": 0, "2": 100}
