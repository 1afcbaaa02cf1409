"""The border: what Google's libraries raise becomes one of groundplan's errors, or another try."""

from __future__ import annotations

import re
from typing import Any

from ...core.errors import AuthenticationError, GroundplanError, NotFoundError, ResourceFailedError
from ...core.extras import load
from ..patience import Again

_SIGN_IN = "gcloud auth application-default login; in CI a federated identity (docs/vertex.md)."
_BILLED = re.compile(r"bigquery\.jobs\.create permission in project ([\w-]+)")
_PROJECT = re.compile(r"(?:projects/|bq://)([^/.]+)")
_REGION = re.compile(r"locations/([^/]+)")
_SWITCHED_OFF = re.compile(r"SERVICE_DISABLED|has not been used in project")
_SERVICE = re.compile(r"\b([a-z]+)\.googleapis\.com")
_QUOTA = re.compile(r"quota metrics exceed quota limits: (?P<metrics>[\w./-]+(?:, [\w./-]+)*)")
_PERMISSION = re.compile(r"\b(?P<service>aiplatform|bigquery|iam|logging|monitoring|storage)\.\w+\.\w+")
_OF_RUNS = re.compile(r"aiplatform\.(pipelineJobs|contexts|metadataStores|datasets)\.|/pipelineJobs/")
"""The permissions and resources of who runs pipelines; all others are of who deploys."""
_ASKED = re.compile(r"^[A-Z]+ https?://\S+: ")
_ROLES = {
    "aiplatform": "roles/aiplatform.user, or groundplan's own role {own},",
    "bigquery": "roles/bigquery.jobUser",
    "iam": "roles/iam.serviceAccountUser",
    "logging": "roles/logging.viewer, or groundplan's own role {own},",
    "monitoring": "roles/monitoring.viewer, or groundplan's own role {own},",
    "storage": "roles/storage.objectUser",
}
"""The least of Google's roles for what groundplan asks of a service."""


def again(error: Exception) -> Again | None:
    """Whether a call is worth another try: throttling, faults of the service and the network, work on the endpoint."""
    api, auth = load("google.api_core.exceptions"), load("google.auth.exceptions")
    requests = load("requests.exceptions")
    if isinstance(error, api.Aborted | api.Conflict) or _is_at_work(error):
        return Again(busy=True)
    if _QUOTA.search(str(error)):
        return None
    if isinstance(error, api.TooManyRequests | api.ServerError) or _is_too_fast(error):
        return Again(seconds=_retry_after(error))
    if isinstance(error, requests.ConnectionError | requests.ChunkedEncodingError | requests.Timeout):
        return Again()
    if isinstance(error, auth.GoogleAuthError):
        return Again() if _is_of_the_way(error) else None
    corrupted = load("google.cloud.storage.exceptions").DataCorruption
    return Again() if isinstance(error, requests.JSONDecodeError | corrupted) else None


def translated(error: Exception, *, doing: str, resource: str, asked: str = "") -> GroundplanError:
    """The error as groundplan says it; ``doing`` is what was tried, such as ``undeploy a model``.

    ``asked`` are the machines that were asked for.
    """
    api, auth = load("google.api_core.exceptions"), load("google.auth.exceptions")
    said = _said(error)
    if isinstance(error, auth.GoogleAuthError) and _is_of_the_way(error):
        return _failed(doing, f"the network failed: {said}", resource, "Look at the network, then run it again.")
    if isinstance(error, auth.GoogleAuthError | api.Unauthorized):
        return AuthenticationError(f"not signed in to Google Cloud: {said}", where=resource, hint=_SIGN_IN)
    if isinstance(error, api.Forbidden):
        return _failed(doing, said, resource, _permission_hint(said, resource))
    if isinstance(error, api.NotFound) and resource.startswith("gs://"):
        return NotFoundError(
            f"the storage is not there: {said}", where=resource, hint="groundplan up makes the bucket."
        )
    if isinstance(error, api.NotFound) and resource.startswith("bq://"):
        return NotFoundError(
            f"the dataset is not there: {said}", where=resource, hint="groundplan up makes the dataset."
        )
    if isinstance(error, api.NotFound):
        return NotFoundError(f"Vertex AI could not {doing}: {said}", where=resource, hint="groundplan up makes it.")
    quota = _QUOTA.search(said)
    if quota is not None:
        return _failed(doing, said, resource, _quota_hint(quota["metrics"], resource, asked))
    return _failed(doing, said, resource, "groundplan explain TEXT may know more; then run it again.")


def in_a_job(said: str, job: str, machines: str) -> str:
    """What a job says of its end, on one line; for machines that a quota does not allow, with what to do."""
    text = " ".join(said.split())
    quota = _QUOTA.search(text)
    return text if quota is None else f"{text} {_quota_hint(quota['metrics'], job, machines)}"


