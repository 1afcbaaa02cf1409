"""The clients of Vertex AI and what belongs to it: who is signed in, which address a service has."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...core.extras import load
from . import errors

CALL_SECONDS = 60.0
"""How long one call may take."""

_ADDRESS = "CLOUDSDK_API_ENDPOINT_OVERRIDES_{service}"
"""The variable in which gcloud, too, is told of another address of a service, such as a private one."""
_SCOPE = "https://www.googleapis.com/auth/cloud-platform"


@dataclass(frozen=True, kw_only=True)
class Clients:
    """The services of one region, asked over HTTP as the caller's Application Default Credentials.

    ``session`` signs plain requests, for what the service clients have no call for or change on the way.
    """

    endpoints: Any
    pools: Any
    models: Any
    pipelines: Any
    datasets: Any
    metadata: Any
    jobs: Any
    operations: Any
    session: Any
    address: str

    def get(self, url: str, **parameters: object) -> Mapping[str, Any]:
        """What a service answers to a plain GET."""
        return answer(self.session.get(url, params=parameters, timeout=CALL_SECONDS))

    def post(self, url: str, body: object) -> Mapping[str, Any]:
        """What a service answers to a plain POST of JSON."""
        return answer(self.session.post(url, json=body, timeout=CALL_SECONDS))


def clients(region: str) -> Clients:
    """The clients for a region. Raises AuthenticationError where nobody is signed in."""
    vertex, longrunning = load("google.cloud.aiplatform_v1"), load("google.api_core.operations_v1")
    address = address_of("aiplatform", f"{region}-aiplatform.googleapis.com")
    credentials = signed_in()
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
        models=vertex.ModelServiceClient(**options),
        pipelines=vertex.PipelineServiceClient(**options),
        datasets=vertex.DatasetServiceClient(**options),
        metadata=vertex.MetadataServiceClient(**options),
        jobs=vertex.JobServiceClient(**options),
        operations=longrunning.AbstractOperationsClient(transport=transport),
        session=load("google.auth.transport.requests").AuthorizedSession(credentials),
        address=address,
    )


def address_of(service: str, host: str) -> str:
    """Where a service of Google is asked, with its scheme: the environment's address, or ``host``."""
    return os.environ.get(_ADDRESS.format(service=service.upper()), "").rstrip("/") or f"https://{host}"


def signed_in() -> Any:
    """The caller's Application Default Credentials. Raises AuthenticationError."""
    try:
        return load("google.auth").default(scopes=[_SCOPE])[0]
    except load("google.auth.exceptions").GoogleAuthError as error:
        raise errors.translated(error, doing="sign in", resource="") from error


def answer(response: Any) -> Mapping[str, Any]:
    """What a service answered, as JSON. Raises what Google's own clients raise."""
    if response.status_code >= 400:
        raise load("google.api_core.exceptions").from_http_response(response)
    return response.json()
