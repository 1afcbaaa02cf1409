"""HTTP connections that cannot be held open by saying little, and that do not end over a request that has arrived."""

from __future__ import annotations

import asyncio
import selectors
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

    def timeout_keep_alive_handler(self) -> None:
        """End a connection without a request; one that has arrived and was not read yet is answered."""
        if not self._has_unread():
            super().timeout_keep_alive_handler()

    def shutdown(self) -> None:
        """End with the answer under way, which may be to a request that has arrived and was not read yet."""
        if self._has_unread():
            self.loop.call_soon(self.shutdown)
        elif not self.transport.is_closing():
            super().shutdown()

    def _expect_head(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
        self._head_timer = self.loop.call_later(self.head_seconds, self._give_up)

    def _give_up(self) -> None:
        if not self._is_idle or self.transport.is_closing():
            return
        if self._has_unread():
            self.loop.call_soon(self._give_up)
        else:
            self.transport.close()

    @property
    def _is_idle(self) -> bool:
        """Whether no request is being answered."""
        answered: Any = self.cycle
        return answered is None or bool(answered.response_complete)

    def _has_unread(self) -> bool:
        """Whether an idle connection has bytes, or its end, that the loop has not come to read."""
        if not self._is_idle or self.transport.is_closing():
            return False
        with selectors.DefaultSelector() as selector:
            selector.register(self.transport.get_extra_info("socket"), selectors.EVENT_READ)
            return bool(selector.select(0))
