"""What a starting process and whoever starts it say to each other: JSON lines over standard input and output.

A router starts a worker with a specification, hears that it is ready, and keeps the pipe: it is the worker's life line.

A command starts a router. It sends the specification, then ``commit``. When the command dies before that, the pipe
ends, and the router with it: a killed command leaves no second server behind. The API key travels here too, so that it
stands neither on a command line, nor in an environment, nor on a disk.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import threading
from dataclasses import dataclass, field
from typing import Any

COMMIT = "commit"
"""The command's word: serve from now on, and outlive me."""

READY = "ready"
"""The model is loaded."""

BLOCKED = "blocked"
"""The serving process does not hand its listener over; stop it and commit again."""

SERVING = "serving"
"""Requests are answered here, and the folder says so."""

FAILED = "failed"
"""It cannot be; ``message`` and ``hint`` say why."""

_ENDED = ""


@dataclass(frozen=True, kw_only=True)
class Specification:
    """What to serve, where, and after whom.

    ``predecessor`` is the socket at which the serving process hands its listener over, "" when it cannot and has to be
    stopped first, None when the port is free. The first free one of ``ports`` is taken.
    """

    instance: str
    deployment: dict[str, Any]
    ports: list[int]
    api_key: str | None = field(repr=False)
    predecessor: str | None


class Channel:
    """The server's end."""

    def __init__(self) -> None:
        """Takes standard input and output; what a model prints goes to the log instead."""
        self._out = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)
        self._committed = False
        self._closed = False
        self._orders: asyncio.Queue[str] = asyncio.Queue()

    def specification(self) -> Specification:
        """The first line. Raises ValueError when there is none."""
        return Specification(**json.loads(sys.stdin.readline()))

    def listen(self) -> None:
        """Read orders from now on; needs a running loop."""
        threading.Thread(target=self._read, args=(asyncio.get_running_loop(),), daemon=True, name="orders").start()

    async def committed(self) -> None:
        """Wait for the order to serve."""
        await self._orders.get()

    async def ended(self) -> None:
        """Wait until nobody can give orders any more."""
        while await self._orders.get() != _ENDED:
            pass

    def keep(self) -> None:
        """Outlive the command from now on."""
        self._committed = True

    def tell(self, event: str, **details: object) -> None:
        """Say something to the command, if it still listens."""
        if self._closed:
            return
        try:
            print(json.dumps({"event": event, **details}), file=self._out, flush=True)
        except (OSError, ValueError):
            if not self._committed:
                os._exit(1)

    def close(self) -> None:
        """Let go of the command: nothing is read from it or said to it any more."""
        self._closed = True
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 0)
        os.close(null)
        with contextlib.suppress(OSError):
            self._out.close()

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(self._orders.put_nowait, line.strip())
        if not self._committed:
            os._exit(1)
        loop.call_soon_threadsafe(self._orders.put_nowait, _ENDED)
