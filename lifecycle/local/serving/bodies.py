"""Reads a request's body within its limits: type, bytes, time."""

from __future__ import annotations

import asyncio
import time
from typing import cast

from pydantic_core import from_json
from starlette.requests import ClientDisconnect, Request

from .schema import RequestError

_DISCARD_SECONDS = 5.0


async def read_body(request: Request, *, max_bytes: int, seconds: float) -> bytes:
    """The body of a JSON request. Raises RequestError: 415, 413, 408, 400."""
    _demand_json(request)
    too_large = RequestError(413, "body-too-large", f"the body is larger than {max_bytes} bytes")
    declared = request.headers.get("content-length", "0")
    if int(declared) > max_bytes:
        await _discard(request)
        raise too_large
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                body += chunk
                if len(body) > max_bytes:
                    await _discard(request)
                    raise too_large
    except TimeoutError:
        raise RequestError(408, "too-slow", f"the body did not arrive within {seconds:g} s") from None
    except ClientDisconnect:
        raise RequestError(400, "incomplete", "the connection ended before the body did") from None
    return bytes(body)


def _demand_json(request: Request) -> None:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise RequestError(415, "content-type", "send JSON, with Content-Type: application/json")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise RequestError(415, "content-encoding", "send the body without Content-Encoding")


async def _discard(request: Request) -> None:
    """Read on without keeping anything, for a while: most callers read the answer only once all is sent."""
    if request.headers.get("expect", "").lower() == "100-continue":
        return
    deadline = time.monotonic() + _DISCARD_SECONDS
    while (left := deadline - time.monotonic()) > 0:
        try:
            message = await asyncio.wait_for(request.receive(), left)
        except TimeoutError:
            return
        if message["type"] != "http.request" or not cast("bool", message.get("more_body", False)):
            return


def rows_of(body: bytes) -> list[object]:
    """The rows of a body in any of the forms that are taken, unchecked; none when it is no JSON."""
    try:
        value: object = from_json(body)
    except ValueError:
        return []
    if isinstance(value, dict):
        row = cast("dict[str, object]", value)
        instances = row.get("instances", [row])
        return cast("list[object]", instances) if isinstance(instances, list) else []
    return cast("list[object]", value) if isinstance(value, list) else []
