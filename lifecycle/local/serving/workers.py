"""A worker as its router sees it: started, watched, asked, started again when it dies or hangs, ended when nobody needs
it.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import logging
import secrets
import sys
import time
from collections.abc import Callable
from typing import Any

from ...contract.deployment import Deployment, ServedModel
from ...contract.traffic import VersionHealth
from . import channel
from .channel import Specification
from .liveness import patience, until_silent
from .records import EndpointFolder, WorkerState, deployment_data
from .upstream import Answer, Upstream, WorkerUnreachableError

FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0
_STEADY_SECONDS = 60.0
"""One that lived this long is started again as quickly as at first."""

_LINE_BYTES = 2**24
_END_SECONDS = 3.0

_logger = logging.getLogger(__name__)


class Worker:
    """One version's process. ``on_change`` is called whenever its state is another one, ``on_crash`` before that when
    it died by itself or hung.

    One that never came up is not tried again: its model cannot be served, and somebody waits to hear so.
    """

    def __init__(self, folder: EndpointFolder, deployment: Deployment, served: ServedModel, *,
                 on_change: Callable[[], None], on_crash: Callable[[], None]) -> None:  # fmt: skip
        """Nothing is started yet. ``deployment`` says how the endpoint is set, ``served`` which version this is."""
        self.served = served
        self.row_schema: dict[str, Any] = {}
        self.hint = ""
        self._folder = folder
        self._deployment = dataclasses.replace(deployment, served=served, previous=None, beside=(), traffic=None)
        self._on_change = on_change
        self._on_crash = on_crash
        self._health: VersionHealth = "starting"
        self._detail = ""
        self._restarts = 0
        self._process: asyncio.subprocess.Process | None = None
        self._upstream: Upstream | None = None
        self._in_flight = 0
        self._settled = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._life: asyncio.Task[None] | None = None

    @property
    def is_ready(self) -> bool:
        """Whether it can be asked."""
        return self._upstream is not None

    @property
    def state(self) -> WorkerState:
        """How it is, for the status file."""
        return WorkerState(
            version=self.served.version,
            digest=self.served.digest,
            health=self._health,
            restarts=self._restarts,
            detail=self._detail,
            pid=None if self._process is None else self._process.pid,
        )

    def start(self) -> None:
        """Start the process and keep it running."""
        self._life = asyncio.create_task(self._live())

    async def settled(self) -> None:
        """Wait until it is ready for the first time, or is known never to be."""
        await self._settled.wait()

    async def predict(self, body: bytes, *, request_id: str) -> Answer:
        """Ask it. Raises WorkerUnreachableError when nothing was sent, WorkerLostError, WorkerHungError."""
        upstream = self._upstream
        if upstream is None:
            raise WorkerUnreachableError(self._detail)
        self._in_flight += 1
        self._idle.clear()
        try:
            return await upstream.predict(body, request_id=request_id)
        finally:
            self._in_flight -= 1
            if not self._in_flight:
                self._idle.set()

    async def stop(self, *, drain_seconds: float) -> None:
        """End it, once it has answered what it has begun or after ``drain_seconds``."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), drain_seconds)
        if self._life is not None:
            self._life.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._life
        self._change("stopped", "")

    async def _live(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while True:
            began = time.monotonic()
            try:
                await self._one_process()
            finally:
                self._lose()
            if not self._settled.is_set():
                self._change("unhealthy", self._detail or "its process ended before it was ready")
                self._settled.set()
                return
            if time.monotonic() - began > _STEADY_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            self._restarts += 1
            self._on_crash()
            self._change("unhealthy", self._detail or "its process ended; it is started again")
            _logger.error("version %s: %s", self.served.version, self._detail)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    async def _one_process(self) -> None:
        """Start a process, lead it to being ready, and wait for its end; cancelled, end it."""
        self._change("starting", "the model is being loaded")
        key = secrets.token_urlsafe(32)
        process = await self._spawn(key)
        try:
            seconds = max(1, self._deployment.settings.startup_timeout_seconds)
            said = await asyncio.wait_for(self._said(process), seconds)
            if said.get("event") == channel.READY:
                self._detail = await self._end_of(process, self._become_ready(said, key))
            else:
                self._detail, self.hint = str(said.get("message", "")), str(said.get("hint", ""))
        except TimeoutError:
            self._detail = f"it was not ready within {self._deployment.settings.startup_timeout_seconds} s"
        finally:
            await _end(process)

    async def _spawn(self, key: str) -> asyncio.subprocess.Process:
        """The process, with all it needs to know sent to it; its log goes where the router's goes."""
        specification = Specification(
            instance="", deployment=deployment_data(self._deployment, root=self._folder.root), ports=[], api_key=key,
            predecessor=None,
        )  # fmt: skip
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "groundplan.lifecycle.local.serving", str(self._folder.path),
            str(self.served.version), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=_LINE_BYTES,
        )  # fmt: skip
        self._process = process
        assert process.stdin is not None  # noqa: S101 asked for
        process.stdin.write(json.dumps(dataclasses.asdict(specification)).encode() + b"\n")
        return process

    @staticmethod
    async def _said(process: asyncio.subprocess.Process) -> dict[str, Any]:
        assert process.stdout is not None  # noqa: S101 asked for
        line = await process.stdout.readline()
        return json.loads(line) if line else {}

    def _become_ready(self, said: dict[str, Any], key: str) -> Upstream:
        self.row_schema = said["row_schema"]
        self._upstream = Upstream(int(said["port"]), key=key)
        self._change("ready", "")
        self._settled.set()
        return self._upstream

    async def _end_of(self, process: asyncio.subprocess.Process, upstream: Upstream) -> str:
        """Wait for its end, in words: by itself, or by us when it answers nothing any more."""
        seconds = patience(self._deployment.settings.request_timeout_seconds)
        ended = asyncio.create_task(process.wait())
        silent = asyncio.create_task(until_silent(upstream, seconds=seconds))
        try:
            await asyncio.wait((ended, silent), return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                return f"its process ended ({_ending(ended.result())}); it is started again"
            upstream.hung = True
            process.kill()
            await ended
            return f"its process lived and answered nothing for {seconds} s, and was ended; it is started again"
        finally:
            ended.cancel()
            silent.cancel()

    def _lose(self) -> None:
        if self._upstream is not None:
            self._upstream.close()
        self._upstream = self._process = None

    def _change(self, health: VersionHealth, detail: str) -> None:
        self._health, self._detail = health, detail
        self._on_change()


async def _end(process: asyncio.subprocess.Process) -> None:
    """Close the process's pipe, at which it ends by itself; end it when it does not."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        await asyncio.wait_for(process.wait(), _END_SECONDS)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _ending(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
