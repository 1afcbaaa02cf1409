"""Which permissions it takes to make each resource type at Google Cloud, and the least of Google's roles with them.

Source: the permissions of each role (https://cloud.google.com/iam/docs/roles-permissions), and for each resource the
methods that the Terraform provider behind pulumi-gcp calls to make it and to look at it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from . import roles

IAM_ROLE_ADMIN: Final = "roles/iam.roleAdmin"
BUDGET_KEEPER: Final = "roles/billing.costsManager"
PERIMETER_KEEPER: Final = "roles/accesscontextmanager.policyEditor"


@dataclass(frozen=True)
class Making:
    """What it takes to make a resource; ``rare`` where only the first ``up`` needs it, and one that changes it."""

    role: str
    permissions: tuple[str, ...]
    rare: bool = False


def _made(role: str, of: str, *more: str, rare: bool = False) -> Making:
    return Making(role, (f"{of}.create", f"{of}.get", *more), rare)


def _given(role: str, of: str, *, rare: bool = False) -> Making:
    return Making(role, (f"{of}.getIamPolicy", f"{of}.setIamPolicy"), rare)


GIVING_ON_PROJECTS: Final = _given(roles.PROJECT_IAM_ADMIN, "resourcemanager.projects")
"""Giving a role on a whole project."""

_FIREWALL: Final = roles.NETWORK_SECURITY_ADMIN

MAKING: Final[Mapping[str, Making]] = {
    "gcp:accesscontextmanager/servicePerimeter:ServicePerimeter":
        _made(PERIMETER_KEEPER, "accesscontextmanager.servicePerimeters", rare=True),
    "gcp:artifactregistry/repository:Repository": _made(roles.ARTIFACT_ADMIN, "artifactregistry.repositories"),
    "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember":
        _given(roles.ARTIFACT_ADMIN, "artifactregistry.repositories"),
    "gcp:bigquery/dataset:Dataset": _made(roles.BIGQUERY_DATA_OWNER, "bigquery.datasets"),
    "gcp:bigquery/datasetIamMember:DatasetIamMember":
        Making(roles.BIGQUERY_DATA_OWNER, ("bigquery.datasets.get", "bigquery.datasets.update")),
    "gcp:bigquery/table:Table": _made(roles.BIGQUERY_DATA_OWNER, "bigquery.tables"),
    "gcp:billing/budget:Budget": _made(BUDGET_KEEPER, "billing.budgets", rare=True),
    "gcp:cloudscheduler/job:Job": _made(roles.SCHEDULER_ADMIN, "cloudscheduler.jobs"),
    "gcp:colab/runtimeTemplate:RuntimeTemplate": _made(roles.VERTEX_ADMIN, "aiplatform.notebookRuntimeTemplates"),
    "gcp:colab/schedule:Schedule": _made(roles.VERTEX_ADMIN, "aiplatform.schedules"),
    "gcp:compute/network:Network": _made(roles.NETWORK_ADMIN, "compute.networks"),
    "gcp:compute/networkAttachment:NetworkAttachment": _made(roles.NETWORK_ADMIN, "compute.networkAttachments"),
    "gcp:compute/networkFirewallPolicy:NetworkFirewallPolicy": _made(_FIREWALL, "compute.firewallPolicies"),
    "gcp:compute/networkFirewallPolicyAssociation:NetworkFirewallPolicyAssociation":
        Making(roles.NETWORK_ADMIN, ("compute.firewallPolicies.use", "compute.networks.setFirewallPolicy")),
    "gcp:compute/networkFirewallPolicyRule:NetworkFirewallPolicyRule":
        Making(_FIREWALL, ("compute.firewallPolicies.get", "compute.firewallPolicies.update")),
    "gcp:compute/route:Route": _made(roles.NETWORK_ADMIN, "compute.routes", "compute.networks.updatePolicy"),
    "gcp:compute/router:Router": _made(roles.NETWORK_ADMIN, "compute.routers"),
    "gcp:compute/routerNat:RouterNat": Making(roles.NETWORK_ADMIN, ("compute.routers.get", "compute.routers.update")),
    "gcp:compute/subnetwork:Subnetwork": _made(roles.NETWORK_ADMIN, "compute.subnetworks"),
    "gcp:dns/managedZone:ManagedZone":
        _made(roles.DNS_ADMIN, "dns.managedZones", "dns.networks.bindPrivateDNSZone"),
    "gcp:dns/recordSet:RecordSet":
        Making(roles.DNS_ADMIN, ("dns.changes.create", "dns.resourceRecordSets.create", "dns.resourceRecordSets.list")),
    "gcp:iam/workloadIdentityPool:WorkloadIdentityPool":
        _made(roles.POOL_ADMIN, "iam.googleapis.com/workloadIdentityPools"),
    "gcp:iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider":
        _made(roles.POOL_ADMIN, "iam.googleapis.com/workloadIdentityPoolProviders"),
    "gcp:kms/cryptoKey:CryptoKey": _made(roles.KEY_ADMIN, "cloudkms.cryptoKeys"),
    "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember": _given(roles.KEY_ADMIN, "cloudkms.cryptoKeys", rare=True),
    "gcp:kms/keyRing:KeyRing": _made(roles.KEY_ADMIN, "cloudkms.keyRings"),
    "gcp:logging/metric:Metric": _made(roles.LOG_CONFIG_WRITER, "logging.logMetrics"),
    "gcp:logging/projectBucketConfig:ProjectBucketConfig": _made(roles.LOG_CONFIG_WRITER, "logging.buckets"),
    "gcp:logging/projectSink:ProjectSink": _made(roles.LOG_CONFIG_WRITER, "logging.sinks"),
    "gcp:monitoring/alertPolicy:AlertPolicy": _made(roles.MONITORING_EDITOR, "monitoring.alertPolicies"),
    "gcp:monitoring/dashboard:Dashboard": _made(roles.MONITORING_EDITOR, "monitoring.dashboards"),
    "gcp:monitoring/notificationChannel:NotificationChannel":
        _made(roles.MONITORING_EDITOR, "monitoring.notificationChannels"),
    "gcp:projects/iAMAuditConfig:IAMAuditConfig": GIVING_ON_PROJECTS,
    "gcp:projects/iAMCustomRole:IAMCustomRole": _made(IAM_ROLE_ADMIN, "iam.roles", rare=True),
    "gcp:projects/iAMMember:IAMMember": GIVING_ON_PROJECTS,
    "gcp:projects/service:Service":
        Making(roles.SERVICE_USAGE_ADMIN, ("serviceusage.services.enable", "serviceusage.services.list")),
    "gcp:projects/serviceIdentity:ServiceIdentity":
        Making(roles.SERVICE_USAGE_ADMIN, ("serviceusage.services.enable",)),
    "gcp:serviceaccount/account:Account": _made(roles.SERVICE_ACCOUNT_ADMIN, "iam.serviceAccounts"),
    "gcp:serviceaccount/iAMMember:IAMMember": _given(roles.SERVICE_ACCOUNT_ADMIN, "iam.serviceAccounts", rare=True),
    "gcp:storage/bucket:Bucket": _made(roles.STORAGE_ADMIN, "storage.buckets"),
    "gcp:storage/bucketIAMMember:BucketIAMMember": _given(roles.STORAGE_ADMIN, "storage.buckets"),
    "gcp:storage/bucketObject:BucketObject": _made(roles.STORAGE_ADMIN, "storage.objects"),
    "gcp:storage/managedFolder:ManagedFolder": _made(roles.STORAGE_ADMIN, "storage.managedFolders"),
    "gcp:vertex/aiDeploymentResourcePool:AiDeploymentResourcePool":
        _made(roles.VERTEX_ADMIN, "aiplatform.deploymentResourcePools"),
    "gcp:vertex/aiEndpoint:AiEndpoint": _made(roles.VERTEX_ADMIN, "aiplatform.endpoints"),
    "gcp:vertex/aiEndpointIamMember:AiEndpointIamMember": _given(roles.VERTEX_ADMIN, "aiplatform.endpoints"),
    "gcp:vertex/aiFeatureGroup:AiFeatureGroup": _made(roles.VERTEX_ADMIN, "aiplatform.featureGroups"),
    "gcp:vertex/aiFeatureGroupFeature:AiFeatureGroupFeature": _made(roles.VERTEX_ADMIN, "aiplatform.features"),
    "gcp:vertex/aiFeatureOnlineStore:AiFeatureOnlineStore":
        _made(roles.VERTEX_ADMIN, "aiplatform.featureOnlineStores"),
    "gcp:vertex/aiFeatureOnlineStoreFeatureview:AiFeatureOnlineStoreFeatureview":
        _made(roles.VERTEX_ADMIN, "aiplatform.featureViews"),
    "gcp:vertex/aiMetadataStore:AiMetadataStore": _made(roles.VERTEX_ADMIN, "aiplatform.metadataStores"),
    "gcp:vertex/aiPersistentResource:AiPersistentResource":
        _made(roles.VERTEX_ADMIN, "aiplatform.persistentResources"),
    "gcp:vertex/aiTensorboard:AiTensorboard": _made(roles.VERTEX_ADMIN, "aiplatform.tensorboards"),
    "gcp:workbench/instance:Instance": _made(roles.NOTEBOOK_ADMIN, "notebooks.instances"),
}  # fmt: skip
"""By type token."""

_STAYS: Final = frozenset(
    {"gcp:kms/cryptoKey:CryptoKey", "gcp:kms/keyRing:KeyRing", "gcp:projects/service:Service",
     "gcp:projects/serviceIdentity:ServiceIdentity"}
)  # fmt: skip
"""The types that Google cannot delete, or that are left as they are."""

_CHANGES: Final = "dns.changes.create"
"""Records go by a change, too."""


def unmaking(type: str) -> tuple[str, ...]:
    """The permissions that it takes to delete a resource of this type: each ``create`` has its ``delete``."""
    if type in _STAYS:
        return ()
    return tuple(
        name if name == _CHANGES or not name.endswith(".create") else f"{name.removesuffix('.create')}.delete"
        for name in MAKING[type].permissions
        if name == _CHANGES or name.endswith((".create", ".setIamPolicy", ".update", ".setFirewallPolicy"))
    )
