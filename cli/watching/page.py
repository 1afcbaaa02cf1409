"""The page of watch on a loopback port: ``/healthz`` for whoever keeps it alive, ``/metrics`` for Prometheus."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from ...core.errors import ResourceFailedError

if TYPE_CHECKING:
    from .figures import Figures
    from .rounds import Rounds

STUCK_SECONDS = 600.0
"""A part that has been at it for so long is stuck; training, which may take long, is none."""

_OWN_NAMES = ("127.0.0.1", "localhost")


@contextmanager
def shown(rounds: Rounds, figures: Figures, *, port: int) -> Generator[str]:
    """Answer on this port while the block runs; gives the address. Raises ResourceFailedError when it is taken."""
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), _handler(rounds, figures))
    except OSError as error:
        raise ResourceFailedError(
            f"watch cannot listen on port {port}: {error.strerror}", hint="--port PORT takes another one, 0 a free one."
        ) from error
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, name="page", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(rounds: Rounds, figures: Figures) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_GET(self) -> None:
            """Answer one of the two routes."""
            if self.headers.get("Host", "").rpartition(":")[0] not in _OWN_NAMES:
                self._answer(421, "text/plain", b"this is not your host\n")
            elif self.path == "/healthz":
                status, body = _health(rounds)
                self._answer(status, "application/json", json.dumps(body).encode() + b"\n")
            elif self.path == "/metrics":
                self._answer(200, "text/plain; version=0.0.4; charset=utf-8", figures.text())
            else:
                self._answer(404, "text/plain", b"/healthz and /metrics are here\n")

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Nothing: who asks every few seconds is no news."""

    return Handler


def _health(rounds: Rounds) -> tuple[int, dict[str, object]]:
    """200 while rounds go on, whatever they find; 503 once one is stuck."""
    stuck = rounds.stuck_seconds() > STUCK_SECONDS
    return 503 if stuck else 200, {
        "status": "stuck" if stuck else "ok",
        "doing": rounds.doing or "waiting",
        "rounds": rounds.count,
        "failing": {name: one.error for name, one in rounds.health.items() if one.error},
    }
