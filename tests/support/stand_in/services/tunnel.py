"""A proxy on the loopback through which every host of a cloud is the stand-in: clients keep the cloud's own names."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class Tunnel:
    """Takes ``CONNECT`` for any host and carries bytes to one port, where TLS ends."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def start(self) -> None:
        """Begin to take callers."""
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        """Take none any more."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                caller, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(caller,), daemon=True).start()

    def _serve(self, caller: socket.socket) -> None:
        with caller, suppress(OSError):
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                part = caller.recv(1)
                if not part:
                    return
                head += part
            if not head.startswith(b"CONNECT "):
                caller.sendall(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n")
                return
            with socket.create_connection(("127.0.0.1", self._port)) as service:
                for one in (caller, service):
                    # Small answers would wait for a full segment.
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                caller.sendall(b"HTTP/1.1 200 Connection Established\r\n\r\n")
                back = threading.Thread(target=_carry, args=(service, caller), daemon=True)
                back.start()
                _carry(caller, service)
                back.join()


def _carry(source: socket.socket, target: socket.socket) -> None:
    """Carry bytes until one side ends; a side that breaks off breaks the other.

    A client behind a proxy sends the rest of a request when its beginning is acknowledged: at once, where that can be.
    """
    quick = getattr(socket, "TCP_QUICKACK", None)
    with suppress(OSError):
        while content := source.recv(65536):
            if quick is not None:
                source.setsockopt(socket.IPPROTO_TCP, quick, 1)
            target.sendall(content)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