def of_account(error: Exception, *, doing: str, scope: str, role: str) -> GroundplanError:
    """The error of a question about a project or what is around it; ``role`` is who may ask."""
    said = _said(error)
    if isinstance(error, load("google.api_core.exceptions").Forbidden) and not _SWITCHED_OFF.search(said):
        return _failed(doing, said, scope, f"Ask for {role} on {scope}.")
    return translated(error, doing=doing, resource=scope)


def not_deployed(error: Exception, *, doing: str, resource: str, asked: str) -> GroundplanError:
    """Why a version is not at its endpoint: no quota, no right, or a container that does not come up."""
    known = translated(error, doing=doing, resource=resource, asked=asked)
    if _QUOTA.search(_said(error)) or isinstance(error, load("google.api_core.exceptions").Forbidden):
        return known
    project, id = _project(resource), resource.rpartition("/")[2]
    return _failed(
        doing, _said(error), resource,
        "It is taken away again, the traffic is as it was. What its container wrote: gcloud logging read "
        f"'resource.labels.endpoint_id=\"{id}\"' --project={project} --limit=50",
    )  # fmt: skip


def _failed(doing: str, said: str, resource: str, hint: str) -> ResourceFailedError:
    default = "Vertex AI" if "/locations/" in resource else "Google Cloud"
    service = {"gs": "Cloud Storage", "bq": "BigQuery"}.get(resource.partition("://")[0], default)
    return ResourceFailedError(f"{service} could not {doing}: {said}", where=resource, hint=hint)


def _permission_hint(said: str, resource: str) -> str:
    project = _project(resource)
    if _SWITCHED_OFF.search(said):
        service = _SERVICE.search(said)
        return f"gcloud services enable {service[1] if service else 'aiplatform'}.googleapis.com --project={project}"
    denied = _PERMISSION.search(said)
    billed = _BILLED.search(said)
    place, granting = f"project {billed[1] if billed else project}", "roles/resourcemanager.projectIamAdmin"
    if resource.startswith("gs://"):
        place, granting = resource, "roles/storage.admin"
    if denied is not None and denied["service"] == "iam":
        whose = "the endpoint" if "/endpoints/" in resource else "the pipelines"
        place, granting = f"the service account of {whose}", "roles/iam.serviceAccountAdmin"
    if "/featureOnlineStores/" in resource:
        return f"Ask for roles/aiplatform.featurestoreDataViewer on {place}; who has {granting} there can grant it."
    if resource.startswith("bq://") and (denied is None or "bigquery.tables." in said):
        dataset = resource.rpartition(".")[0]
        return f"Ask for roles/bigquery.dataViewer on {dataset}; who has roles/bigquery.dataOwner there can grant it."
    default = "storage" if resource.startswith("gs://") else "aiplatform"
    own = "Pipeline runner" if _OF_RUNS.search(f"{said} {resource}") else "Deployer"
    role = _ROLES[denied["service"] if denied else default].format(own=own)
    return f"Ask for {role} on {place}; who has {granting} there can grant it."


def _quota_hint(metrics: str, resource: str, asked: str) -> str:
    region = _REGION.search(resource)
    machines = f" for {asked}" if asked else ""
    what = "the endpoint" if "/endpoints/" in resource else "the compute"
    return (
        f"Ask for more of {metrics} in {region[1] if region else 'the region'}{machines} (in the console: IAM & Admin, "
        f"Quotas, project {_project(resource)}), or set another size of {what} in groundplan.yaml."
    )


def _project(resource: str) -> str:
    found = _PROJECT.search(resource)
    return found[1] if found else "PROJECT"


def _is_of_the_way(error: Any) -> bool:
    """Whether a sign-in failed on its way, or at a server that could not answer, and not for who signs in."""
    return isinstance(error, load("google.auth.exceptions").TransportError) or bool(error.retryable)


def _is_at_work(error: Exception) -> bool:
    """Vertex AI works on one thing of an endpoint at a time, and says so as a failed precondition (400)."""
    said = str(error).lower()
    bad = load("google.api_core.exceptions").BadRequest
    return isinstance(error, bad) and ("other operations running" in said or "etag" in said)


def _is_too_fast(error: Any) -> bool:
    """BigQuery forbids what comes too fast (403)."""
    forbidden = isinstance(error, load("google.api_core.exceptions").Forbidden)
    return forbidden and any(one.get("reason") == "rateLimitExceeded" for one in error.errors)


def _retry_after(error: Any) -> float | None:
    asked = str(getattr(error.response, "headers", {}).get("Retry-After", ""))
    return float(asked) if asked.isdecimal() else None


def _said(error: Exception) -> str:
    """The service's own words on one line, without the address that was asked."""
    said = " ".join(str(getattr(error, "message", "") or error).split())
    return _ASKED.sub("", said)[:500]
