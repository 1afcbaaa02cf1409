"""A worker that lives and answers nothing: noticed, ended, counted, started again. Real worker processes, with the
router in the test's own loop, so that the looks can be hurried once the worker is suspended.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from groundplan.core import clock
from groundplan.lifecycle.contract.deployment import Deployment
from groundplan.lifecycle.contract.rollout import Conditions
from groundplan.lifecycle.contract.traffic import Observation, Traffic
from groundplan.lifecycle.local.loading import Column, LoadedModel
from groundplan.lifecycle.local.serving import liveness
from groundplan.lifecycle.local.serving.app import build_app
from groundplan.lifecycle.local.serving.guard import ServerState
from groundplan.lifecycle.local.serving.metrics import EndpointMetrics
from groundplan.lifecycle.local.serving.observations import observations
from groundplan.lifecycle.local.serving.predictor import Predictor
from groundplan.lifecycle.local.serving.processes import identify
from groundplan.lifecycle.local.serving.records import ServerProcess, WorkerState
from groundplan.lifecycle.local.serving.request_log import RequestLog
from groundplan.lifecycle.local.serving.router import Router
from groundplan.lifecycle.local.serving.upstream import Upstream
from groundplan.lifecycle.local.serving.worker import WorkerApp
from groundplan.lifecycle.rollout_conditions import broken

from endpoint_kit import ROW, folder_of, save_classifier, served, settings

_AT_MOST_SECONDS = 120.0


class Endpoint:
    """A router with its application, and what its files say."""

    def __init__(self, root: Path, model: Path) -> None:
        self.folder = folder_of(root)
        self.folder.path.mkdir(parents=True)
        this = identify(os.getpid())
        assert this is not None
        self.folder.write_process(ServerProcess(identity=this, instance="one", version=1, port=0))
        metrics = EndpointMetrics()
        deployment = Deployment(settings=settings(), served=served(model, 1), previous=None, port=0, deployed="",
                                deployed_by="ada", traffic=Traffic(shares={1: 100}))  # fmt: skip
        state = ServerState(deployment=deployment)
        log = RequestLog(self.folder.request_log, on_failure=metrics.log_failures.inc)
        self.router = Router(self.folder, state, metrics, instance="one", log=log)
        self.app = build_app(self.router, api_key=None, metrics=metrics, log=log, state=state)

    async def ready(self) -> None:
        await self.router.settled()
        self.router.begin("a digest")
        await until(lambda: self.worker.health == "ready")

    @property
    def worker(self) -> WorkerState:
        status = self.folder.status()
        assert status is not None
        return status.workers[0]

    async def ask(self, path: str = "/predict") -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://localhost") as client:
            return await (client.post(path, json=ROW) if path == "/predict" else client.get(path))

    def observed(self, since: str) -> Observation:
        [found] = observations(self.folder.observations, since)
        return found


async def until(look: Callable[[], bool]) -> None:
    """Look until it is so; the story as a whole is bounded."""
    while not look():
        await asyncio.sleep(0.01)


def in_a_loop(story: Callable[[], Awaitable[None]]) -> None:
    """Run a test's story; one that hangs fails."""

    async def bounded_story() -> None:
        async with asyncio.timeout(_AT_MOST_SECONDS):
            await story()

    asyncio.run(bounded_story())


