"""The life of a server process: listen, load, wait for the command's word, take over, serve, hand over, end."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import os
import signal
import socket
import threading
from collections.abc import Generator
from pathlib import Path

import uvicorn

from ....core.errors import GroundplanError
from ...contract.deployment import Deployment
from .. import loading
from . import channel, handover
from .app import Endpoint, build_app
from .channel import Channel, Specification
from .connections import HEAD_BYTES, HEAD_SECONDS, KEEP_ALIVE_SECONDS, MAX_CONNECTIONS, bounded
from .guard import ServerState
from .metrics import EndpointMetrics
from .predictor import Predictor
from .processes import identify
from .records import EndpointFolder, ServerProcess, deployment_from
from .request_log import RequestLog

STOP_SECONDS = 10
"""How long requests under way may take to end when the server is stopped."""

_WATCH_SECONDS = 2.0

_logger = logging.getLogger(__name__)


class PortTakenError(GroundplanError):
    """None of the ports that may be used is free."""

    code = "PORT_TAKEN"


class ServerProcessLife:
    """One server process, from its first line on standard input to its end."""

    def __init__(self, folder: EndpointFolder, specification: Specification, orders: Channel) -> None:
        """Prepares the application; nothing listens yet."""
        self._folder = folder
        self._specification = specification
        self._orders = orders
        deployment = deployment_from(specification.deployment, root=folder.root, where=folder.deployment_file)
        self._deployment = deployment
        self._endpoint = Endpoint(deployment)
        self._state = ServerState()
        metrics = EndpointMetrics(deployment.served)
        self._log = RequestLog(folder.request_log, on_failure=metrics.log_failures.inc)
        app = build_app(
            self._endpoint, api_key=specification.api_key, metrics=metrics, log=self._log, state=self._state
        )
        self._server = _Server(_uvicorn_config(app, deployment))

    async def live(self) -> None:
        """Serve until stopped or succeeded by another. Raises GroundplanError when it never comes to that."""
        self._orders.listen()
        taken: handover.Handover | None = None
        listener = self._listen() if self._specification.predecessor is None else None
        serving = None if listener is None else await self._serve(listener)
        await asyncio.to_thread(self._load)
        self._orders.tell(channel.READY)
        await self._orders.committed()
        if listener is None or serving is None:
            taken = await self._take_over()
            listener = self._listen() if taken is None else taken.listener
            serving = await self._serve(listener)
        self._keep(listener)
        if taken is not None:
            taken.confirm()
        offering = self._offer(listener)
        self._orders.tell(channel.SERVING, port=_port(listener))
        self._orders.close()
        watching = asyncio.create_task(self._watch_folder())
        await serving
        watching.cancel()
        if offering is not None:
            offering.cancel()

    def _load(self) -> None:
        served = self._deployment.served
        model = loading.load(served.path, digest=served.digest, trusted_types=served.trusted_types)
        for remark in model.warnings:
            _logger.warning("%s", remark)
        self._endpoint.load(Predictor(model))

    async def _take_over(self) -> handover.Handover | None:
        """The predecessor's listener; None when it had to be stopped because it gave nothing."""
        try:
            return await asyncio.to_thread(handover.Handover, self._specification.predecessor or "")
        except OSError as error:
            self._orders.tell(channel.BLOCKED, message=str(error))
            await self._orders.committed()
            return None

    def _listen(self) -> socket.socket:
        for port in self._specification.ports:
            with contextlib.suppress(OSError):
                return _bind(self._deployment.settings.host, port)
        host, ports = self._deployment.settings.host, self._specification.ports
        names = str(ports[0]) if len(ports) == 1 else f"{ports[0]} to {ports[-1]}"
        raise PortTakenError(
            f"port {names} of {host} cannot be used: another program listens there, or the address is not ours",
            hint=f"Stop that program, or set endpoints.{self._deployment.settings.name}.port in groundplan.yaml.",
        )

    async def _serve(self, listener: socket.socket) -> asyncio.Task[None]:
        serving = asyncio.create_task(self._server.serve(sockets=[listener]))
        while not self._server.started and not serving.done():
            await asyncio.sleep(0.005)
        return serving

    def _keep(self, listener: socket.socket) -> None:
        """From here on the folder says that this process serves; a command that dies changes nothing any more."""
        self._orders.keep()
        identity = identify(os.getpid())
        assert identity is not None  # noqa: S101 this process runs
        instance, port = self._specification.instance, _port(listener)
        self._folder.write_deployment(dataclasses.replace(self._deployment, port=port))
        self._folder.write_process(
            ServerProcess(
                identity=identity,
                instance=instance,
                version=self._deployment.served.version,
                port=port,
                handover=_handover_name(instance) if handover.SUPPORTED else "",
            )
        )
        _logger.info("serves %s version %s on port %s", self._deployment.served.name, self._deployment.served.version,
                     port)  # fmt: skip

    def _offer(self, listener: socket.socket) -> asyncio.Task[None] | None:
        if not handover.SUPPORTED:
            return None
        for stale in Path().glob("*.sock"):
            if stale.name not in (_handover_name(self._specification.instance), self._specification.predecessor):
                stale.unlink(missing_ok=True)
        return asyncio.create_task(
            handover.offer(_handover_name(self._specification.instance), listener.dup(), self._succeeded)
        )

    async def _watch_folder(self) -> None:
        """End when the folder no longer says that this process serves: removed with the project, or taken over."""
        while not self._state.draining:
            await asyncio.sleep(_WATCH_SECONDS)
            recorded = self._folder.process()
            if recorded is None or recorded.instance != self._specification.instance:
                self._succeeded()

    def _succeeded(self) -> None:
        """A successor serves: accept nothing more, end each connection with its next answer, then end."""
        if self._state.draining:
            return
        self._state.draining = True
        _logger.info("no longer wanted; ends when its requests are answered")
        self._server.stop_accepting()
        self._server.end_when_idle(KEEP_ALIVE_SECONDS)


