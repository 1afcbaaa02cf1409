"""The id that Google Cloud gives a resource, worked out from its inputs: by it ``repair`` looks for what may exist.

Source: the Import section of each resource of the Terraform provider that pulumi-gcp bridges. Types whose id the cloud
draws (alert policies, notification channels, dashboards, budgets, TensorBoards, schedules) are not here.
"""

from __future__ import annotations

import string
from collections.abc import Mapping

IDS: Mapping[str, str] = {
    "gcp:artifactregistry/repository:Repository": "projects/{project}/locations/{location}/repositories/{repositoryId}",
    "gcp:bigquery/dataset:Dataset": "projects/{project}/datasets/{datasetId}",
    "gcp:bigquery/table:Table": "projects/{project}/datasets/{datasetId}/tables/{tableId}",
    "gcp:cloudscheduler/job:Job": "projects/{project}/locations/{region}/jobs/{name}",
    "gcp:colab/runtimeTemplate:RuntimeTemplate":
        "projects/{project}/locations/{location}/notebookRuntimeTemplates/{name}",
    "gcp:compute/firewall:Firewall": "projects/{project}/global/firewalls/{name}",
    "gcp:compute/globalAddress:GlobalAddress": "projects/{project}/global/addresses/{name}",
    "gcp:compute/network:Network": "projects/{project}/global/networks/{name}",
    "gcp:compute/networkAttachment:NetworkAttachment": "projects/{project}/regions/{region}/networkAttachments/{name}",
    "gcp:compute/router:Router": "projects/{project}/regions/{region}/routers/{name}",
    "gcp:compute/subnetwork:Subnetwork": "projects/{project}/regions/{region}/subnetworks/{name}",
    "gcp:dns/managedZone:ManagedZone": "projects/{project}/managedZones/{name}",
    "gcp:iam/workloadIdentityPool:WorkloadIdentityPool":
        "projects/{project}/locations/global/workloadIdentityPools/{workloadIdentityPoolId}",
    "gcp:iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider":
        "projects/{project}/locations/global/workloadIdentityPools/{workloadIdentityPoolId}/providers/{workloadIdentityPoolProviderId}",
    "gcp:kms/cryptoKey:CryptoKey": "{keyRing}/cryptoKeys/{name}",
    "gcp:kms/keyRing:KeyRing": "projects/{project}/locations/{location}/keyRings/{name}",
    "gcp:logging/metric:Metric": "projects/{project}/metrics/{name}",
    "gcp:logging/projectSink:ProjectSink": "projects/{project}/sinks/{name}",
    "gcp:orgpolicy/policy:Policy": "{name}",
    "gcp:projects/iAMCustomRole:IAMCustomRole": "projects/{project}/roles/{roleId}",
    "gcp:projects/service:Service": "{project}/{service}",
    "gcp:pubsub/topic:Topic": "projects/{project}/topics/{name}",
    "gcp:secretmanager/secret:Secret": "projects/{project}/secrets/{secretId}",
    "gcp:serviceaccount/account:Account":
        "projects/{project}/serviceAccounts/{accountId}@{project}.iam.gserviceaccount.com",
    "gcp:storage/bucket:Bucket": "{name}",
    "gcp:vertex/aiDeploymentResourcePool:AiDeploymentResourcePool":
        "projects/{project}/locations/{region}/deploymentResourcePools/{name}",
    "gcp:vertex/aiEndpoint:AiEndpoint": "projects/{project}/locations/{location}/endpoints/{name}",
    "gcp:vertex/aiFeatureGroup:AiFeatureGroup": "projects/{project}/locations/{region}/featureGroups/{name}",
    "gcp:vertex/aiFeatureGroupFeature:AiFeatureGroupFeature":
        "projects/{project}/locations/{region}/featureGroups/{featureGroup}/features/{name}",
    "gcp:vertex/aiFeatureOnlineStore:AiFeatureOnlineStore":
        "projects/{project}/locations/{region}/featureOnlineStores/{name}",
    "gcp:vertex/aiFeatureOnlineStoreFeatureview:AiFeatureOnlineStoreFeatureview":
        "projects/{project}/locations/{region}/featureOnlineStores/{featureOnlineStore}/featureViews/{name}",
    "gcp:vertex/aiMetadataStore:AiMetadataStore": "projects/{project}/locations/{region}/metadataStores/{name}",
    "gcp:vertex/aiPersistentResource:AiPersistentResource":
        "projects/{project}/locations/{location}/persistentResources/{name}",
    "gcp:workbench/instance:Instance": "projects/{project}/locations/{location}/instances/{name}",
}  # fmt: skip
"""Type token → the id; names are those of the inputs."""


def names(token: str) -> tuple[str, ...]:
    """The inputs that name a resource of this type and what it lies in; none for a type that is not known."""
    return tuple(name for _, name, _, _ in string.Formatter().parse(IDS.get(token, "")) if name is not None)


def resource_id(token: str, inputs: Mapping[str, object], project: str) -> str:
    """The id of a resource with these inputs, an empty text when its type or a name is not known."""
    values = {"project": project, **{name: value for name, value in inputs.items() if isinstance(value, str)}}
    template = IDS.get(token, "")
    return template.format_map(values) if template and all(values.get(name) for name in names(token)) else ""
