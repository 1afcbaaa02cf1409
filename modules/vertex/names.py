"""Names at Google Cloud: of resources, from project, environment and region; and the ids that follow from them."""

from __future__ import annotations

import hashlib
import re

from ..contract.context import Context

FOLDERS = ("artifacts", "runs", "cache", "staging")
"""What the artifacts' bucket holds: models; runs of pipelines; results kept for later steps; uploads to be run."""

_TOKEN_LENGTH = 8


def within(context: Context, maximum: int, *parts: str) -> str:
    """A name that is taken once in the Google project: ``project-environment[-part…]``, with hyphens only.

    Longer than ``maximum`` characters, it ends in a hash of what was cut off.
    """
    return fitted("-".join((context.project, context.environment, *parts)), maximum)


def identifier(context: Context, maximum: int, *parts: str) -> str:
    """The same for what takes letters, digits and underscores only, such as a BigQuery dataset."""
    return fitted("_".join((context.project, context.environment, *parts)), maximum, separator="_")


def fitted(whole: str, maximum: int, separator: str = "-") -> str:
    """``whole`` with no other separator than ``separator``, ending in its hash when it had to be cut."""
    plain = re.sub("[-_]", separator, whole)
    return plain if len(plain) <= maximum else _ending(plain, separator + token(whole), maximum)


def unique(context: Context, maximum: int, *parts: str) -> str:
    """A name that is taken once in all of Google Cloud; it ends in a hash of Google project, stack and region."""
    stem = "-".join((context.project, context.environment, *parts)).replace("_", "-")
    ending = token(context.account.project, context.project, context.environment, context.region, *parts)
    return _ending(stem, "-" + ending, maximum)


def token(*parts: str) -> str:
    """Eight characters that tell ``parts`` from others."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:_TOKEN_LENGTH]


def project_path(context: Context) -> str:
    """``projects/PROJECT``, as a scope."""
    return f"projects/{context.account.project}"


def location_path(context: Context) -> str:
    """``projects/PROJECT/locations/REGION``, below which most of the platform's resources are."""
    return f"{project_path(context)}/locations/{context.region}"


def artifacts_bucket(context: Context) -> str:
    """The bucket of models, runs of pipelines and their cache."""
    return unique(context, 63, "artifacts")


def data_bucket(context: Context) -> str:
    """The bucket of data sets."""
    return unique(context, 63, "data")


def features_dataset(context: Context) -> str:
    """The BigQuery dataset of the feature tables."""
    return identifier(context, 1024, "features")


def requests_dataset(context: Context) -> str:
    """The BigQuery dataset of the requests that endpoints log."""
    return identifier(context, 1024, "requests")


def pipeline_root(context: Context) -> str:
    """The folder that runs of pipelines write to."""
    return f"gs://{artifacts_bucket(context)}/runs"


def staging_uri(context: Context) -> str:
    """The folder that code is uploaded to before it runs."""
    return f"gs://{artifacts_bucket(context)}/staging"


def service_account(context: Context, purpose: str) -> str:
    """The account id of a workload's service account: 6 to 30 characters."""
    return within(context, 30, purpose)


def service_account_email(context: Context, purpose: str) -> str:
    """The address of a workload's service account, which its name and the Google project determine."""
    return f"{service_account(context, purpose)}@{context.account.project}.iam.gserviceaccount.com"


def service_account_path(context: Context, purpose: str) -> str:
    """The id of a workload's service account, as a scope."""
    return f"{project_path(context)}/serviceAccounts/{service_account_email(context, purpose)}"


def identity_pool(context: Context) -> str:
    """The pool of those who come in from CI: 4 to 32 characters."""
    return within(context, 32, "ci")


def custom_role(context: Context, role: str) -> str:
    """The id of a custom role of the environment: 3 to 64 letters, digits, underscores."""
    return identifier(context, 64, role)


def custom_role_path(context: Context, role: str) -> str:
    """A custom role as it is given to somebody."""
    return f"{project_path(context)}/roles/{custom_role(context, role)}"


def log_bucket(context: Context) -> str:
    """The name of the log bucket, and of the sink that fills it."""
    return within(context, 100)


def network(context: Context) -> str:
    """The VPC network's name."""
    return within(context, 63)


def network_path(context: Context) -> str:
    """The VPC network's id, as other resources name it."""
    return f"{project_path(context)}/global/networks/{network(context)}"


def attachment(context: Context) -> str:
    """The name of the door by which Vertex AI's own machines enter the VPC network."""
    return within(context, 63)


def attachment_path(context: Context) -> str:
    """The attachment's id, as jobs name it."""
    return f"{project_path(context)}/regions/{context.region}/networkAttachments/{attachment(context)}"


def key_ring(context: Context) -> str:
    """The ring in which the shared stack keeps the keys of all stacks."""
    return within(context, 63)


def key_path(context: Context, stack: str) -> str:
    """The id of a stack's key, from the context of the shared one."""
    return f"{location_path(context)}/keyRings/{key_ring(context)}/cryptoKeys/{stack}"


def _ending(stem: str, ending: str, maximum: int) -> str:
    return stem[: maximum - len(ending)].rstrip("-_") + ending
