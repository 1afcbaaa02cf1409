"""The life of a router: listen, start workers, wait for the command's word, take over, serve, hand over, end."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import os
import socket
from pathlib import Path

import uvicorn

from ....core.errors import GroundplanError, ResourceFailedError
from ...contract.deployment import Deployment
from . import channel, handover
from .app import build_app
from .channel import Channel, Specification
from .connections import HEAD_BYTES, HEAD_SECONDS, KEEP_ALIVE_SECONDS, MAX_CONNECTIONS, bounded
from .following import Follower
from .guard import ServerState
from .listening import STOP_SECONDS, Server, bind, port_of
from .metrics import EndpointMetrics
from .processes import identify
from .records import RELEASE, EndpointFolder, ServerProcess, deployment_from, digest_of
from .request_log import RequestLog, kept_files
from .router import Router

_WATCH_SECONDS = 2.0

_logger = logging.getLogger(__name__)


class PortTakenError(GroundplanError):
    """None of the ports that may be used is free."""

    code = "PORT_TAKEN"


class RouterLife:
    """One router process, from its first line on standard input to its end."""

    def __init__(self, folder: EndpointFolder, specification: Specification, orders: Channel) -> None:
        """Prepares the application; nothing listens yet."""
        self._folder = folder
        self._specification = specification
        self._orders = orders
        deployment = deployment_from(specification.deployment, root=folder.root, where=folder.deployment_file)
        self._settings = deployment.settings
        self._state = ServerState(deployment=deployment)
        metrics = EndpointMetrics()
        log = RequestLog(
            folder.request_log,
            on_failure=metrics.log_failures.inc,
            kept=kept_files(deployment.settings.log_max_mb),
        )
        self._router = Router(folder, self._state, metrics, instance=specification.instance, log=log)
        app = build_app(self._router, api_key=specification.api_key, metrics=metrics, log=log, state=self._state)
        self._server = Server(_uvicorn_config(app, deployment))

    async def live(self) -> None:
        """Serve until stopped or succeeded by another. Raises GroundplanError when it never comes to that."""
        self._orders.listen()
        listener = self._listen() if self._specification.predecessor is None else None
        serving = None if listener is None else await self._serve(listener)
        self._router.start()
        try:
            await self._live_on(listener, serving)
        finally:
            await self._router.stop()

    async def _live_on(self, listener: socket.socket | None, serving: asyncio.Task[None] | None) -> None:
        taken: handover.Handover | None = None
        await self._router.settled()
        self._demand_ready()
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
        self._orders.tell(channel.SERVING, port=port_of(listener))
        self._orders.close()
        watching = asyncio.create_task(self._watch_folder())
        following = asyncio.create_task(Follower(self._folder, self._router, self._specification.instance).follow())
        await serving
        for task in (watching, following, *((offering,) if offering is not None else ())):
            task.cancel()

    def _demand_ready(self) -> None:
        """Raises ResourceFailedError with what the workers say when nobody could answer."""
        if not self._router.is_ready and not self._router.serves_nobody:
            raise ResourceFailedError(self._router.complaint, hint=self._router.hint)

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
                return bind(self._settings.host, port)
        host, ports = self._settings.host, self._specification.ports
        names = str(ports[0]) if len(ports) == 1 else f"{ports[0]} to {ports[-1]}"
        raise PortTakenError(
            f"port {names} of {host} cannot be used: another program listens there, or the address is not ours",
            hint=f"Stop that program, or set endpoints.{self._settings.name}.port in groundplan.yaml.",
        )

    async def _serve(self, listener: socket.socket) -> asyncio.Task[None]:
        serving = asyncio.create_task(self._server.serve(sockets=[listener]))
        while not self._server.started and not serving.done():
            await asyncio.sleep(0.005)
        self._server.stop_at_sigterm()
        return serving

    def _keep(self, listener: socket.socket) -> None:
        """From here on the folder says that this process serves; a command that dies changes nothing any more."""
        self._orders.keep()
        identity = identify(os.getpid())
        assert identity is not None  # noqa: S101 this process runs
        instance, port = self._specification.instance, port_of(listener)
        deployment = dataclasses.replace(self._state.deployment, port=port)
        # In this order: the predecessor must not follow a deployment that is its successor's.
        self._folder.write_process(
            ServerProcess(
                identity=identity,
                instance=instance,
                version=deployment.served.version,
                port=port,
                handover=_handover_name(instance) if handover.SUPPORTED else "",
                release=RELEASE,
            )
        )
        self._folder.write_deployment(deployment)
        self._state.deployment = deployment
        self._router.begin(digest_of(self._folder.deployment_file.read_bytes()))
        _logger.info("serves %s version %s on port %s", deployment.served.name, deployment.served.version, port)

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
        self._server.hand_over(HEAD_SECONDS + self._settings.request_timeout_seconds)


def run(folder: Path) -> int:
    """Live one server process; the exit code is 0 after an orderly stop."""
    _allow_many_connections()
    orders = Channel()
    try:
        life = RouterLife(EndpointFolder(folder), orders.specification(), orders)
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


def _handover_name(instance: str) -> str:
    return f"{instance}.sock"


def _allow_many_connections() -> None:
    """As many files as this user may open: each caller is one, and so is each connection to a worker."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
