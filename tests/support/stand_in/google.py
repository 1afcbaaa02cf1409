"""Google Cloud as the stand-in plays it: resource ids, parents, replacement, what deletion leaves behind."""

from __future__ import annotations

import functools
import re
import string
import zlib
from collections.abc import Mapping
from typing import Any

from . import google_description
from .azure import guid
from .facts import Account, Facts, Inputs

_IN_PLACE = "projects/{project}/locations/{location}"
_IN_REGION = "projects/{project}/locations/{region}"
_KMS_RING = "projects/{project}/locations/{location}/keyRings"

IDS: Mapping[str, str] = {
    "artifactregistry/repository:Repository": f"{_IN_PLACE}/repositories/{{repositoryId}}",
    "bigquery/dataset:Dataset": "projects/{project}/datasets/{datasetId}",
    "bigquery/table:Table": "projects/{project}/datasets/{datasetId}/tables/{tableId}",
    "billing/budget:Budget": "billingAccounts/{billingAccount}/budgets/{number}",
    "cloudscheduler/job:Job": f"{_IN_REGION}/jobs/{{name}}",
    "colab/runtimeTemplate:RuntimeTemplate": f"{_IN_PLACE}/notebookRuntimeTemplates/{{name}}",
    "colab/schedule:Schedule": f"{_IN_PLACE}/schedules/{{number}}",
    "compute/firewall:Firewall": "projects/{project}/global/firewalls/{name}",
    "compute/globalAddress:GlobalAddress": "projects/{project}/global/addresses/{name}",
    "compute/network:Network": "projects/{project}/global/networks/{name}",
    "compute/networkAttachment:NetworkAttachment": "projects/{project}/regions/{region}/networkAttachments/{name}",
    "compute/router:Router": "projects/{project}/regions/{region}/routers/{name}",
    "compute/subnetwork:Subnetwork": "projects/{project}/regions/{region}/subnetworks/{name}",
    "dns/managedZone:ManagedZone": "projects/{project}/managedZones/{name}",
    "iam/workloadIdentityPool:WorkloadIdentityPool":
        "projects/{project}/locations/global/workloadIdentityPools/{workloadIdentityPoolId}",
    "iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider":
        "projects/{project}/locations/global/workloadIdentityPools/{workloadIdentityPoolId}"
        "/providers/{workloadIdentityPoolProviderId}",
    "kms/cryptoKey:CryptoKey": "{keyRing}/cryptoKeys/{name}",
    "kms/keyRing:KeyRing": f"{_KMS_RING}/{{name}}",
    "logging/metric:Metric": "projects/{project}/metrics/{name}",
    "logging/projectSink:ProjectSink": "projects/{project}/sinks/{name}",
    "monitoring/alertPolicy:AlertPolicy": "projects/{project}/alertPolicies/{number}",
    "monitoring/dashboard:Dashboard": "projects/{project}/dashboards/{number}",
    "monitoring/notificationChannel:NotificationChannel": "projects/{project}/notificationChannels/{number}",
    "orgpolicy/policy:Policy": "{name}",
    "projects/iAMCustomRole:IAMCustomRole": "projects/{project}/roles/{roleId}",
    "projects/service:Service": "{project}/{service}",
    "pubsub/topic:Topic": "projects/{project}/topics/{name}",
    "secretmanager/secret:Secret": "projects/{project}/secrets/{secretId}",
    "serviceaccount/account:Account":
        "projects/{project}/serviceAccounts/{accountId}@{project}.iam.gserviceaccount.com",
    "storage/bucket:Bucket": "{name}",
    "vertex/aiDeploymentResourcePool:AiDeploymentResourcePool": f"{_IN_REGION}/deploymentResourcePools/{{name}}",
    "vertex/aiEndpoint:AiEndpoint": f"{_IN_PLACE}/endpoints/{{name}}",
    "vertex/aiFeatureGroup:AiFeatureGroup": f"{_IN_REGION}/featureGroups/{{name}}",
    "vertex/aiFeatureGroupFeature:AiFeatureGroupFeature":
        f"{_IN_REGION}/featureGroups/{{featureGroup}}/features/{{name}}",
    "vertex/aiFeatureOnlineStore:AiFeatureOnlineStore": f"{_IN_REGION}/featureOnlineStores/{{name}}",
    "vertex/aiFeatureOnlineStoreFeatureview:AiFeatureOnlineStoreFeatureview":
        f"{_IN_REGION}/featureOnlineStores/{{featureOnlineStore}}/featureViews/{{name}}",
    "vertex/aiMetadataStore:AiMetadataStore": f"{_IN_REGION}/metadataStores/{{name}}",
    "vertex/aiPersistentResource:AiPersistentResource": f"{_IN_PLACE}/persistentResources/{{name}}",
    "vertex/aiTensorboard:AiTensorboard": f"{_IN_REGION}/tensorboards/{{number}}",
    "workbench/instance:Instance": f"{_IN_PLACE}/instances/{{name}}",
}  # fmt: skip
"""Type token without its package → the id; ``number`` is drawn by the cloud."""

