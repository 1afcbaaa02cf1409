"""Hands a listening socket from the serving process to its successor, so that no connection is lost in between.

Two sockets on one port (SO_REUSEPORT) would not do: connections that wait in the old one's queue are reset when it
closes. A handed-over socket keeps its queue: whoever accepts next, answers.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable
from pathlib import Path

SUPPORTED = hasattr(socket, "AF_UNIX") and hasattr(socket, "send_fds")
"""Whether this operating system can hand sockets over; elsewhere the old server is stopped first."""

_SERVING = b"serving"
_PATIENCE_SECONDS = 5.0


class Handover:
    """The taker's side: the listener, and the word to the giver that it may stop accepting."""

    def __init__(self, name: str) -> None:
        """Connect to the giver's socket, a name in the current folder: such a path is never too long."""
        if not SUPPORTED or not name:
            raise OSError("this listener cannot be handed over")
        self._connection = socket.socket(socket.AF_UNIX)
        self._connection.settimeout(_PATIENCE_SECONDS)
        try:
            self._connection.connect(name)
            _, descriptors, _, _ = socket.recv_fds(self._connection, 16, 1)
            if not descriptors:
                raise OSError("the serving process sent no socket")  # noqa: TRY301 handled like the others
        except OSError:
            self._connection.close()
            raise
        self.listener = socket.socket(fileno=descriptors[0])
        self.listener.setblocking(False)

    def confirm(self) -> None:
        """Say that requests are answered here now."""
        with self._connection:
            self._connection.sendall(_SERVING)


async def offer(name: str, listener: socket.socket, on_taken: Callable[[], None]) -> None:
    """Give the listener to whoever asks at ``name`` and call back once it serves; goes on until then.

    Closes ``listener``, a duplicate made for this. Only this user can connect: nobody else may open the socket's file.
    """
    loop = asyncio.get_running_loop()
    with listener, _listen(name) as offering:
        taken = False
        while not taken:
            connection, _ = await loop.sock_accept(offering)
            with connection:
                taken = await _give(connection, listener)
    Path(name).unlink(missing_ok=True)
    on_taken()


async def _give(connection: socket.socket, listener: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        socket.send_fds(connection, [b"listener"], [listener.fileno()])
        answer = asyncio.get_running_loop().sock_recv(connection, len(_SERVING))
        return await asyncio.wait_for(answer, _PATIENCE_SECONDS * 2) == _SERVING
    except (OSError, TimeoutError):
        return False


def _listen(name: str) -> socket.socket:
    offering = socket.socket(socket.AF_UNIX)
    offering.setblocking(False)
    before = os.umask(0o177)
    try:
        offering.bind(name)
    finally:
        os.umask(before)
    offering.listen(1)
    return offering
