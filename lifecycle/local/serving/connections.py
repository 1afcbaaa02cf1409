"""HTTP connections that cannot be held open by saying little: a bound on how long a request's head may take."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_BYTES = 16 * 1024
"""Longer request lines and headers are refused."""

HEAD_SECONDS = 10.0
"""A connection that has not sent a whole head by then is closed; sooner where requests must be faster."""

KEEP_ALIVE_SECONDS = 5
"""A connection without a request is closed after this long."""

MAX_CONNECTIONS = 1000
"""More at once are answered 503."""


def bounded(seconds: float) -> type[H11Protocol]:
    """uvicorn's HTTP/1.1 with this many seconds for a request's head."""
    return type("BoundedProtocol", (_BoundedProtocol,), {"head_seconds": seconds})


class _BoundedProtocol(H11Protocol):
    head_seconds = HEAD_SECONDS
    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._expect_head()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._head_timer is not None:
            self._head_timer.cancel()

    def _expect_head(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
        self._head_timer = self.loop.call_later(self.head_seconds, self._give_up)

    def _give_up(self) -> None:
        answered: Any = self.cycle
        if (answered is None or answered.response_complete) and not self.transport.is_closing():
            self.transport.close()