def test_a_worker_that_hangs_is_ended_counted_and_started_again_and_its_callers_hear_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        endpoint, since = Endpoint(tmp_path, save_classifier(tmp_path / "model")), clock.to_text(clock.now())
        endpoint.router.start()
        try:
            await endpoint.ready()
            before = await endpoint.ask()
            assert endpoint.worker.pid is not None
            os.kill(endpoint.worker.pid, signal.SIGSTOP)
            waiting = [asyncio.create_task(endpoint.ask()) for _ in range(3)]
            monkeypatch.setattr(liveness, "_next_look", partial(asyncio.sleep, 0.01))
            await until(lambda: endpoint.worker.health != "ready")
            monkeypatch.undo()
            hung, later = [await one for one in waiting], await endpoint.ask()
            detail = endpoint.worker.detail
            await until(lambda: endpoint.worker.health == "ready")
            again, numbers = await endpoint.ask(), (await endpoint.ask("/metrics")).text
        finally:
            await endpoint.router.stop()

        assert [before.status_code, again.status_code] == [200, 200]
        assert [(one.status_code, one.json()["error"]) for one in hung] == [(504, "worker-hung")] * 3
        assert (later.status_code, later.json()["error"], later.headers["retry-after"]) == (503, "not-ready", "1")
        assert detail == "its process lived and answered nothing for 31 s, and was ended; it is started again"
        assert 'groundplan_version_restarts_total{version="1"} 1.0' in numbers
        assert 'groundplan_version_errors_total{version="1"} 4.0' in numbers
        seen = endpoint.observed(since)
        assert (seen.requests, seen.errors, seen.restarts) == (6, 4, 1)
        assert broken(Conditions(min_requests=5), None, seen, None) == (
            "its process had to be started again once, allowed: none", "4 of 6 requests failed, more than 5 %"
        )  # fmt: skip

    in_a_loop(story)


def test_a_busy_worker_whose_answers_keep_coming_is_not_taken_for_hung(monkeypatch: pytest.MonkeyPatch) -> None:
    """No thread is ever free to say so, and each look but the last two sees that an answer came."""

    async def story() -> None:
        looks = asyncio.Queue[None](1)
        monkeypatch.setattr(liveness, "_next_look", looks.get)
        busy = Busy()
        listening = await asyncio.start_server(busy.answer, "127.0.0.1", 0)
        async with listening:
            upstream = Upstream(listening.sockets[0].getsockname()[1], key="key")
            watching = asyncio.create_task(liveness.until_silent(upstream, seconds=2))
            for _ in range(5):
                assert (await upstream.predict(b"{}", request_id="one")).status == 200
                await looks.put(None)
                await until(looks.empty)
            assert not watching.done()
            await looks.put(None)
            await looks.put(None)
            await watching
            upstream.close()
            await asyncio.gather(*filter(None, busy.callers))

    in_a_loop(story)


@dataclass
class Busy:
    """A server that answers predictions and nothing else, until its callers leave."""

    callers: list[asyncio.Task[Any] | None] = field(default_factory=list[asyncio.Task[Any] | None])

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.callers.append(asyncio.current_task())
        with suppress(ConnectionError):
            while head := await reader.readline():
                await reader.readuntil(b"\r\n\r\n")
                if head.startswith(b"POST"):
                    await reader.readexactly(2)
                    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
        writer.close()


class Stuck:
    """A model that predicts when it is let."""

    def __init__(self) -> None:
        self.let = threading.Event()
        self.waiting = 0

    def predict(self, frame: Any) -> Any:
        self.waiting += 1
        self.let.wait(_AT_MOST_SECONDS)
        return frame["age"].to_numpy()


def test_a_worker_says_that_it_is_free_only_once_a_thread_is() -> None:
    async def story() -> None:
        model = Stuck()
        loaded = LoadedModel(estimator=model, columns=(Column(name="age", type="double"),))
        deployment = Deployment(settings=settings(), served=served(Path(__file__), 1), previous=None, port=0,
                                deployed="", deployed_by="ada")  # fmt: skip
        app = WorkerApp(Predictor(loaded), deployment, key="key")
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://localhost", headers={"X-Worker-Key": "key"}
        ) as router:
            busy = [asyncio.create_task(router.post("/predict", json={"age": 1.0})) for _ in range(2)]
            await until(lambda: model.waiting == 2)
            free = asyncio.create_task(router.get("/free"))
            for _ in range(20):
                await asyncio.sleep(0)
            assert not free.done()
            model.let.set()

            assert [(await one).status_code for one in (*busy, free)] == [200, 200, 200]

    in_a_loop(story)