class _Server(uvicorn.Server):
    """uvicorn, stopped by SIGTERM without dying of it, and able to stop accepting before it stops."""

    _ending: asyncio.Task[None] | None = None

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        with contextlib.suppress(NotImplementedError):  # Windows ends processes without a signal
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self._stop)
        yield

    def stop_accepting(self) -> None:
        for listening in self.servers:
            listening.close()

    def end_when_idle(self, seconds: float) -> None:
        """Stop once no connection is left, or after ``seconds``: idle ones are closed then."""
        self._ending = asyncio.create_task(self._end_when_idle(seconds))

    async def _end_when_idle(self, seconds: float) -> None:
        deadline = asyncio.get_running_loop().time() + seconds
        while self.server_state.connections and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.02)
        self._stop()

    def _stop(self) -> None:
        self.should_exit = True
        # A prediction that never returns must not keep the process: threads cannot be ended.
        guard = threading.Timer(STOP_SECONDS + 2.0, os._exit, args=(0,))
        guard.daemon = True
        guard.start()


def run(folder: Path) -> int:
    """Live one server process; the exit code is 0 after an orderly stop."""
    _configure_logging()
    folder = folder.resolve()
    os.chdir(folder)  # the handover sockets are names in it
    orders = Channel()
    try:
        life = ServerProcessLife(EndpointFolder(folder), orders.specification(), orders)
        asyncio.run(life.live())
    except GroundplanError as error:
        _logger.error("%s", error.message)  # noqa: TRY400 the message says it all
        orders.tell(channel.FAILED, message=error.message, hint=error.hint)
        return 1
    except Exception as error:
        _logger.exception("the server failed")
        orders.tell(channel.FAILED, message=f"{type(error).__name__}: {error}", hint="")
        return 1
    _logger.info("stopped")
    return 0


def _uvicorn_config(app: object, deployment: Deployment) -> uvicorn.Config:
    return uvicorn.Config(
        app,  # pyright: ignore[reportArgumentType]
        http=bounded(min(HEAD_SECONDS, deployment.settings.request_timeout_seconds)),
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        interface="asgi3",
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
        limit_concurrency=MAX_CONNECTIONS,
        h11_max_incomplete_event_size=HEAD_BYTES,
    )


def _bind(host: str, port: int) -> socket.socket:
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


def _port(listener: socket.socket) -> int:
    return int(listener.getsockname()[1])


def _handover_name(instance: str) -> str:
    return f"{instance}.sock"


def _configure_logging() -> None:
    logging.raiseExceptions = False  # a full disk under server.log must not stop the server
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", datefmt="%Y-%m-%dT%H:%M:%S%z"
    )
