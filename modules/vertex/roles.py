"""Google's roles by name, and giving one to somebody: always one member more, never a policy that takes over.

The roles' ids are Google's own (https://cloud.google.com/iam/docs/roles-permissions). A member is written with its
kind: ``user:``, ``group:``, ``serviceAccount:``, ``principal:``. Each helper gives a role on the narrowest resource
that can carry it; ``name`` is part of the logical name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pulumi
from pulumi_gcp import artifactregistry, bigquery, kms, projects, serviceaccount, storage, vertex

from ..contract.component import Component
from ..contract.identity import Principal

AIPLATFORM_USER: Final = "roles/aiplatform.user"
AIPLATFORM_VIEWER: Final = "roles/aiplatform.viewer"
NOTEBOOK_RUNTIME_USER: Final = "roles/aiplatform.notebookRuntimeUser"
FEATURE_RESOURCE_VIEWER: Final = "roles/aiplatform.featurestoreResourceViewer"
ARTIFACT_READER: Final = "roles/artifactregistry.reader"
ARTIFACT_WRITER: Final = "roles/artifactregistry.writer"
ARTIFACT_ADMIN: Final = "roles/artifactregistry.admin"
BIGQUERY_JOB_USER: Final = "roles/bigquery.jobUser"
BIGQUERY_DATA_EDITOR: Final = "roles/bigquery.dataEditor"
BIGQUERY_DATA_VIEWER: Final = "roles/bigquery.dataViewer"
BIGQUERY_METADATA_VIEWER: Final = "roles/bigquery.metadataViewer"
BILLING_VIEWER: Final = "roles/billing.viewer"
DATAFLOW_DEVELOPER: Final = "roles/dataflow.developer"
KEY_USER: Final = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
LOG_WRITER: Final = "roles/logging.logWriter"
LOG_VIEWER: Final = "roles/logging.viewer"
LOG_CONFIG_WRITER: Final = "roles/logging.configWriter"
METRIC_WRITER: Final = "roles/monitoring.metricWriter"
MONITORING_VIEWER: Final = "roles/monitoring.viewer"
MONITORING_EDITOR: Final = "roles/monitoring.editor"
DASHBOARD_VIEWER: Final = "roles/monitoring.dashboardViewer"
NETWORK_VIEWER: Final = "roles/compute.networkViewer"
NETWORK_ADMIN: Final = "roles/compute.networkAdmin"
SECURITY_REVIEWER: Final = "roles/iam.securityReviewer"
SERVICE_ACCOUNT_USER: Final = "roles/iam.serviceAccountUser"
SERVICE_ACCOUNT_ADMIN: Final = "roles/iam.serviceAccountAdmin"
SERVICE_USAGE_ADMIN: Final = "roles/serviceusage.serviceUsageAdmin"
STORAGE_OBJECT_USER: Final = "roles/storage.objectUser"
STORAGE_OBJECT_VIEWER: Final = "roles/storage.objectViewer"
VERTEX_ADMIN: Final = "roles/aiplatform.admin"
STORAGE_ADMIN: Final = "roles/storage.admin"
BIGQUERY_DATA_OWNER: Final = "roles/bigquery.dataOwner"
KEY_ADMIN: Final = "roles/cloudkms.admin"
NETWORK_SECURITY_ADMIN: Final = "roles/compute.securityAdmin"
DNS_ADMIN: Final = "roles/dns.admin"
ROLE_VIEWER: Final = "roles/iam.roleViewer"
POOL_ADMIN: Final = "roles/iam.workloadIdentityPoolAdmin"
SCHEDULER_ADMIN: Final = "roles/cloudscheduler.admin"
NOTEBOOK_ADMIN: Final = "roles/notebooks.admin"
PROJECT_IAM_ADMIN: Final = "roles/resourcemanager.projectIamAdmin"
PEERING_ADMIN: Final = "roles/servicenetworking.networksAdmin"
WORKLOAD_IDENTITY_USER: Final = "roles/iam.workloadIdentityUser"


def member(principal: Principal) -> str:
    """A person, group or service of the config as a member."""
    kind = {"user": "user", "group": "group", "service": "serviceAccount"}[principal.kind]
    return f"{kind}:{principal.id}"


def label(role: str) -> str:
    """A role as part of a logical name: ``roles/logging.logWriter`` is ``logging-logwriter``."""
    return role.rpartition("/")[2].replace(".", "-").replace("_", "-").lower()


def project_member(
    component: Component,
    name: str,
    role: pulumi.Input[str],
    member: pulumi.Input[str],
    *,
    depends_on: Sequence[pulumi.Resource] = (),
    condition: projects.IAMMemberConditionArgs | None = None,
    stays: bool = False,
) -> projects.IAMMember:
    """Give ``role`` on the whole Google project; only for what no smaller resource can carry.

    What ``stays`` is not taken away with the stack.
    """
    return projects.IAMMember(
        f"{component.name}-{name}",
        project=component.context.account.project,
        role=role,
        member=member,
        condition=condition,
        opts=component.child(depends_on=list(depends_on), retain_on_delete=stays),
    )


def bucket_member(
    component: Component,
    name: str,
    bucket: pulumi.Input[str],
    role: str,
    member: pulumi.Input[str],
    *,
    depends_on: Sequence[pulumi.Resource] = (),
) -> storage.BucketIAMMember:
    """Give ``role`` on one bucket."""
    return storage.BucketIAMMember(
        f"{component.name}-{name}",
        bucket=bucket,
        role=role,
        member=member,
        opts=component.child(depends_on=list(depends_on)),
    )


def dataset_member(
    component: Component,
    name: str,
    dataset: pulumi.Input[str],
    role: str,
    member: pulumi.Input[str],
    *,
    depends_on: Sequence[pulumi.Resource] = (),
) -> bigquery.DatasetIamMember:
    """Give ``role`` on one BigQuery dataset."""
    return bigquery.DatasetIamMember(
        f"{component.name}-{name}",
        project=component.context.account.project,
        dataset_id=dataset,
        role=role,
        member=member,
        opts=component.child(depends_on=list(depends_on)),
    )


def key_member(
    component: Component,
    name: str,
    key_id: pulumi.Input[str],
    member: pulumi.Input[str],
    *,
    depends_on: Sequence[pulumi.Resource] = (),
) -> kms.CryptoKeyIAMMember:
    """Let a service agent use a key; stays when the stack goes, as others may read by the same agent."""
    return kms.CryptoKeyIAMMember(
        f"{component.name}-{name}",
        crypto_key_id=key_id,
        role=KEY_USER,
        member=member,
        opts=component.child(depends_on=list(depends_on), retain_on_delete=True),
    )


def service_account_member(
    component: Component,
    name: str,
    account_path: pulumi.Input[str],
    role: str,
    member: pulumi.Input[str],
    *,
    depends_on: Sequence[pulumi.Resource] = (),
    stays: bool = False,
) -> serviceaccount.IAMMember:
    """Give ``role`` on one service account (``projects/…/serviceAccounts/…``); what ``stays`` goes with the account."""
    return serviceaccount.IAMMember(
        f"{component.name}-{name}",
        service_account_id=account_path,
        role=role,
        member=member,
        opts=component.child(depends_on=list(depends_on), retain_on_delete=stays),
    )


def endpoint_member(
    component: Component,
    name: str,
    endpoint: str,
    role: pulumi.Input[str],
    member: pulumi.Input[str],
    *,
    depends_on: Sequence[pulumi.Resource] = (),
) -> vertex.AiEndpointIamMember:
    """Give ``role`` on one endpoint, by its name at Google Cloud."""
    return vertex.AiEndpointIamMember(
        f"{component.name}-{name}",
        project=component.context.account.project,
        location=component.context.region,
        endpoint=endpoint,
        role=role,
        member=member,
        opts=component.child(depends_on=list(depends_on)),
    )


def repository_member(
    component: Component,
    name: str,
    uri: str,
    role: str,
    member: pulumi.Input[str],
    *,
    depends_on: Sequence[pulumi.Resource] = (),
) -> artifactregistry.RepositoryIamMember:
    """Give ``role`` on one repository of Artifact Registry, ``[https://]REGION-FORMAT.pkg.dev/PROJECT/REPOSITORY``."""
    host, project, repository = uri.removeprefix("https://").split("/")
    return artifactregistry.RepositoryIamMember(
        f"{component.name}-{name}",
        project=project,
        location=host.partition(".")[0].rpartition("-")[0],
        repository=repository,
        role=role,
        member=member,
        opts=component.child(depends_on=list(depends_on)),
    )
