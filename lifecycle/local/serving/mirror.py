"""Copies of requests for a version that answers nobody: sent after the answer, compared with it, logged as copies, and
dropped rather than waited for.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from pydantic_core import from_json

from ...contract.deployment import EndpointSettings
from .exchange import Exchange, log_entry
from .metrics import EndpointMetrics
from .record import Record
from .request_log import RequestLog
from .upstream import Answer, WorkerHungError, WorkerLostError, WorkerUnreachableError
from .workers import Worker

_WAITING = 100
_WAITING_BYTES = 20_000_000
_AT_ONCE = 2
_TOLERANCE = 1e-6
"""Numbers that differ by less, relative to the larger, are the same prediction."""


@dataclass(frozen=True, kw_only=True)
class _Copy:
    version: int
    body: bytes
    answer: Answer
    request_id: str
    inputs: object


class Mirror:
    """A bounded queue of copies. Whoever offers one never waits."""

    def __init__(self, worker_of: Callable[[int], Worker | None], settings: EndpointSettings, *, record: Record,
                 metrics: EndpointMetrics, log: RequestLog) -> None:  # fmt: skip
        """A version may take as long for a copy as for a request."""
        self._worker_of = worker_of
        self._settings = settings
        self._record = record
        self._log = log
        self._dropped = metrics.versions.mirror_dropped
        self._queue: asyncio.Queue[_Copy] = asyncio.Queue(_WAITING)
        self._bytes = 0

    def offer(self, version: int, body: bytes, answer: Answer, exchange: Exchange) -> None:
        """Have a copy sent, unless too many wait already."""
        if self._queue.full() or self._bytes + len(body) > _WAITING_BYTES:
            self._dropped.labels(version).inc()
            return
        self._bytes += len(body)
        self._queue.put_nowait(
            _Copy(version=version, body=body, answer=answer, request_id=exchange.request_id, inputs=exchange.inputs)
        )

    async def run(self) -> None:
        """Send copies until cancelled."""
        await asyncio.gather(*(self._send_all() for _ in range(_AT_ONCE)))

    async def _send_all(self) -> None:
        while True:
            copy = await self._queue.get()
            self._bytes -= len(copy.body)
            worker = self._worker_of(copy.version)
            if worker is not None:
                await self._send(worker, copy)

    async def _send(self, worker: Worker, copy: _Copy) -> None:
        exchange, began = Exchange(request_id=copy.request_id), time.perf_counter()
        try:
            async with asyncio.timeout(self._settings.request_timeout_seconds):
                answer = await worker.predict(copy.body, request_id=copy.request_id)
        except (TimeoutError, WorkerLostError, WorkerUnreachableError) as error:
            exchange.status = _status(error)
            self._record.mirrored(copy.version, None, failed=True, disagrees=False)
        else:
            exchange.status, exchange.rows = answer.status, answer.rows
            if copy.inputs is not None:
                exchange.keep(copy.inputs, answer)
            disagrees = not answer.failed and not agree(copy.answer, answer)
            self._record.mirrored(copy.version, time.perf_counter() - began, failed=answer.failed, disagrees=disagrees)
        self._note(exchange, worker, time.perf_counter() - began)

    def _note(self, exchange: Exchange, worker: Worker, seconds: float) -> None:
        """A line that says that nobody got this answer; whoever counts answers leaves it out."""
        if self._settings.log_requests:
            entry = log_entry(exchange, worker.served, method="POST", route="/predict", seconds=seconds,
                              redact=self._settings.redact)  # fmt: skip
            self._log.write({**entry, "mirrored": True})


def _status(error: Exception) -> int:
    """What a caller would have got."""
    if isinstance(error, TimeoutError | WorkerHungError):
        return 504
    return 502 if isinstance(error, WorkerLostError) else 503


def agree(one: Answer, other: Answer) -> bool:
    """Whether two answers say the same: the same status and, where there are predictions, the same ones."""
    if one.status != other.status:
        return False
    if one.status != 200:
        return True
    mine, theirs = (cast("dict[str, Sequence[Any]]", from_json(answer.body))["predictions"] for answer in (one, other))
    return len(mine) == len(theirs) and all(map(_same, mine, theirs))


def _same(one: object, other: object) -> bool:
    if isinstance(one, float) and isinstance(other, float | int):
        return math.isclose(one, other, rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)
    return one == other
