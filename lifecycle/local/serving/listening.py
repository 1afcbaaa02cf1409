"""Listening sockets, and uvicorn told when to stop by its owner instead of by signals that end the process."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import threading
from collections.abc import Generator

import uvicorn

STOP_SECONDS = 10
"""How long requests under way may take to end when the server is stopped."""

_TURNS_TO_REGISTER = 3
"""A connection that was accepted is known as one two turns of the loop later, however long a turn takes."""


class Server(uvicorn.Server):
    """Stopped by ``stop`` without dying of it, and able to stop accepting before it stops."""

    _ending: asyncio.Task[None] | None = None

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave signals to the process."""
        yield

    def stop_at_sigterm(self) -> None:
        """Stop in order when the process is asked to end; needs a running loop."""
        with contextlib.suppress(NotImplementedError):  # Windows ends processes without a signal
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.stop)

    def hand_over(self, seconds: float) -> None:
        """Take no new connection, and stop once those that are there have ended, at the latest after ``seconds``.

        Connections that wait in the socket's queue stay there for a successor. Needs a running loop.
        """
        loop = asyncio.get_running_loop()
        for listening in self.servers:
            for one in listening.sockets:
                with contextlib.suppress(NotImplementedError):  # Windows' loop accepts without a reader
                    loop.remove_reader(one.fileno())
        self._ending = asyncio.create_task(self._end(seconds))

    def stop(self) -> None:
        """End once the requests under way are answered, at the latest after ``STOP_SECONDS`` and a little."""
        self.should_exit = True
        guard = threading.Timer(STOP_SECONDS + 2.0, os._exit, args=(0,))
        guard.daemon = True
        guard.start()

    async def _end(self, seconds: float) -> None:
        """Closed before those that were accepted last are known, asyncio's server would drop them without a word."""
        for _ in range(_TURNS_TO_REGISTER):
            await asyncio.sleep(0)
        for listening in self.servers:
            listening.close()
        deadline = asyncio.get_running_loop().time() + seconds
        while self.server_state.connections and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.02)
        self.stop()


def bind(host: str, port: int) -> socket.socket:
    """A listener at this address; port 0 is any that is free. Raises OSError."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":  # elsewhere this option lets two programs share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(2048)
    except OSError:
        listener.close()
        raise
    listener.setblocking(False)
    return listener


def port_of(listener: socket.socket) -> int:
    """The port it listens at."""
    return int(listener.getsockname()[1])
