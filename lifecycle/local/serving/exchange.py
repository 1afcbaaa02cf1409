"""One request and its answer: what is noted of it, and how answers that no framework writes are sent."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import to_json

from ...contract.deployment import ServedModel
from .schema import RequestError

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

Headers = Sequence[tuple[bytes, bytes]]


@dataclass(kw_only=True)
class Exchange:
    """One request and its answer, as far as they are noted. ``served`` is the version that answered, if one did."""

    request_id: str
    started: float = field(default_factory=time.perf_counter)
    status: int = 500
    responded: bool = False
    noted: bool = False
    sampled: bool = False
    served: ServedModel | None = None
    rows: int = 0
    inputs: object = None
    outputs: object = None
    probabilities: object = None


async def respond_json(status: int, body: bytes, send: Send, *, more: Headers = ()) -> None:
    """Answer with this JSON."""
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def respond_error(error: RequestError, exchange: Exchange, send: Send, *, more: Headers = ()) -> None:
    """Answer with the error as JSON; the connection ends where the rest of the request was not read."""
    said = {"error": error.code, "message": error.message, "detail": error.detail, "request_id": exchange.request_id}
    headers = [*more]
    if error.status in (408, 413):
        headers.append((b"connection", b"close"))
    if error.status == 401:
        headers.append((b"www-authenticate", b"ApiKey"))
    if error.status in (502, 503):
        headers.append((b"retry-after", b"1"))
    await respond_json(error.status, to_json(said), send, more=headers)