_ADDITIVE = re.compile(r"IAMMember$|projects/service:Service$|ServiceIdentity$|IamMember$")
_SOFT_DELETED = re.compile(r":(WorkloadIdentityPool|WorkloadIdentityPoolProvider|IAMCustomRole)$")
_KEPT = re.compile(r"^kms/(keyRing|cryptoKey):")
_PARENTS = re.compile(
    r"^(?P<parent>.*/(?:featureGroups|featureOnlineStores|workloadIdentityPools|keyRings|datasets)/[^/]+)/[^/]+/[^/]+$"
)


@functools.cache
def facts(token: str) -> Facts:
    """What Google Cloud knows of ``gcp:…``; a type that is not listed here gets an id made of its own names."""
    short = token.partition(":")[2]
    return Facts(
        kind=short,
        identify=functools.partial(_id, short),
        parent=_parent,
        forces=google_description.forces(token) | _path_parameters(short),
        reserves=bool(_SOFT_DELETED.search(short)),
        keeps=bool(_KEPT.search(short)),
        additive=bool(_ADDITIVE.search(short)),
        generated="{number}" in IDS.get(short, ""),
        outputs=functools.partial(_outputs, short),
        refine=functools.partial(google_description.refuse, token=token),
    )


def _path_parameters(short: str) -> frozenset[str]:
    named = {name for _, name, _, _ in string.Formatter().parse(IDS.get(short, "")) if name} - {"number"}
    return frozenset(named) if named else frozenset({"project", "role", "member"})


class _Values(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "-"


def _id(short: str, inputs: Inputs, account: Account) -> str:
    drawn = str(zlib.crc32(repr(sorted(inputs.items())).encode()) + 10**9)
    given = {name: str(value) for name, value in inputs.items() if isinstance(value, str | int | float)}
    values = _Values({"project": account.project, "region": account.region, "location": account.region,
                      "number": drawn, **given})  # fmt: skip
    if short in IDS:
        return IDS[short].format_map(values)
    scalars = "/".join(value for _, value in sorted(given.items()))
    return f"projects/{values['project']}/{short.rpartition(':')[2]}/{scalars or drawn}"


def _parent(id: str) -> str:
    found = _PARENTS.match(id)
    return found["parent"] if found else ""


def _outputs(short: str, id: str, inputs: Inputs, account: Account) -> dict[str, Any]:
    """What Google Cloud itself adds; the provider keeps those of them that the type gives."""
    name = id.rpartition("/")[2]
    project = str(inputs.get("project") or account.project)
    number = str(zlib.crc32(project.encode()))
    agent = f"service-{number}@gcp-sa-{str(inputs.get('service', name)).partition('.')[0]}.iam.gserviceaccount.com"
    email = (
        agent if short.endswith(":ServiceIdentity") else f"{inputs.get('accountId')}@{project}.iam.gserviceaccount.com"
    )
    given = inputs.get("name")
    return {
        "name": given if given is not None else id.replace(f"projects/{project}/locations/global/workloadIdentityPools",
                                                           f"projects/{number}/locations/global/workloadIdentityPools"),
        "email": email,
        "member": inputs.get("member") or f"serviceAccount:{email}",
        "writerIdentity": f"serviceAccount:service-{number}@gcp-sa-logging.iam.gserviceaccount.com",
        "uniqueId": str(int(guid(id).replace("-", "")[:15], 16)),
        "selfLink": f"https://www.googleapis.com/{id}",
        "url": f"gs://{name}",
        "project": project,
        "number": number,
        "projectNumber": int(number),
        "state": "ACTIVE",
        "etag": guid(id, "etag"),
        "createTime": "2026-01-01T00:00:00Z",
        "updateTime": "2026-01-01T00:00:00Z",
        "effectiveLabels": inputs.get("labels") or {},
        "pulumiLabels": inputs.get("labels") or {},
    }  # fmt: skip
