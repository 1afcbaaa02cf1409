"""What stands before every request: who may call, under which name, how much, how long; and what is noted of it."""

from __future__ import annotations

import hmac
import ipaddress
import logging
import random
import re
import time
import uuid
from dataclasses import dataclass

from ...contract.deployment import Deployment, ServedModel
from .exchange import App, Exchange, Headers, Message, Receive, Scope, Send, log_entry, respond_error
from .metrics import EndpointMetrics
from .request_log import RequestLog
from .schema import RequestError

ROUTES = frozenset({"/", "/predict", "/healthz", "/readyz", "/metrics", "/openapi.json", "/docs"})
"""The paths that the endpoint knows."""

_OPEN = frozenset({"/healthz", "/readyz"})
_NOT_LOGGED = _OPEN | {"/metrics"}
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(kw_only=True)
class ServerState:
    """What changes while the server lives: what is served. While it is ``draining`` each answer ends its connection."""

    deployment: Deployment
    draining: bool = False


class Guard:
    """Pure ASGI, the outermost layer."""

    def __init__(self, app: App, *, api_key: str | None, metrics: EndpointMetrics, log: RequestLog,
                 state: ServerState) -> None:  # fmt: skip
        """``api_key`` is the key itself; it is compared in constant time."""
        self._app = app
        self._settings = state.deployment.settings
        self._key = None if api_key is None else api_key.encode()
        self._metrics = metrics
        self._log = log
        self._state = state
        listens_everywhere = self._settings.host not in _LOOPBACK_NAMES
        self._hosts = {name.lower() for name in (*_LOOPBACK_NAMES, self._settings.host, *self._settings.allowed_hosts)}
        self._addresses_allowed = listens_everywhere

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        headers = dict(scope["headers"])
        exchange = Exchange(request_id=_request_id(headers.get(b"x-request-id", b"")), sampled=self._is_sampled())
        scope["exchange"] = exchange
        noted = self._noting(scope, exchange, send)
        self._metrics.in_flight.inc()
        try:
            self._admit(scope["path"], headers)
            await self._app(scope, receive, noted)
        except RequestError as error:
            await respond_error(error, exchange, noted)
        except Exception:
            logging.getLogger(__name__).exception("request %s failed", exchange.request_id)
            if exchange.responded:
                raise
            await respond_error(RequestError(500, "internal", "the endpoint failed; see its log"), exchange, noted)
        finally:
            self._note(scope, exchange)

    def _admit(self, path: str, headers: dict[bytes, bytes]) -> None:
        """Raises RequestError when the request may not pass."""
        if not self._is_own_name(headers.get(b"host", b"").decode("latin-1")):
            raise RequestError(
                421, "unknown-host", "this endpoint does not answer under that Host; name it in allowed_hosts"
            )
        if self._key is None or path in _OPEN:
            return
        if not hmac.compare_digest(headers.get(b"x-api-key", b""), self._key):
            raise RequestError(401, "api-key", "send the endpoint's key as X-API-Key")

    def _is_own_name(self, host: str) -> bool:
        """Whether ``host`` is a name of ours: a page that rebinds its own name to this machine is not let in."""
        name = _without_port(host.lower())
        return name in self._hosts or (self._addresses_allowed and _is_address(name))

    def _noting(self, scope: Scope, exchange: Exchange, send: Send) -> Send:
        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status, exchange.responded = message["status"], True
                message["headers"] = [*message.get("headers", ()), *self._own_headers(exchange)]
            elif not message.get("more_body", False):  # noted first: whoever has the answer finds it in the log
                self._note(scope, exchange)
            await send(message)

        return noted

    def _own_headers(self, exchange: Exchange) -> Headers:
        served = self._served(exchange)
        closing = ((b"connection", b"close"),) if self._state.draining else ()
        return (
            (b"x-request-id", exchange.request_id.encode()),
            (b"x-model-name", served.name.encode()),
            (b"x-model-version", str(served.version).encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"cache-control", b"no-store"),
            *closing,
        )

    def _served(self, exchange: Exchange) -> ServedModel:
        """The version that answered; the main one when none came to it."""
        return exchange.served or self._state.deployment.served

    def _is_sampled(self) -> bool:
        return self._settings.log_sample > 0 and random.random() < self._settings.log_sample  # noqa: S311 sampling

    def _note(self, scope: Scope, exchange: Exchange) -> None:
        """Count the request and write its line, once."""
        if exchange.noted:
            return
        exchange.noted = True
        self._metrics.in_flight.dec()
        seconds = time.perf_counter() - exchange.started
        route = scope["path"] if scope["path"] in ROUTES else "other"
        self._metrics.answered(route, exchange.status, seconds)
        if exchange.rows:
            self._metrics.rows.inc(exchange.rows)
        if self._settings.log_requests and route not in _NOT_LOGGED:
            self._log.write(
                log_entry(exchange, self._served(exchange), method=scope["method"], route=route, seconds=seconds,
                          redact=self._settings.redact)
            )  # fmt: skip


def _request_id(given: bytes) -> str:
    text = given.decode("latin-1")
    return text if _REQUEST_ID.fullmatch(text) else uuid.uuid4().hex


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    name, _, port = host.rpartition(":")
    return name if name and port.isdigit() else host


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
