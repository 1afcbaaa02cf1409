"""One request and its answer: what is noted of it, and how answers that no framework writes are sent."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from pydantic_core import from_json, to_json

from ....core import clock
from ...contract.deployment import ServedModel
from .schema import RequestError
from .upstream import Answer

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

    def keep(self, rows: object, answer: Answer) -> None:
        """Keep what was asked and answered, for the log, where predictions came."""
        if answer.status == 200:
            said = cast("Mapping[str, object]", from_json(answer.body))
            self.inputs, self.outputs, self.probabilities = rows, said["predictions"], said.get("probabilities")


def log_entry(exchange: Exchange, served: ServedModel, *, method: str, route: str, seconds: float,
              redact: Sequence[str]) -> dict[str, object]:  # fmt: skip
    """The line of the request log; of columns in ``redact`` only that they are not there."""
    entry: dict[str, object] = {
        "time": clock.to_text(clock.now()),
        "request_id": exchange.request_id,
        "method": method[:16],
        "route": route,
        "status": exchange.status,
        "ms": round(seconds * 1000, 3),
        "rows": exchange.rows,
        "model": served.name,
        "version": served.version,
    }
    return entry if exchange.inputs is None else {**entry, **_sampled(exchange, redact)}


def _sampled(exchange: Exchange, redact: Sequence[str]) -> dict[str, object]:
    fields: dict[str, object] = {"inputs": exchange.inputs, "outputs": exchange.outputs}
    if exchange.probabilities is not None:
        fields["probabilities"] = exchange.probabilities
    if redact:
        rows = cast("Sequence[Mapping[str, object]]", exchange.inputs)
        fields["inputs"] = [{name: row[name] for name in row if name not in redact} for row in rows]
        fields["redacted"] = list(redact)
    return fields


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
