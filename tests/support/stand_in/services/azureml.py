"""Azure as its SDKs see it: who gives tokens, where the services are, and what stands behind each address."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import jwt

from ..store import Resource, Store
from . import arm, certificate
from .batch import Batch
from .blobs import Blobs
from .collector import Collector
from .history import History
from .http import Answer, Json, Request, Service
from .insights import Insights
from .jobs import Jobs
from .models import Models
from .online import Online
from .scaling import Scaling
from .schedules import Schedules
from .subscription import Subscription
from .tracking import Tracking
from .tunnel import Tunnel

_IMPORT = re.compile(r"/mferp/managementfrontend/imports/(?P<number>\d+)")
_OPERATION = re.compile(r"/subscriptions/[^/]+/operations/(?P<number>\d+)")

_OWN = "https://ml.azure.example"
"""Azure ML itself, as the SDK makes it of the portal's address."""


class AzureMLService(Service):
    """Azure, and the managed identity that signs its callers in; ``token`` is the one that it takes.

    ``token_seconds`` is how long a token is said to be good for, ``signature`` that of addresses which are signed.
    ``stale`` is for how many reads what changed last is not seen yet.
    """

    def __init__(self, store: Store, folder: Path) -> None:
        self._certificate, context = certificate.make(folder)
        super().__init__(store, tls=context)
        self.token = "first"
        self.token_seconds = 3600
        self.stale = 0
        self._before: dict[str, Resource] = {}
        self.address = f"https://localhost:{self.port}"
        self.signature = "signed-for-a-while"
        self.blobs = Blobs(self)
        self.online = Online(self)
        self.insights = Insights(self)
        self.scaling = Scaling(self)
        self.models = Models(self)
        self.jobs = Jobs(self)
        self.schedules = Schedules(self)
        self.batch = Batch(self)
        self.history = History(self)
        self.tracking = Tracking(self, folder / "tracking")
        self.collector = Collector(self)
        self.subscription = Subscription(store=store, address=self.address)
        self._tunnel = Tunnel(self.port)

    def __enter__(self) -> Self:
        self._tunnel.start()
        super().__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        self._tunnel.stop()

    @property
    def environment(self) -> dict[str, str]:
        """What a caller needs in its environment to be signed in and to find the service, at any name of Azure's."""
        return {
            "ARM_CLOUD_METADATA_URL": f"{self.address}/metadata/endpoints?api-version=2019-05-01",
            "AZURE_TOKEN_CREDENTIALS": "ManagedIdentityCredential",
            "HTTPS_PROXY": self._tunnel.address,
            "IDENTITY_ENDPOINT": f"{self.address}/token",
            "IDENTITY_HEADER": "stand-in",
            "NO_PROXY": "localhost,127.0.0.1",
            "REGISTRY_DISCOVERY_ENDPOINT_URL": f"{self.address}/",
            "REQUESTS_CA_BUNDLE": str(self._certificate),
        }

    def memory(self) -> Callable[[], None]:
        """With the blobs."""
        others, blobs, before = super().memory(), dict(self.blobs.content), self._before

        def put_back() -> None:
            others()
            self.blobs.content, self._before = dict(blobs), before

        return put_back

    def answer(self, request: Request) -> Answer:
        """The cloud's addresses, the token, or what the service says that is meant."""
        self.collector.go_on()
        if request.path == "/metadata/endpoints":
            return Answer(body=[_cloud(self.address)])
        if request.path == "/token":
            return Answer(body=self._token(request.query.get("resource", "")))
        answer = self.blobs.answer(request) or self.history.discovered(request)
        if answer is not None:
            return answer
        if request.headers.get("authorization") not in (f"Bearer {self.token}", f"Bearer {self.own_token}"):
            raise arm.refused(401, "InvalidAuthenticationToken", "The access token is invalid or has expired.")
        if request.host.endswith(".inference.ml.azure.com"):
            return self.batch.invoke(request) if request.path == "/jobs" else self.online.score(request)
        return self.history.answer(request) or self.tracking.answer(request) or self._manage(request)

    @property
    def own_token(self) -> str:
        """The token for Azure ML itself, which says to whom it may be shown: the SDK looks."""
        return jwt.encode({"aud": _OWN, "sub": self.token}, "a key of the stand-in, which nobody looks at")

    def _token(self, resource: str) -> Json:
        token = self.own_token if resource.rstrip("/") == _OWN else self.token
        expires = str(int(time.time()) + self.token_seconds)
        return {"access_token": token, "expires_on": expires, "token_type": "Bearer", "resource": resource}

    def _manage(self, request: Request) -> Answer:
        """What Azure Resource Manager and the services behind it say."""
        discovers = request.path.startswith("/registrymanagement/")
        if not discovers and not re.fullmatch(r"\d{4}-\d\d-\d\d(-\w+)?", request.query.get("api-version", "")):
            raise arm.refused(400, "MissingApiVersionParameter", "The api-version query parameter is required.")
        operation, imported = _OPERATION.fullmatch(request.path), _IMPORT.fullmatch(request.path)
        if operation is not None:
            return self._operation(operation["number"])
        if imported is not None:
            return self.models.imported(imported["number"])
        for part in (
            self.insights, self.scaling, self.batch, self.schedules, self.jobs, self.models, self.online,
            self.subscription,
        ):  # fmt: skip
            answer = part.answer(request)
            if answer is not None:
                return answer
        raise arm.refused(404, "NotFound", f"no such address: {request.path}")

    def seen(self) -> dict[str, Resource]:
        """The resources as a read sees them."""
        if self.stale > 0 and self._before:
            self.stale -= 1
            return self._before
        return self.store.resources

    def put(self, resource: Resource) -> None:
        """A resource in place, as it is now."""
        self._before = self.store.resources
        with self.store.changing() as content:
            content["resources"][resource["id"]] = resource

    def work(self, about: str, act: Any, *, body: Json | None, fail: Any = None) -> Answer:
        """Begin an operation, as ARM answers it."""
        number = str(len(self.operations) + 1)

        def end() -> None:
            self._before = self.store.resources
            act()

        self.begin(number, about, end, fail)
        where = f"{self.address}/subscriptions/{about.split('/')[2]}/operations/{number}?api-version=2025-12-01"
        headers = {"Azure-AsyncOperation": where, "Location": where, "x-ms-retry-after-ms": "10"}
        return Answer(status=202 if body is None else 201, body=body, headers=headers)

    def _operation(self, number: str) -> Answer:
        operation = self.operations.get(number)
        if operation is None:
            raise arm.refused(404, "NotFound", f"no operation {number}")
        if not operation.done:
            return Answer(body={"status": "InProgress"}, headers={"x-ms-retry-after-ms": "10"})
        if operation.error is not None:
            return Answer(body={"status": "Failed", "error": operation.error})
        return Answer(body={"status": "Succeeded"})


def _cloud(address: str) -> Json:
    return {
        "name": f"stand-in-{address.rpartition(':')[2]}",
        "portal": "https://portal.stand-in.example/",
        "resourceManager": address,
        "authentication": {"loginEndpoint": address},
        "suffixes": {"storage": "core.windows.net"},
    }
