"""A relay between a stack's program and the monitor of its engine: its port is known before, and it can be cut."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
from types import TracebackType
from typing import Any, Self, cast

import pytest
from pulumi.automation._server import LanguageServer

_CHUNK = 65536


class MonitorRelay:
    """Passes on what a program and its engine's monitor say to each other, on one port for each start of a program.

    The first port is known before, and refuses until then. ``starts`` counts the programs.
    """

    def __init__(self) -> None:
        self._server = _Server()
        self.starts = 0

    @property
    def address(self) -> str:
        """Where the program finds it."""
        return "{}:{}".format(*self._server.server_address)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shut()

    def stand_between(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Have each program that starts from now on find its monitor here."""
        run = cast("Any", LanguageServer).Run

        def run_here(server: LanguageServer, request: Any, context: Any) -> Any:
            self._begin(request.monitor_address)
            request.monitor_address = self.address
            return run(server, request, context)

        monkeypatch.setattr(LanguageServer, "Run", run_here)

    def shut(self) -> None:
        """End every connection in the middle of what is said, and take no more."""
        self._server.end()

    def _begin(self, monitor: str) -> None:
        self.starts += 1
        if self.starts > 1:
            self.shut()
            self._server = _Server()
        self._server.begin(monitor)


class _Server(socketserver.ThreadingTCPServer):
    """Bound from the start, so that nobody else gets its port; listens from ``begin`` on."""

    request_queue_size = 16

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Link, bind_and_activate=False)
        self.server_bind()
        self.monitor = ("", 0)
        self.links: list[socket.socket] = []
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,))

    def begin(self, monitor: str) -> None:
        host, _, port = monitor.rpartition(":")
        self.monitor = (host, int(port))
        self.server_activate()
        self._thread.start()

    def process_request(self, request: Any, client_address: Any) -> None:
        self.links.append(request)
        super().process_request(request, client_address)

    def end(self) -> None:
        if self._thread.is_alive():
            self.shutdown()
            self._thread.join()
        for one in self.links:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self.server_close()


class _Link(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        server = cast("_Server", self.server)
        with contextlib.suppress(OSError), socket.create_connection(server.monitor) as monitor:
            back = threading.Thread(target=_copy, args=(monitor, self.request))
            back.start()
            _copy(self.request, monitor)
            back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(_CHUNK):
            target.sendall(data)
    for one in (source, target):
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
