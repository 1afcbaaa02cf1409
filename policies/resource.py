"""A planned resource as rules see it, wherever it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from . import paths


@dataclass(frozen=True, kw_only=True, slots=True)
class Resource:
    """One resource. ``type`` is the token without an API version, ``token`` as it was given.

    ``properties`` are inputs in the provider's own names; leaves are plain data, Unknown or Secret. ``id`` is the
    cloud's id where it is known. ``environment`` is "" where nothing says it. ``cause`` is the dotted path of the
    config that asks for it and ``where`` its ``file:line:column``.
    """

    urn: str
    type: str
    token: str
    name: str
    properties: Mapping[str, object]
    id: str = ""
    stack: str = ""
    environment: str = ""
    parent: str = ""
    protect: bool = False
    cause: str = ""
    where: str = ""

    def get(self, path: str) -> object:
        """The value at a property path; ABSENT where it is not given."""
        return paths.get(self.properties, path)

    def each(self, path: str) -> Iterator[tuple[str, object]]:
        """Every value at a path that holds ``[]``, with its place."""
        return paths.each(self.properties, path)

    @property
    def tags(self) -> object:
        """Tags or labels: a mapping, or ABSENT, Unknown."""
        for name in ("tags", "labels", "userLabels", "resourceLabels"):
            if name in self.properties:
                return self.get(name)
        return self.get("tags")

    @property
    def names(self) -> tuple[str, ...]:
        """What others may call it by: its id, its physical name, its name in the program."""
        physical = [self.properties.get(key) for key in _name_properties(self.type)]
        found = [one for one in (self.id, *physical, self.name) if isinstance(one, str) and one]
        return tuple(dict.fromkeys(found))

    @property
    def physical_name(self) -> str:
        """The name that the cloud gives it; "" where the program does not say it, or not yet."""
        physical = [self.properties.get(key) for key in _name_properties(self.type)]
        return next((one for one in physical if isinstance(one, str) and one), "")


_NAMES: Mapping[str, str] = {
    "azure-native:storage:StorageAccount": "accountName",
    "azure-native:storage:BlobContainer": "containerName",
    "azure-native:keyvault:Vault": "vaultName",
    "azure-native:keyvault:Key": "keyName",
    "azure-native:containerregistry:Registry": "registryName",
    "azure-native:machinelearningservices:Workspace": "workspaceName",
    "azure-native:machinelearningservices:Registry": "registryName",
    "azure-native:machinelearningservices:OnlineEndpoint": "endpointName",
    "azure-native:machinelearningservices:OnlineDeployment": "deploymentName",
    "azure-native:machinelearningservices:Compute": "computeName",
    "azure-native:cognitiveservices:Account": "accountName",
    "azure-native:cognitiveservices:RaiPolicy": "raiPolicyName",
    "azure-native:search:Service": "searchServiceName",
    "azure-native:network:PrivateEndpoint": "privateEndpointName",
    "azure-native:network:VirtualNetwork": "virtualNetworkName",
    "azure-native:network:Subnet": "subnetName",
    "azure-native:network:NetworkSecurityGroup": "networkSecurityGroupName",
    "azure-native:operationalinsights:Workspace": "workspaceName",
    "azure-native:monitor:ActionGroup": "actionGroupName",
    "gcp:bigquery/dataset:Dataset": "datasetId",
    "gcp:bigquery/table:Table": "tableId",
    "gcp:artifactregistry/repository:Repository": "repositoryId",
    "gcp:serviceaccount/account:Account": "accountId",
    "gcp:organizations/project:Project": "projectId",
    "gcp:logging/projectBucketConfig:ProjectBucketConfig": "bucketId",
    "gcp:secretmanager/secret:Secret": "secretId",
    "gcp:iam/workloadIdentityPool:WorkloadIdentityPool": "workloadIdentityPoolId",
}
"""The property that holds a physical name, where it is none of the usual ones."""


def _name_properties(type: str) -> tuple[str, ...]:
    return (_NAMES[type],) if type in _NAMES else ("name", "resourceName")
