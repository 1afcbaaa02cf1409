"""A deployment: a model version that answers over HTTP in one environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from .rubric import Task
from .traffic import Traffic

PORTS = range(8080, 8180)
"""Where an endpoint without a port of its own looks for a free one, in this order."""

EndpointHealth = Literal["ready", "starting", "unhealthy", "stopped"]


@dataclass(frozen=True, kw_only=True)
class Machines:
    """What a version runs on: the cloud's name of the machine, and how many at least and at most."""

    type: str
    least: int = 1
    most: int = 1


@dataclass(frozen=True, kw_only=True)
class EndpointSettings:
    """How an endpoint listens and what it refuses. ``api_key`` is a reference, never the key.

    ``redact`` are the columns whose values are not logged; ``log_max_mb`` bounds the request log with its old files.
    ``machines`` are those of a cloud, None on the laptop; ``kind`` batch works through rows as a job of the cloud.
    """

    name: str
    environment: str
    model: str
    kind: Literal["online", "batch"] = "online"
    host: str = "127.0.0.1"
    port: int | None = None
    api_key: str | None = None
    allowed_hosts: tuple[str, ...] = ()
    max_body_bytes: int = 1_000_000
    max_batch_rows: int = 1000
    request_timeout_seconds: int = 30
    startup_timeout_seconds: int = 60
    log_requests: bool = True
    log_sample: float = 0.0
    redact: tuple[str, ...] = ()
    log_max_mb: int = 40
    machines: Machines | None = None


@dataclass(frozen=True, kw_only=True)
class ServedModel:
    """What the registry vouches for: the folder, the digest it must have, and the types it may load."""

    name: str
    version: int
    digest: str
    path: Path
    task: Task
    trusted_types: tuple[str, ...] = ()
    override: str = ""


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """What should be served, kept on disk so that it survives a restart of the machine.

    ``served`` is the version with the largest share; ``beside`` are the others that run, and ``traffic`` says who gets
    what, None for all of it to ``served``. ``address`` is the cloud's, "" on the laptop, where ``port`` tells it.
    """

    settings: EndpointSettings
    served: ServedModel
    previous: ServedModel | None
    port: int
    deployed: str
    deployed_by: str
    beside: tuple[ServedModel, ...] = ()
    traffic: Traffic | None = None
    address: str = ""

    @property
    def versions(self) -> tuple[ServedModel, ...]:
        """Every version that runs, oldest first."""
        return tuple(sorted((self.served, *self.beside), key=lambda one: one.version))

    @property
    def split(self) -> Traffic:
        """Who gets what."""
        return self.traffic or Traffic(shares={self.served.version: 100})

    @property
    def url(self) -> str:
        """The address of the endpoint."""
        if self.address:
            return self.address
        host = "127.0.0.1" if self.settings.host in ("0.0.0.0", "::") else self.settings.host  # noqa: S104 compared
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


@dataclass(frozen=True, kw_only=True)
class EndpointState:
    """What is served now. ``pid`` is None when no process runs; ``detail`` says why it is not ready."""

    deployment: Deployment
    health: EndpointHealth
    pid: int | None
    detail: str = ""
    counters: Mapping[str, float] | None = None
