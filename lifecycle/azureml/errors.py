"""The border: what azure-ai-ml raises becomes one of groundplan's errors, or another try."""

from __future__ import annotations

import re

from ...core.errors import AuthenticationError, GroundplanError, ResourceFailedError
from ...core.extras import load
from ..patience import Again

_SIGN_IN = "az login; in CI a federated identity (docs/azureml.md)."
_GROUP = re.compile(r"/subscriptions/[^/]+/resourceGroups/([^/]+)", re.IGNORECASE)


def again(error: Exception) -> Again | None:
    """Whether a call is worth another try: Azure works on something else of the endpoint.

    The SDK itself repeats what was throttled or failed.
    """
    conflict = isinstance(error, load("azure.core.exceptions").HttpResponseError) and status(error) == 409
    return Again(busy=True) if conflict else None


def status(error: Exception) -> int:
    """The HTTP status of an answer; 0 for an error without one."""
    return int(getattr(error, "status_code", None) or 0)


def translated(error: Exception, *, doing: str, resource: str) -> GroundplanError:
    """The error as groundplan says it; ``doing`` is what was tried, such as ``undeploy a model``."""
    said = _said(error)
    if isinstance(error, load("azure.core.exceptions").ClientAuthenticationError) or status(error) == 401:
        return AuthenticationError(f"not signed in to Azure: {said}", where=resource, hint=_SIGN_IN)
    hint = "groundplan explain TEXT may know more; then run it again."
    if status(error) == 403:
        found = _GROUP.search(resource)
        group = found[1] if found else "GROUP"
        hint = (
            f"Ask for AzureML Data Scientist, or groundplan's own role MLOps Deployer, on resource group {group}; who "
            "is Owner or Role Based Access Control Administrator there can grant it."
        )
    return ResourceFailedError(f"Azure ML could not {doing}: {said}", where=resource, hint=hint)


def _said(error: Exception) -> str:
    """The service's own words on one line."""
    return " ".join(str(getattr(error, "message", "") or error).split())[:500]
