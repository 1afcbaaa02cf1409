"""What a kill leaves in a cloud, at every request of a command: the stand-in is remembered right before each answer.

A process that is killed sends no further request, and what a cloud was asked for goes on. So one run of the command is
watched, and states in which the cloud has the same are kept once. A few real kills show that this is the same.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from unittest import mock

from groundplan.core import digests
from urllib3.connectionpool import HTTPConnectionPool

from stand_in.services import AzureMLService, VertexService
from stand_in.services.http import Request, Service


class KilledError(BaseException):
    """The process ends here."""


@dataclass(frozen=True, kw_only=True)
class Left:
    """A cloud as it was left: ``requests`` were answered, ``put_back`` makes it so again."""

    requests: int
    put_back: Callable[[], None]


def left_by_kills(service: Service, act: Callable[[], object]) -> Sequence[Left]:
    """The cloud after a kill at each request of ``act``, and after all of it; where it has changed since."""
    found: dict[str, Left] = {}

    def remember(requests: int) -> None:
        state = _state(service)
        if state not in found:
            found[state] = Left(requests=requests, put_back=service.memory())

    def meanwhile(request: Request) -> None:
        remember(len(service.requests) - 1)

    service.requests.clear()
    service.meanwhile = meanwhile
    try:
        act()
    finally:
        service.meanwhile = None
    remember(len(service.requests))
    return list(found.values())


def kill(service: Service, requests: int, act: Callable[[], object]) -> None:
    """Make ``act`` in a process that is killed once so many requests were answered: no thread of it sends another one.

    What a thread makes of the answer of another one that is dead never comes out.
    """
    send, killed = HTTPConnectionPool.urlopen, threading.Event()

    def urlopen(pool: HTTPConnectionPool, *words: Any, **named: Any) -> Any:
        if len(service.requests) >= requests:
            killed.set()
            raise KilledError
        return send(pool, *words, **named)

    service.requests.clear()
    with mock.patch.object(HTTPConnectionPool, "urlopen", urlopen), mock.patch("threading.excepthook", _say_nothing):
        try:
            act()
        except (KilledError, Exception):
            if not killed.is_set():
                raise
    assert killed.is_set()


def _say_nothing(_: Any) -> None:
    """As a thread of a process that is killed."""


def _state(service: Service) -> str:
    """What the cloud has; how far an operation is does not count, whether it has ended does."""
    kept: dict[str, Any] = {"store": service.store.path.read_text(encoding="utf-8")}
    kept["work"] = {name: one.done for name, one in service.operations.items()}
    if isinstance(service, AzureMLService):
        kept["blobs"] = {"/".join(key): one.tag for key, one in service.blobs.content.items()}
    if isinstance(service, VertexService):
        buckets = service.buckets.content
        kept["objects"] = {
            name: {key: one.generation for key, one in content.items()} for name, content in buckets.items()
        }
        kept["models"] = service.models.content
    return digests.of_value(kept)
