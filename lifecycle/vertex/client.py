"""The clients of Vertex AI: who is signed in, which address a region has."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from ...core.extras import load
from . import errors

_ADDRESS = "CLOUDSDK_API_ENDPOINT_OVERRIDES_AIPLATFORM"
"""The variable in which gcloud, too, is told of another address of the API, such as a private one."""
_SCOPE = "https://www.googleapis.com/auth/cloud-platform"


@dataclass(frozen=True, kw_only=True)
class Clients:
    """The services of one region, asked over HTTP as the caller's Application Default Credentials."""

    endpoints: Any
    pools: Any
    operations: Any


def clients(region: str) -> Clients:
    """The clients for a region. Raises AuthenticationError where nobody is signed in."""
    vertex, longrunning = load("google.cloud.aiplatform_v1"), load("google.api_core.operations_v1")
    address = os.environ.get(_ADDRESS, "").rstrip("/") or f"{region}-aiplatform.googleapis.com"
    credentials = _credentials()
    options: dict[str, Any] = {
        "credentials": credentials,
        "transport": "rest",
        "client_options": {"api_endpoint": address},
    }
    # An operations client of our own: those of the services ask below /ui/, which Google does not describe.
    transport = longrunning.OperationsRestTransport(host=address, credentials=credentials)
    return Clients(
        endpoints=vertex.EndpointServiceClient(**options),
        pools=vertex.DeploymentResourcePoolServiceClient(**options),
        operations=longrunning.AbstractOperationsClient(transport=transport),
    )


def _credentials() -> Any:
    try:
        return load("google.auth").default(scopes=[_SCOPE])[0]
    except load("google.auth.exceptions").GoogleAuthError as error:
        raise errors.translated(error, doing="sign in", resource="") from error
