"""The border: what azure-ai-ml raises becomes one of groundplan's errors, or another try."""

from __future__ import annotations

import re
from typing import Any

from ...core.errors import AuthenticationError, GroundplanError, NotFoundError, ResourceFailedError
from ...core.extras import load
from ..patience import Again
from . import signing_in

DEPLOYER = "AzureML Data Scientist, or groundplan's own role MLOps Deployer"
INVOKER = "groundplan's own role Endpoint Invoker"
METRICS_READER = "Monitoring Reader, or groundplan's own role MLOps Deployer"
RUNNER = "AzureML Data Scientist"
SCALER = "groundplan's own role Endpoint Scaler, or Contributor"
SHARER = "AzureML Registry User on the shared registry"
BLOB_WRITER = "Storage Blob Data Contributor"
BLOB_READER = "Storage Blob Data Reader"
"""Which roles may make which calls."""

SIGN_IN = "az login; in CI a federated identity (docs/azureml.md)."
_UNKNOWN_HOST = re.compile(r"failed to resolve|getaddrinfo|name or service not known", re.IGNORECASE)
_GROUP = re.compile(r"/subscriptions/[^/]+/resourceGroups/([^/]+)", re.IGNORECASE)
PASSING = (408, 429, 500, 502, 503, 504)
AGAIN = "groundplan explain TEXT may know more; then run it again."
_QUOTA_OF_SIZE = re.compile(
    r"Not enough quota available for (?P<what>\S+) in (?P<where>SubscriptionId )?(?P<place>[\w-]+)\. "
    r"Current usage/limit: (?P<used>\d+)/(?P<limit>\d+)\. Additional needed: (?P<more>\d+)"
)
_QUOTA_OF_FAMILY = re.compile(
    r"Requested family: (?P<what>\S+?), region: (?P<place>\w+)\. Maximum allowed: (?P<limit>\d+), "
    r"Current in use: (?P<used>\d+), Additional requested: (?P<more>\d+)"
)


def again(error: Exception) -> Again | None:
    """Whether a call is worth another try: Azure works on something else of the endpoint, or its answer broke off.

    The SDK itself repeats what was throttled or failed, but not what it began to read.
    """
    core = load("azure.core.exceptions")
    if isinstance(error, core.IncompleteReadError):
        return Again()
    conflict = isinstance(error, core.HttpResponseError) and status(error) == 409
    return Again(busy=True) if conflict else None


def status(error: object) -> int:
    """The HTTP status of an answer; 0 for an error without one."""
    return int(getattr(error, "status_code", None) or 0)


def post_again(error: Exception) -> Again | None:
    """As ``again``, for a POST that may be made twice: the SDK repeats none that was throttled or lost its answer."""
    core = load("azure.core.exceptions")
    lost = isinstance(error, core.ServiceRequestError | core.ServiceResponseError | core.IncompleteReadError)
    if lost or status(error) == 429:
        return Again(seconds=_retry_after(error))
    return again(error)


def download_again(error: Exception) -> Again | None:
    """As ``again``, for a download: the SDK's own client of the storage repeats nothing that was throttled.

    What the storage said is the cause of what the SDK raises then.
    """
    cause = error.__cause__
    return (blob_again(cause) if isinstance(cause, Exception) else None) or blob_again(error) or again(error)


def blob_again(error: Exception) -> Again | None:
    """Whether a call to storage is worth another try: throttling, faults of the service, the network."""
    core = load("azure.core.exceptions")
    if isinstance(error, core.ClientAuthenticationError):
        return None
    if isinstance(error, core.ServiceRequestError | core.ServiceResponseError | core.IncompleteReadError):
        return Again()
    return Again(seconds=_retry_after(error)) if status(error) in PASSING else None


