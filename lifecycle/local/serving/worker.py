"""The life of a worker: load one version, answer the router on a loopback port, end when the router does."""

from __future__ import annotations

import asyncio
import hmac
import logging
import os
import signal
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import uvicorn
from pydantic_core import to_json

from ....core.errors import GroundplanError
from ...contract.deployment import Deployment, ServedModel
from .. import loading
from . import channel
from .channel import Channel
from .exchange import Exchange, Receive, Scope, Send, respond_error, respond_json
from .listening import Server, bind, port_of
from .predictor import Predictions, Predictor
from .records import EndpointFolder, deployment_from
from .schema import RequestError, RequestSchema, Row
from .upstream import FREE_PATH, KEY_HEADER, ROWS_HEADER

_THREADS = 2
"""Predictions hold the interpreter's lock for most of their time; more threads would only queue elsewhere."""

_KEEP_ALIVE_SECONDS = 86_400
"""The router decides when a connection ends, so that none ends under a request."""

_logger = logging.getLogger(__name__)


class WorkerApp:
    """Predictions of one version, for whoever has the key: the router, which has judged the request before."""

    def __init__(self, predictor: Predictor, deployment: Deployment, *, key: str) -> None:
        """``deployment.served`` is the version."""
        self.schema = RequestSchema(predictor.columns, max_rows=deployment.settings.max_batch_rows)
        self._predictor = predictor
        self._served = deployment.served
        self._key = key.encode()
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="predict")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = dict(scope["headers"])
        exchange = Exchange(request_id=headers.get(b"x-request-id", b"").decode("latin-1"))
        try:
            self._admit(headers)
            free = scope["path"] == FREE_PATH
            content = await self._when_free() if free else await self._predict(await _body(receive), exchange)
        except RequestError as error:
            await respond_error(error, exchange, send, more=_rows(exchange))
        except Exception:
            _logger.exception("request %s failed", exchange.request_id)
            internal = RequestError(500, "internal", "the endpoint failed; see its log")
            await respond_error(internal, exchange, send, more=_rows(exchange))
        else:
            await respond_json(200, content, send, more=_rows(exchange))

    def _admit(self, headers: Mapping[bytes, bytes]) -> None:
        if not hmac.compare_digest(headers.get(KEY_HEADER, b""), self._key):
            raise RequestError(401, "worker-key", "only the endpoint's router is answered here")

    async def _predict(self, body: bytes, exchange: Exchange) -> bytes:
        rows = self.schema.rows(body)
        exchange.rows = len(rows)
        return to_json(_answer(await self._in_thread(rows), self._served, exchange.request_id))

    async def _when_free(self) -> bytes:
        return await asyncio.get_running_loop().run_in_executor(self._threads, bytes)

    async def _in_thread(self, rows: Sequence[Row]) -> Predictions:
        """In a thread: a slow model must stop no other request."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._predictor.predict, rows)


def _rows(exchange: Exchange) -> list[tuple[bytes, bytes]]:
    return [(ROWS_HEADER, str(exchange.rows).encode())]


def _answer(predictions: Predictions, served: ServedModel, request_id: str) -> dict[str, object]:
    answer: dict[str, object] = {"predictions": predictions.values}
    if predictions.probabilities is not None:
        answer["probabilities"] = predictions.probabilities
    return {**answer, "model": {"name": served.name, "version": served.version}, "request_id": request_id}


async def _body(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise RequestError(400, "incomplete", "the connection ended before the body did")
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return bytes(body)


def run(folder: Path) -> int:
    """Live one worker; it ends with the router's pipe, however the router ends."""
    for number in (signal.SIGTERM, signal.SIGINT):  # the router decides, once it has answered what it began
        signal.signal(number, signal.SIG_IGN)
    orders = Channel()
    try:
        asyncio.run(_live(folder, orders))
    except GroundplanError as error:
        _logger.error("%s", error.message)  # noqa: TRY400 the message says it all
        orders.tell(channel.FAILED, message=error.message, hint=error.hint)
    except Exception as error:
        _logger.exception("the worker failed")
        orders.tell(channel.FAILED, message=f"{type(error).__name__}: {error}", hint="")
    return 1


async def _live(folder: Path, orders: Channel) -> None:
    specification = orders.specification()
    where = EndpointFolder(folder)
    deployment = deployment_from(specification.deployment, root=where.root, where=where.deployment_file)
    orders.listen()
    app = await asyncio.to_thread(_load, deployment, specification.api_key or "")
    listener = bind("127.0.0.1", 0)
    server = Server(_config(app))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    orders.tell(channel.READY, port=port_of(listener), row_schema=app.schema.json_schema())
    orders.keep()
    await asyncio.wait([serving, asyncio.create_task(orders.ended())], return_when=asyncio.FIRST_COMPLETED)
    logging.shutdown()
    os._exit(0)  # the router has its answers, or is gone; threads may still predict for requests that were given up


def _load(deployment: Deployment, key: str) -> WorkerApp:
    served = deployment.served
    model = loading.load(served.path, digest=served.digest, trusted_types=served.trusted_types)
    for remark in model.warnings:
        _logger.warning("%s", remark)
    return WorkerApp(Predictor(model), deployment, key=key)


def _config(app: WorkerApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        interface="asgi3",
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
    )
