"""Sends each request to the version whose turn it is, a copy to the one that is watched, and keeps the workers."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any, cast

from starlette.requests import Request

from ...contract.deployment import Deployment, EndpointSettings, ServedModel
from .bodies import read_body, rows_of
from .exchange import Exchange
from .guard import ServerState
from .metrics import EndpointMetrics
from .mirror import Mirror
from .record import Record
from .records import EndpointFolder
from .request_log import RequestLog
from .schema import RequestError
from .split import Split
from .status import StatusWriter
from .upstream import Answer, WorkerHungError, WorkerLostError, WorkerUnreachableError
from .workers import Worker

_logger = logging.getLogger(__name__)


class Router:
    """The versions of one endpoint and who gets which request.

    A request whose version is not ready goes to another one that has a share, the largest first; it counts as failed
    for the version that it was meant for. One that was sent to a worker is never sent again: it may be what killed it.
    """

    def __init__(self, folder: EndpointFolder, state: ServerState, metrics: EndpointMetrics, *, instance: str,
                 log: RequestLog) -> None:  # fmt: skip
        """Nothing is started yet. ``log`` is told of copies; of requests it is told by the guard."""
        self._folder = folder
        self._state = state
        self._metrics = metrics
        self._record = Record(folder.observations, metrics)
        self._status = StatusWriter(folder, instance=instance)
        self._workers: dict[int, Worker] = {}
        self._leaving: set[asyncio.Task[None]] = set()
        self._split = Split(state.deployment.split, salt=state.deployment.settings.name)
        settings = state.deployment.settings
        self._mirror = Mirror(self._workers.get, settings, record=self._record, metrics=metrics, log=log)
        self._background: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Start the worker of every version; needs a running loop."""
        self._background = [asyncio.create_task(self._record.keep_flushing()), asyncio.create_task(self._mirror.run())]
        self._follow(self._state.deployment)

    async def settled(self) -> None:
        """Wait until each worker is ready, or is known never to be."""
        await asyncio.gather(*(worker.settled() for worker in self._workers.values()))

    def begin(self, applied: str) -> None:
        """Say from now on how the workers are, and that the deployment of this digest is followed."""
        self._status.applied(applied)
        self._tell()

    def apply(self, deployment: Deployment, *, applied: str) -> None:
        """Follow another deployment from the next request on; versions that are gone answer what they have begun."""
        self._record.flush()
        self._state.deployment = deployment
        self._split = Split(deployment.split, salt=deployment.settings.name)
        self._follow(deployment)
        self._status.applied(applied)
        self._tell()
        _logger.info("shares %s, mirrored %s", dict(deployment.split.shares), deployment.split.mirrored)

    def refuse(self, problem: str, *, applied: str) -> None:
        """Say why the deployment that is on disk is not followed."""
        _logger.error("%s", problem)
        self._status.refused(problem, applied)
        self._tell()

    @property
    def applied(self) -> str:
        """The digest of the deployment.json that is followed, or was refused."""
        return self._status.digest

    @property
    def settings(self) -> EndpointSettings:
        """How the endpoint is set."""
        return self._state.deployment.settings

    @property
    def complaint(self) -> str:
        """What the workers say that are not ready."""
        states = [worker.state for worker in self._workers.values() if not worker.is_ready]
        return "; ".join(f"version {state.version}: {state.detail}" for state in states)

    @property
    def hint(self) -> str:
        """What the first of them says can be done."""
        return next((worker.hint for worker in self._workers.values() if worker.hint), "")

    @property
    def is_ready(self) -> bool:
        """Whether a version that is ready has a share."""
        return any(self._workers[version].is_ready for version in self._split.preferred)

    @property
    def serves_nobody(self) -> bool:
        """Whether no version has a share."""
        return not self._split.preferred

    @property
    def row_schema(self) -> Mapping[str, Any]:
        """The JSON schema of a row of the main version. Raises RequestError (503) until it was ready once."""
        schema = self._workers[self._state.deployment.served.version].row_schema
        if not schema:
            raise not_ready()
        return schema

    async def predict(self, request: Request, exchange: Exchange) -> Answer:
        """Answer a prediction request. Raises RequestError."""
        settings = self.settings
        deadline = asyncio.get_running_loop().time() + settings.request_timeout_seconds
        body = await read_body(request, max_bytes=settings.max_body_bytes, seconds=settings.request_timeout_seconds)
        sticky = self._split.traffic.sticky
        rows = rows_of(body) if sticky or exchange.sampled else []
        version = self._split.choose(_value(rows, sticky) if sticky else None)
        answer = await self._ask(version, body, exchange, deadline)
        exchange.rows = answer.rows
        if exchange.sampled:
            exchange.keep(rows, answer)
        self._offer_copy(body, answer, exchange)
        return answer

    async def stop(self) -> None:
        """End the workers and write what is left to write."""
        for task in self._background:
            task.cancel()
        workers = [worker.stop(drain_seconds=0) for worker in self._workers.values()]
        await asyncio.gather(*workers, *self._leaving, return_exceptions=True)
        self._record.close()

    async def _ask(self, version: int | None, body: bytes, exchange: Exchange, deadline: float) -> Answer:
        """The answer of this version, or of another one when it is not ready."""
        for candidate in self._in_order(version):
            worker = self._workers[candidate]
            if not worker.is_ready:
                self._record.answered(candidate, None, failed=True)
                continue
            try:
                return await self._ask_worker(worker, body, exchange, deadline)
            except WorkerUnreachableError:
                self._record.answered(candidate, None, failed=True)
        raise not_ready()

    def _in_order(self, version: int | None) -> Sequence[int]:
        if version is None:
            return ()
        return (version, *(other for other in self._split.preferred if other != version))

    async def _ask_worker(self, worker: Worker, body: bytes, exchange: Exchange, deadline: float) -> Answer:
        began = time.perf_counter()
        exchange.served = worker.served
        version = worker.served.version
        try:
            async with asyncio.timeout_at(deadline):
                answer = await worker.predict(body, request_id=exchange.request_id)
        except TimeoutError:
            self._record.answered(version, time.perf_counter() - began, failed=True)
            seconds = self._state.deployment.settings.request_timeout_seconds
            raise RequestError(504, "timeout", f"no prediction within {seconds} s") from None
        except WorkerHungError:
            self._record.answered(version, None, failed=True)
            raise RequestError(
                504, "worker-hung", "the model's process answered nobody any more and was ended"
            ) from None
        except WorkerLostError:
            self._record.answered(version, None, failed=True)
            raise RequestError(502, "worker-lost", "the model's process ended before it answered") from None
        self._record.answered(version, time.perf_counter() - began, failed=answer.failed)
        return answer

    def _offer_copy(self, body: bytes, answer: Answer, exchange: Exchange) -> None:
        mirrored = self._split.traffic.mirrored
        if mirrored is not None and self._split.mirrors():
            self._mirror.offer(mirrored, body, answer, exchange)

    def _follow(self, deployment: Deployment) -> None:
        """Start what is new, let go of what is gone. Another model under a number that is there is a new one."""
        wanted = {served.version: served for served in deployment.versions}
        for version, worker in list(self._workers.items()):
            if wanted.get(version) != worker.served:
                del self._workers[version]
                self._let_go(worker)
        for version, served in wanted.items():
            if version not in self._workers:
                self._workers[version] = self._started(deployment, served)
        self._metrics.show(deployment)
        self._tell()

    def _started(self, deployment: Deployment, served: ServedModel) -> Worker:
        worker = Worker(
            self._folder, deployment, served, on_change=self._tell,
            on_crash=lambda: self._record.crashed(served.version),
        )  # fmt: skip
        worker.start()
        return worker

    def _let_go(self, worker: Worker) -> None:
        seconds = self._state.deployment.settings.request_timeout_seconds
        task = asyncio.create_task(worker.stop(drain_seconds=seconds))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    def _tell(self) -> None:
        for version, worker in self._workers.items():
            self._metrics.versions.ready.labels(version).set(worker.is_ready)
        self._status.tell([worker.state for worker in self._workers.values()])


def not_ready() -> RequestError:
    """What is said while nobody can answer."""
    return RequestError(503, "not-ready", "no version that has a share of the requests is ready; see /readyz")


def _value(rows: Sequence[object], field: str) -> object:
    """The value that keeps a caller with a version: of the first row, as a batch is answered by one version."""
    first = rows[0] if rows else None
    return cast("Mapping[str, object]", first).get(field) if isinstance(first, dict) else None
