"""Asks a worker over kept HTTP connections: httptools parses, asyncio carries."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import cast

import httptools

_CONNECTIONS = 32
"""More at once would only wait in the worker instead of here."""

KEY_HEADER = b"x-worker-key"
ROWS_HEADER = b"x-worker-rows"
FREE_PATH = "/free"
"""Answered as soon as a thread that predicts is free."""


class WorkerUnreachableError(Exception):
    """Nobody listens there; nothing was sent."""


class WorkerLostError(Exception):
    """The worker ended the connection before its answer did."""


class WorkerHungError(WorkerLostError):
    """The worker was ended because it answered nothing any more."""


@dataclass(kw_only=True)
class Answer:
    """What a worker said."""

    status: int = 0
    headers: dict[bytes, bytes] = field(default_factory=dict[bytes, bytes])
    body: bytes = b""

    @property
    def failed(self) -> bool:
        """Whether it is the worker's failure and not the caller's."""
        return self.status >= 500

    @property
    def rows(self) -> int:
        """How many rows the worker found in the request."""
        return int(self.headers.get(ROWS_HEADER, b"0"))


class Upstream:
    """The connections to one worker's port on the loopback address.

    ``answers`` counts whatever came back; ``hung`` is set by whoever ends the worker because nothing does.
    """

    def __init__(self, port: int, *, key: str) -> None:
        """``key`` is what the worker demands of its callers. Nothing is connected yet."""
        self.answers = 0
        self.hung = False
        self._port = port
        who = f"host: 127.0.0.1\r\n{KEY_HEADER.decode()}: {key}\r\n"
        self._head = f"POST /predict HTTP/1.1\r\n{who}content-type: application/json\r\n"
        self._free = f"GET {FREE_PATH} HTTP/1.1\r\n{who}\r\n".encode()
        self._idle: list[_Connection] = []
        self._slots = asyncio.Semaphore(_CONNECTIONS)

    async def predict(self, body: bytes, *, request_id: str) -> Answer:
        """The worker's answer. Raises WorkerUnreachableError, WorkerLostError, WorkerHungError."""
        head = f"{self._head}x-request-id: {request_id}\r\ncontent-length: {len(body)}\r\n\r\n"
        async with self._slots:
            return await self._ask(head.encode() + body)

    async def ask_whether_free(self) -> None:
        """Wait until a thread of the worker is free; takes no slot of a request. Raises as ``predict`` does."""
        await self._ask(self._free)

    def close(self) -> None:
        """Close what is idle; the rest ends with its request."""
        for connection in self._idle:
            connection.close()
        self._idle.clear()

    async def _ask(self, request: bytes) -> Answer:
        connection = await self._connection()
        try:
            answer = await connection.ask(request)
        except BaseException as error:  # also when given up: what still comes would answer another request
            connection.close()
            if self.hung and isinstance(error, WorkerLostError):
                raise WorkerHungError(str(error)) from error
            raise
        self.answers += 1
        self._idle.append(connection)
        return answer

    async def _connection(self) -> _Connection:
        while self._idle:
            connection = self._idle.pop()
            if not connection.ended:
                return connection
        try:
            _, connection = await asyncio.get_running_loop().create_connection(_Connection, "127.0.0.1", self._port)
        except OSError as error:
            raise WorkerUnreachableError(str(error)) from error
        return connection


class _Connection(asyncio.Protocol):
    """One request at a time. The methods named ``on_…`` are httptools' callbacks."""

    def __init__(self) -> None:
        self.ended = False
        self._parser = httptools.HttpResponseParser(self)
        self._answer = Answer()
        self._waiting: asyncio.Future[Answer] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended = True
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(WorkerLostError(str(exc or "the connection ended")))

    async def ask(self, request: bytes) -> Answer:
        self._answer = Answer()
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._waiting

    def close(self) -> None:
        self._transport.abort()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._answer.headers[name.lower()] = value

    def on_body(self, body: bytes) -> None:
        self._answer.body += body

    def on_message_complete(self) -> None:
        self._answer.status = self._parser.get_status_code()
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(self._answer)
