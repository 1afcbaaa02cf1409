"""Faults that meet every request of a command, once each."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from unittest import mock

from stand_in.services import AzureMLService, VertexService
from stand_in.services.http import Request, Service, Strike

_SIGNING_IN = ("/token", "/sts/token", "/metadata/endpoints")

PASSING: Mapping[str, Mapping[str, Any]] = {
    "throttled": {"status": 429, "headers": {"Retry-After": "0"}},
    "fault": {"status": 500},
    "reset": {"kind": "reset"},
    "answer lost": {"kind": "reset", "done": True},
    "cut in the middle": {"kind": "cut", "done": True},
}


@dataclass(kw_only=True)
class EachOnce(Strike):
    """Strikes each request when it comes for the first time; what signs in is left alone. ``met`` are those struck."""

    met: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    def meets(self, request: Request) -> bool:
        key = (request.method, request.path)
        if request.path in _SIGNING_IN or key in self.met:
            return False
        self.met.append(key)
        return True


@contextmanager
def at_once() -> Generator[None]:
    """The SDK of Azure's storage asks again at once, where by itself it waits a second, or fifteen and more."""
    name = "azure.storage.blob"
    with (
        mock.patch(f"{name}._shared.policies.StorageRetryPolicy.sleep"),
        mock.patch(f"{name}._download.time", SimpleNamespace(sleep=mock.Mock())),
    ):
        yield


def expiring(service: Service) -> None:
    """Tokens that are good for a moment: each that is given out makes the one before bad.

    Azure's clients see from what they were told that it is time for another one, Google's from the refusal.
    """

    cloud = _cloud(service)

    def meanwhile(request: Request) -> None:
        due = request.path == "/token" if isinstance(cloud, AzureMLService) else len(cloud.requests) % 5 == 0
        if due and request.path != "/sts/token":
            cloud.token = f"token after {len(cloud.requests)} requests"

    cloud.meanwhile = meanwhile


def short_lived(service: Service) -> None:
    """Tokens of which their holders know that they are good for a moment."""
    if isinstance(service, AzureMLService):
        service.token_seconds = 1


def lasting(service: Service) -> None:
    """Tokens that last again."""
    cloud = _cloud(service)
    cloud.meanwhile, cloud.token = None, "first"
    if isinstance(cloud, AzureMLService):
        cloud.token_seconds = 3600


def late_reads(service: Service, looks: int) -> None:
    """So many looks do not see yet what was done last."""
    cloud = _cloud(service)
    if isinstance(cloud, AzureMLService):
        cloud.stale = looks
    else:
        cloud.lag = looks


def asked(service: Service, act: Callable[[], object]) -> list[tuple[str, str]]:
    """What a command asks, each once, without signing in and waiting."""
    service.requests.clear()
    act()
    found = dict.fromkeys(one for one in service.requests if one[1] not in _SIGNING_IN)
    return [one for one in found if "/operations/" not in one[1] and "/imports/" not in one[1]]


def kind(method: str, path: str) -> str:
    """A request without the digests and numbers in it."""
    return f"{method} {re.sub('[0-9a-f]{32,}|[0-9]+', '*', path)}"


def refusal(service: Service, path: str) -> Mapping[str, Any]:
    """How the service that is meant refuses who may not."""
    if isinstance(service, AzureMLService) and path.startswith("/artifacts"):
        return {"status": 403, "headers": {"x-ms-error-code": "AuthorizationPermissionMismatch"}}
    if isinstance(service, AzureMLService):
        return {"status": 403, "body": {"error": {"code": "AuthorizationFailed", "message": "no authorization"}}}
    error = {"code": 403, "message": "Permission denied", "status": "PERMISSION_DENIED"}
    return {"status": 403, "body": {"error": error}}


def token(service: Service) -> str:
    """The one that is taken now."""
    return _cloud(service).token


def _cloud(service: Service) -> AzureMLService | VertexService:
    assert isinstance(service, AzureMLService | VertexService)
    return service
