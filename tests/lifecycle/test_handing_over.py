"""The moment of a handover, turn by turn of the loop: no connection falls between two servers.

Both servers run in the test's own loop, so that a test can act in the very turn it is about. Real routers that take a
socket over under load are in test_endpoints_replacing.py and test_router.py.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress

import pytest
import uvicorn
from groundplan.lifecycle.local.serving.connections import bounded
from groundplan.lifecycle.local.serving.exchange import App, Receive, Scope, Send, respond_json
from groundplan.lifecycle.local.serving.listening import Server, bind

_REQUEST = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
_AT_MOST_SECONDS = 60.0


def in_a_loop(story: Callable[[], Awaitable[None]]) -> None:
    """Run a test's story; one that hangs fails."""

    async def bounded_story() -> None:
        async with asyncio.timeout(_AT_MOST_SECONDS):
            await story()

    asyncio.run(bounded_story())


class StoppedInATest(Server):
    """Without the guard that ends the process, which is the test's own here."""

    def stop(self) -> None:
        self.should_exit = True


class Served:
    """A server that answers with its name, on a listener that others may have too."""

    def __init__(
        self, name: str, listener: socket.socket, *, before: Callable[[], Awaitable[object]] | None = None
    ) -> None:
        config = uvicorn.Config(
            _answering(name, before), http=bounded(10.0), ws="none", lifespan="off", log_config=None, interface="asgi3",
            timeout_keep_alive=5,
        )  # fmt: skip
        self.server = StoppedInATest(config)
        self._serving = asyncio.create_task(self.server.serve(sockets=[listener]))

    async def started(self) -> Served:
        while not self.server.started:
            await asyncio.sleep(0)
        return self

    async def by_itself(self) -> None:
        await self._serving

    async def ended(self) -> None:
        self.server.stop()
        await self._serving


def _answering(name: str, before: Callable[[], Awaitable[object]] | None) -> App:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if before is not None:
            await before()
        await respond_json(200, b'"%s"' % name.encode(), send)

    return app


class Callers:
    """Connections of callers; what they send is with the system at once, and the loop knows nothing of it yet."""

    def __init__(self) -> None:
        self._connections: list[socket.socket] = []

    def connect(self, listener: socket.socket, request: bytes = _REQUEST) -> socket.socket:
        connection = socket.create_connection(listener.getsockname())
        self._connections.append(connection)
        connection.sendall(request)
        connection.setblocking(False)
        return connection

    def leave(self) -> None:
        for connection in self._connections:
            connection.close()


@pytest.fixture
def callers() -> Iterator[Callers]:
    found = Callers()
    yield found
    found.leave()


async def answer(connection: socket.socket) -> str:
    """Who answered; "" where the connection ended without an answer."""
    received = b""
    with suppress(ConnectionError):
        while not received.endswith(b'"') and (part := await asyncio.get_running_loop().sock_recv(connection, 65536)):
            received += part
    return received.rpartition(b"\r\n\r\n")[2].decode().strip('"')


def test_connections_that_nobody_accepted_yet_are_answered_by_the_successor(callers: Callers) -> None:
    async def story() -> None:
        with bind("127.0.0.1", 0) as listener:
            old = await Served("old", listener.dup()).started()
            waiting = [callers.connect(listener) for _ in range(20)]
            old.server.hand_over(60)
            new = await Served("new", listener.dup()).started()

            answered = [await answer(one) for one in waiting]

            assert answered == ["new"] * 20
            for served in (old, new):
                await served.ended()

    in_a_loop(story)


@pytest.mark.parametrize("turns", range(1, 6))
def test_connections_accepted_shortly_before_are_answered_whatever_the_turn(callers: Callers, turns: int) -> None:
    """In one turn the loop accepts them, in the next two it makes them known: closed in between they would be lost."""

    async def story() -> None:
        with bind("127.0.0.1", 0) as listener:
            old = await Served("old", listener.dup()).started()
            waiting = [callers.connect(listener) for _ in range(20)]
            for _ in range(turns):
                await asyncio.sleep(0)
            old.server.hand_over(60)
            new = await Served("new", listener.dup()).started()

            assert "" not in [await answer(one) for one in waiting]
            for served in (old, new):
                await served.ended()

    in_a_loop(story)


def test_a_kept_connection_gets_its_next_answer_from_the_old_one_also_when_it_is_the_first(callers: Callers) -> None:
    async def story() -> None:
        with bind("127.0.0.1", 0) as listener:
            old = await Served("old", listener.dup()).started()
            silent = callers.connect(listener, b"")
            kept = callers.connect(listener)
            first = await answer(kept)
            old.server.hand_over(60)
            await _turns(20)
            kept.sendall(_REQUEST)
            silent.sendall(_REQUEST)

            assert [first, await answer(kept), await answer(silent)] == ["old", "old", "old"]
            await old.ended()

    in_a_loop(story)


@pytest.mark.parametrize("ending", ["timeout_keep_alive_handler", "shutdown", "_give_up"])
def test_a_request_that_arrives_in_the_turn_in_which_its_connection_would_end_is_answered(
    callers: Callers, ending: str
) -> None:
    async def story() -> None:
        with bind("127.0.0.1", 0) as listener:
            old = await Served("old", listener.dup()).started()
            kept = callers.connect(listener)
            first = await answer(kept)
            [connection] = old.server.server_state.connections
            kept.sendall(_REQUEST)
            getattr(connection, ending)()

            assert [first, await answer(kept)] == ["old", "old"]
            await old.ended()

    in_a_loop(story)


@pytest.mark.parametrize("ending", ["timeout_keep_alive_handler", "shutdown", "_give_up"])
def test_a_connection_without_a_request_ends_also_when_the_caller_has_gone(callers: Callers, ending: str) -> None:
    async def story() -> None:
        with bind("127.0.0.1", 0) as listener:
            old = await Served("old", listener.dup()).started()
            kept, leaving = callers.connect(listener), callers.connect(listener)
            assert [await answer(kept), await answer(leaving)] == ["old", "old"]
            leaving.close()
            for connection in [*old.server.server_state.connections]:
                getattr(connection, ending)()

            assert await answer(kept) == ""
            while old.server.server_state.connections:
                await asyncio.sleep(0)
            await old.ended()

    in_a_loop(story)


def test_a_request_under_way_is_answered_before_the_old_one_ends(callers: Callers) -> None:
    async def story() -> None:
        with bind("127.0.0.1", 0) as listener:
            model = asyncio.Event()
            old = await Served("old", listener.dup(), before=model.wait).started()
            begun = callers.connect(listener)
            await _turns(20)
            old.server.hand_over(60)
            await _turns(20)
            assert not old.server.should_exit
            model.set()

            assert await answer(begun) == "old"
            begun.close()
            await old.by_itself()

    in_a_loop(story)


async def _turns(number: int) -> None:
    for _ in range(number):
        await asyncio.sleep(0)
