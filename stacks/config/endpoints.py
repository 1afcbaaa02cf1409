"""Where models answer over HTTP."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from .section import Duration, Name, Section, Share, Text


class Endpoint(Section):
    """An endpoint that serves a model."""

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

    log_requests: bool = True
    """Whether each request leaves a line in the request log; inputs are not part of it."""

    log_sample: Share = 0.0
    """The share of requests whose inputs and outputs are logged too."""
