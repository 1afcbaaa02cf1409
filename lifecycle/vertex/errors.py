"""The border: what google-cloud-aiplatform raises becomes one of groundplan's errors, or another try."""

from __future__ import annotations

import re
from typing import Any

from ...core.errors import AuthenticationError, GroundplanError, ResourceFailedError
from ...core.extras import load
from ..patience import Again

_SIGN_IN = "gcloud auth application-default login; in CI a federated identity (docs/vertex.md)."
_PROJECT = re.compile(r"projects/([^/]+)")
_SWITCHED_OFF = re.compile(r"SERVICE_DISABLED|has not been used in project")


def again(error: Exception) -> Again | None:
    """Whether a call is worth another try: throttling, faults of the service and the network, work on the endpoint."""
    api, auth = load("google.api_core.exceptions"), load("google.auth.exceptions")
    requests = load("requests.exceptions")
    if isinstance(error, api.Aborted | api.Conflict) or _is_at_work(error):
        return Again(busy=True)
    if isinstance(error, api.TooManyRequests | api.ServerError):
        return Again(seconds=_retry_after(error))
    if isinstance(error, requests.ConnectionError | requests.ChunkedEncodingError | requests.Timeout):
        return Again()
    return Again() if isinstance(error, auth.TransportError) else None


def translated(error: Exception, *, doing: str, resource: str) -> GroundplanError:
    """The error as groundplan says it; ``doing`` is what was tried, such as ``undeploy a model``."""
    api, auth = load("google.api_core.exceptions"), load("google.auth.exceptions")
    said = _said(error)
    if isinstance(error, auth.TransportError):
        return _failed(doing, f"the network failed: {said}", resource, "Look at the network, then run it again.")
    if isinstance(error, auth.GoogleAuthError | api.Unauthorized):
        return AuthenticationError(f"not signed in to Google Cloud: {said}", where=resource, hint=_SIGN_IN)
    if isinstance(error, api.Forbidden):
        return _failed(doing, said, resource, _permission_hint(said, resource))
    return _failed(doing, said, resource, "groundplan explain TEXT may know more; then run it again.")


def _failed(doing: str, said: str, resource: str, hint: str) -> ResourceFailedError:
    return ResourceFailedError(f"Vertex AI could not {doing}: {said}", where=resource, hint=hint)


def _permission_hint(said: str, resource: str) -> str:
    found = _PROJECT.search(resource)
    project = found[1] if found else "PROJECT"
    if _SWITCHED_OFF.search(said):
        return f"gcloud services enable aiplatform.googleapis.com --project={project}"
    return (
        f"Ask for roles/aiplatform.user, or groundplan's own role Deployer, on project {project}; who has "
        "roles/resourcemanager.projectIamAdmin there can grant it."
    )


def _is_at_work(error: Exception) -> bool:
    """Vertex AI works on one thing of an endpoint at a time, and says so as a failed precondition (400)."""
    bad = load("google.api_core.exceptions").BadRequest
    return isinstance(error, bad) and "other operations running" in str(error).lower()


def _retry_after(error: Any) -> float | None:
    asked = str(getattr(error.response, "headers", {}).get("Retry-After", ""))
    return float(asked) if asked.isdecimal() else None


def _said(error: Exception) -> str:
    """The service's own words on one line."""
    return " ".join(str(getattr(error, "message", "") or error).split())[:500]