def translated(error: Exception, *, doing: str, resource: str, role: str = DEPLOYER) -> GroundplanError:
    """The error as groundplan says it; ``doing`` is what was tried, such as ``undeploy a model``, ``role`` who may."""
    hint = role_hint(role, resource) if status(error) == 403 else _quota_hint(_words(error)) or AGAIN
    if status(error.__cause__) == 403:  # the storage's, as the SDK raises what a download met there
        hint = _blob_hint(error.__cause__, resource, BLOB_WRITER)
    return _failed(error, f"Azure ML could not {doing}", resource, hint)


def of_account(error: Exception, *, doing: str, account: str) -> GroundplanError:
    """The error of a question about a subscription, by its resource id, as groundplan says it."""
    hint = AGAIN
    if status(error) == 403:
        hint = f"Ask for Reader on {account.strip('/').replace('subscriptions/', 'the subscription ')}."
    return _failed(error, f"Azure could not {doing}", account, hint)


def of_blobs(error: Exception, *, doing: str, account: str, role: str = BLOB_WRITER) -> GroundplanError:
    """The error of a storage account, by its resource id, as groundplan says it; ``role`` is who may."""
    hint = _blob_hint(error, account, role) if status(error) == 403 else AGAIN
    if getattr(error, "error_code", "") == "ContainerNotFound" or _UNKNOWN_HOST.search(_said(error)):
        return NotFoundError(
            f"the storage {account.rpartition('/')[2]} is not there, or this network does not know its name: "
            f"{_said(error)}",
            where=account,
            hint="groundplan up makes it.",
        )
    return _failed(error, f"Azure Storage could not {doing}", account, hint)


def _failed(error: Exception, what: str, resource: str, hint: str) -> GroundplanError:
    if isinstance(error, load("azure.core.exceptions").ClientAuthenticationError) or status(error) == 401:
        said = signing_in.said(_message(error))[:500]
        return AuthenticationError(f"not signed in to Azure: {said}", where=resource, hint=SIGN_IN)
    return ResourceFailedError(f"{what}: {_said(error)}", where=resource, hint=hint)


def _blob_hint(error: object, resource: str, role: str) -> str:
    """What helps against a refusal of the storage: to be in its network, or a role."""
    if getattr(error, "error_code", "") == "AuthorizationFailure":
        return "The account answers inside its own network alone: run this there, or open it (network.access)."
    return role_hint(role, resource)


def role_hint(role: str, resource: str) -> str:
    """Whom to ask for what."""
    found = _GROUP.search(resource)
    group = found[1] if found else "GROUP"
    return (
        f"Ask for {role}, on resource group {group}; who is Owner or Role Based Access Control Administrator there can "
        "grant it."
    )


def _retry_after(error: Any) -> float | None:
    headers = getattr(getattr(error, "response", None), "headers", {})
    asked = str(headers.get("Retry-After", ""))
    return float(asked) if asked.isdecimal() else None


def with_quota(said: str) -> str:
    """What went wrong with a job, and where machines are not allowed to it what to ask for."""
    hint = _quota_hint(said)
    return f"{said} ({hint})" if hint else said


def _quota_hint(said: str) -> str:
    """What to ask for where the machines are not allowed; empty where it is something else."""
    found = _QUOTA_OF_SIZE.search(said) or _QUOTA_OF_FAMILY.search(said)
    if found is None:
        return ""
    short = int(found["used"]) + int(found["more"]) - int(found["limit"])
    place = "the endpoint's region" if found.groupdict().get("where") else found["place"]
    return (
        f"{found['more']} more cores of {found['what']} are needed in {place}, {found['used']} of {found['limit']} are "
        f"in use: ask for {short} more (Azure ML Studio, Quota, Request quota; an Owner of the subscription may), or "
        f"take a smaller or another machine (endpoints.<name>.size, compute.<name>.size)."
    )


def _said(error: Exception) -> str:
    """The service's own words, as many as can be read."""
    return _words(error)[:500]


def _words(error: Exception) -> str:
    """The service's own words on one line."""
    return " ".join(_message(error).split())


def _message(error: Exception) -> str:
    """The service's own words as they came."""
    return str(getattr(error, "message", "") or error)
