"""Notices a worker that lives and answers nothing: one that is stuck in native code, or was suspended."""

from __future__ import annotations

import asyncio
import contextlib

from .upstream import Upstream, WorkerLostError, WorkerUnreachableError

_LOOK_SECONDS = 1.0
_LEAST_LOOKS = 10
"""However short a request may be, a machine that is busy with something else is given so long."""


def patience(request_timeout_seconds: int) -> int:
    """For how many seconds a worker may answer nothing: for longer than any request may take."""
    return max(_LEAST_LOOKS, request_timeout_seconds + 1)


async def until_silent(upstream: Upstream, *, seconds: int) -> None:
    """Ask the worker once a second whether a thread of its is free; end when it has answered nothing for so long.

    Answers to requests count too: a worker that is busy and gets on is alive. What counts is looks, not the clock:
    when this process itself was suspended or starved, nobody else is blamed.
    """
    silent, asking = 0, asyncio.create_task(_ask(upstream))
    try:
        while silent < seconds:
            before = upstream.answers
            await _next_look()
            silent = silent + 1 if upstream.answers == before else 0
            if asking.done():
                asking = asyncio.create_task(_ask(upstream))
    finally:
        asking.cancel()


async def _next_look() -> None:
    await asyncio.sleep(_LOOK_SECONDS)


async def _ask(upstream: Upstream) -> None:
    with contextlib.suppress(WorkerLostError, WorkerUnreachableError):
        await upstream.ask_whether_free()
