"""Where models answer over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from .rollouts import Rollout
from .section import Cron, Duration, Name, Section, Share, Text


class Pinned(Section):
    """A model version that the config itself deploys; without it, the lifecycle deploys what is promoted."""

    uri: Text
    """The cloud's id of the model version."""

    environment_uri: Text | None = None
    """Azure: the id of the environment version it runs in."""

    training: Annotated[str, StringConstraints(pattern=r"^azureml:[\w-]+:[\w.-]+$")] | None = None
    """Azure: what it learned from, a registered table (MLTable), as ``azureml:NAME:VERSION``. Azure ML's monitors
    compare with it, and see which columns decide; for that it must hold the features and the target alone, and the
    answers' column must be called as the target is.
    """


class Endpoint(Section):
    """An endpoint that serves a model."""

    kind: Literal["online", "batch"] = "online"
    """On the clouds: whether it answers requests, or works through files."""

    size: Text | None = None
    """On the clouds: the machine type; without it the platform's default."""

    min_instances: Annotated[int, Field(ge=1, le=100)] = 1
    """On the clouds: the machines that always run."""

    max_instances: Annotated[int, Field(ge=1, le=100)] = 1
    """On the clouds: the most machines under load."""

    shared_pool: bool = False
    """Google Cloud: whether several models share its machines (a deployment resource pool)."""

    image: Text | None = None
    """Google Cloud: the image of the container that loads the model and answers; without it none is registered."""

    pinned: Pinned | None = None
    """On the clouds: a model version that the config names."""

    compute: Name = "default"
    """On the clouds: the compute of a batch endpoint, by its name in ``compute``."""

    schedule: Cron | None = None
    """On the clouds: when a batch endpoint starts by itself: five cron fields, in UTC."""

    model: Name | None = None
    """The model it serves; without it the endpoint's own name, or the only model."""

    host: Text = "127.0.0.1"
    """The address it listens on; anything but loopback must be said here, and then needs ``api_key``."""

    port: Annotated[int, Field(ge=1024, le=65535)] | None = None
    """The port; without it the first free one from 8080 on, kept from then on."""

    api_key: str | None = None
    """A reference to the key that callers send as ``X-API-Key``: ``${env:NAME}``."""

    allowed_hosts: list[Text] = []
    """Names under which the endpoint may be called besides its own address (the Host header)."""

    max_body_bytes: Annotated[int, Field(ge=1024, le=100_000_000)] = 1_000_000
    """Larger request bodies are refused (413)."""

    max_batch_rows: Annotated[int, Field(ge=1, le=100_000)] = 1000
    """Larger batches are refused (422)."""

    request_timeout: Duration = "30s"
    """A request that takes longer, or arrives slower, is ended."""

    startup_timeout: Duration = "1m"
    """A version that is not ready by then is not deployed; the one before stays."""

    rollout: Rollout = Rollout()
    """How a new version takes over."""

    log_requests: bool = True
    """Whether each request leaves a line in the request log; inputs are not part of it."""

    log_sample: Share = 0.0
    """The share of requests whose inputs and outputs are logged too; monitoring reads them."""

    redact: list[Text] = []
    """Columns whose values are never logged; monitoring cannot look at them."""

    log_max_mb: Annotated[int, Field(ge=20, le=100_000)] = 40
    """How large the request log becomes, rotated files and all; what is older is gone, for monitoring too."""

    oncall: Text | None = None
    """Who is called when it is unwell: an address or a rota."""

    runbook: Text | None = None
    """What to do then: a file of the project, or an address that begins with ``https://``."""
