"""Holds planned Azure resources against Azure's own published API description, where it lies beside the project.

Not proved: what the description does not say (quotas, names that are taken, what cannot be changed), and the types in
``UNDESCRIBED``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest
from groundplan.modules.contract.planned import PlannedResource, Secret, Unknown

_SPECS = Path(__file__).parents[3] / "shared" / "specs" / "azure_types_slim.json"
_REQUIRED, _READ_ONLY = 1, 2

Json = Mapping[str, Any]

_ML = "Microsoft.MachineLearningServices"
_WORKSPACES = f"{_ML}/workspaces"
DESCRIBED: Mapping[str, tuple[str, str]] = {
    "resources:ResourceGroup": ("Microsoft.Resources/resourceGroups", "resourceGroupName"),
    "storage:StorageAccount": ("Microsoft.Storage/storageAccounts", "accountName"),
    "storage:BlobContainer": ("Microsoft.Storage/storageAccounts/blobServices/containers", "containerName"),
    "storage:ManagementPolicy": ("Microsoft.Storage/storageAccounts/managementPolicies", "managementPolicyName"),
    "keyvault:Vault": ("Microsoft.KeyVault/vaults", "vaultName"),
    "keyvault:Key": ("Microsoft.KeyVault/vaults/keys", "keyName"),
    "containerregistry:Registry": ("Microsoft.ContainerRegistry/registries", "registryName"),
    "applicationinsights:Component": ("Microsoft.Insights/components", "resourceName"),
    "applicationinsights:Workbook": ("Microsoft.Insights/workbooks", "resourceName"),
    "operationalinsights:Workspace": ("Microsoft.OperationalInsights/workspaces", "workspaceName"),
    "managedidentity:UserAssignedIdentity": ("Microsoft.ManagedIdentity/userAssignedIdentities", "resourceName"),
    "managedidentity:FederatedIdentityCredential": (
        "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials",
        "federatedIdentityCredentialResourceName",
    ),
    "authorization:RoleAssignment": ("Microsoft.Authorization/roleAssignments", "roleAssignmentName"),
    "authorization:RoleDefinition": ("Microsoft.Authorization/roleDefinitions", "roleDefinitionId"),
    "network:NetworkSecurityGroup": ("Microsoft.Network/networkSecurityGroups", "networkSecurityGroupName"),
    "network:PrivateEndpoint": ("Microsoft.Network/privateEndpoints", "privateEndpointName"),
    "network:PrivateDnsZoneGroup": (
        "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
        "privateDnsZoneGroupName",
    ),
    "network:VirtualNetwork": ("Microsoft.Network/virtualNetworks", "virtualNetworkName"),
    "network:Subnet": ("Microsoft.Network/virtualNetworks/subnets", "subnetName"),
    "privatedns:PrivateZone": ("Microsoft.Network/privateDnsZones", "privateZoneName"),
    "privatedns:VirtualNetworkLink": (
        "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
        "virtualNetworkLinkName",
    ),
    "monitor:ActionGroup": ("Microsoft.Insights/actionGroups", "actionGroupName"),
    "monitor:MetricAlert": ("Microsoft.Insights/metricAlerts", "ruleName"),
    "monitor:ScheduledQueryRule": ("Microsoft.Insights/scheduledQueryRules", "ruleName"),
    "monitor:DiagnosticSetting": ("Microsoft.Insights/diagnosticSettings", "name"),
    "consumption:Budget": ("Microsoft.Consumption/budgets", "budgetName"),
    "machinelearningservices:Workspace": (_WORKSPACES, "workspaceName"),
    "machinelearningservices:Registry": (f"{_ML}/registries", "registryName"),
    "machinelearningservices:Compute": (f"{_WORKSPACES}/computes", "computeName"),
    "machinelearningservices:Datastore": (f"{_WORKSPACES}/datastores", "name"),
    "machinelearningservices:Schedule": (f"{_WORKSPACES}/schedules", "name"),
    "machinelearningservices:ManagedNetworkSettingsRule": (f"{_WORKSPACES}/outboundRules", "ruleName"),
    "machinelearningservices:OnlineEndpoint": (f"{_WORKSPACES}/onlineEndpoints", "endpointName"),
    "machinelearningservices:OnlineDeployment": (f"{_WORKSPACES}/onlineEndpoints/deployments", "deploymentName"),
    "machinelearningservices:BatchEndpoint": (f"{_WORKSPACES}/batchEndpoints", "endpointName"),
    "machinelearningservices:BatchDeployment": (f"{_WORKSPACES}/batchEndpoints/deployments", "deploymentName"),
    "machinelearningservices:ModelContainer": (f"{_WORKSPACES}/models", "name"),
    "machinelearningservices:ModelVersion": (f"{_WORKSPACES}/models/versions", "version"),
    "machinelearningservices:EnvironmentContainer": (f"{_WORKSPACES}/environments", "name"),
    "machinelearningservices:EnvironmentVersion": (f"{_WORKSPACES}/environments/versions", "version"),
    "machinelearningservices:ComponentContainer": (f"{_WORKSPACES}/components", "name"),
    "machinelearningservices:ComponentVersion": (f"{_WORKSPACES}/components/versions", "version"),
    "machinelearningservices:DataContainer": (f"{_WORKSPACES}/data", "name"),
    "machinelearningservices:DataVersion": (f"{_WORKSPACES}/data/versions", "version"),
    "machinelearningservices:FeaturesetContainerEntity": (f"{_WORKSPACES}/featuresets", "name"),
    "machinelearningservices:FeaturesetVersion": (f"{_WORKSPACES}/featuresets/versions", "version"),
    "machinelearningservices:FeaturestoreEntityContainerEntity": (f"{_WORKSPACES}/featurestoreEntities", "name"),
    "machinelearningservices:FeaturestoreEntityVersion": (f"{_WORKSPACES}/featurestoreEntities/versions", "version"),
    "machinelearningservices:WorkspaceConnection": (f"{_WORKSPACES}/connections", "connectionName"),
    "machinelearningservices:RegistryEnvironmentContainer": (f"{_ML}/registries/environments", "environmentName"),
    "machinelearningservices:RegistryModelContainer": (f"{_ML}/registries/models", "modelName"),
}
"""By type token: the type at Azure Resource Manager, and the property that holds its own name."""

UNDESCRIBED = frozenset({
    "network:VirtualNetworkPeering", "storage:BlobServiceProperties", "monitor:AutoscaleSetting",
})  # fmt: skip
"""Types that the description leaves out."""

_RENAMED = {
    "networkRuleSet": "networkAcls",
    "enableHttpsTrafficOnly": "supportsHttpsTrafficOnly",
    "encryptionIdentity": "identity",
    "encryptionUserAssignedIdentity": "userAssignedIdentity",
    "roleType": "type",
}
_NEVER_IN_THE_BODY = frozenset({"resourceGroupName", "scope", "resourceUri"})
_ON_THE_PATH = frozenset({
    "workspaceName", "registryName", "accountName", "vaultName", "name",
    "endpointName", "virtualNetworkName", "privateEndpointName", "privateZoneName", "resourceName", "blobServicesName",
    "modelName", "environmentName", "skipValidation",
})  # fmt: skip
"""Inputs that are part of the address of a request, or of its query, not of its body."""


def problems(resources: Sequence[PlannedResource]) -> list[str]:
    """What Azure's description does not allow, as ``name: path: what``; skips the test without the description."""
    found: list[str] = []
    for one in resources:
        if one.component or not one.type.startswith("azure-native:"):
            continue
        token = one.type.removeprefix("azure-native:")
        if token not in UNDESCRIBED:
            found += [f"{one.name}: {problem}" for problem in _of_resource(token, one.properties)]
    return found


def _of_resource(token: str, properties: Mapping[str, object]) -> Iterator[str]:
    if token not in DESCRIBED:
        yield f"the oracle does not know the type {token}"
        return
    arm_type, name = DESCRIBED[token]
    types, body = _described()[arm_type.lower()]
    checker = _Checker(types)
    inputs = {key: value for key, value in properties.items() if key != name and key not in _NEVER_IN_THE_BODY}
    known = checker.names(body)
    inputs = {key: value for key, value in inputs.items() if key not in _ON_THE_PATH or _plain(key) in known}
    yield from checker.check_object(body, inputs, "")
    if "name" in body["properties"]:
        yield from checker.check(body["properties"]["name"]["type"], properties.get(name, Unknown()), name)


@cache
def _described() -> Mapping[str, tuple[Sequence[Json], Json]]:
    """By ARM type in lower case: the types of its file, and its body."""
    if not _SPECS.exists():
        pytest.skip("Azure's API description does not lie beside the project")
    files = cast("Mapping[str, list[Json]]", json.loads(_SPECS.read_text(encoding="utf-8")))
    found: dict[str, tuple[Sequence[Json], Json]] = {}
    for types in files.values():
        for one in types:
            if one["$type"] == "ResourceType":
                found[one["name"].partition("@")[0].lower()] = (types, types[_index(one["body"])])
    return found


def _index(reference: Json) -> int:
    return int(reference["$ref"].removeprefix("#/"))


def _plain(name: str) -> str:
    """A property's name without what the SDK changes in it: case, underscores, dots."""
    return re.sub(r"[_.]", "", name).lower()


class _Checker:
    """Checks values against the types of one file."""

    def __init__(self, types: Sequence[Json]) -> None:
        self._types = types

    def names(self, body: Json) -> set[str]:
        """The properties that an object may have, those below its envelope ``properties`` too."""
        return {_plain(name) for name in self._fields(body)[0]}

    def check(self, reference: Json, value: object, path: str) -> Iterator[str]:
        if isinstance(value, Unknown | Secret) or (isinstance(value, str) and "<" in value):
            return
        kind = self._types[_index(reference)]
        match kind["$type"]:
            case "AnyType":
                return
            case "ObjectType" | "DiscriminatedObjectType":
                yield from self._check_mapping(kind, value, path)
            case "ArrayType":
                yield from self._check_list(kind, value, path)
            case "UnionType":
                if all(list(self.check(one, value, path)) for one in self._elements(kind)):
                    yield f"{path}: {value!r} is none of {self._choices(kind)}"
            case "StringLiteralType":
                if value != kind["value"]:
                    yield f"{path}: {value!r} is not {kind['value']!r}"
            case _:
                yield from self._check_scalar(kind, value, path)

    def check_object(self, kind: Json, value: Mapping[str, object], path: str) -> Iterator[str]:
        """An object; the SDK leaves the envelope ``properties`` out of some."""
        fields, required = self._fields(kind, enveloped="properties" in value)
        given = {_plain(key) for key in value}
        yield from (f"{path}.{name}: is missing" for name in required if _plain(name) not in given)
        by_name = {_plain(name): one for name, one in fields.items()}
        for key, one in value.items():
            field = by_name.get(_plain(key)) or by_name.get(_plain(_RENAMED.get(key, key)))
            if field is None:
                if "additionalProperties" not in kind:
                    yield f"{path}.{key}: is unknown"
                else:
                    yield from self.check(kind["additionalProperties"], one, f"{path}.{key}")
            elif field["flags"] & _READ_ONLY and not field["flags"] & _REQUIRED:
                yield f"{path}.{key}: is read-only"
            else:
                yield from self.check(field["type"], one, f"{path}.{key}")

    def _fields(self, kind: Json, *, enveloped: bool = False) -> tuple[dict[str, Json], list[str]]:
        """An object's properties, and the names of those that must be given."""
        own = dict(cast("Mapping[str, Json]", kind.get("properties", {})))
        constant = {"id", "name", "type", "apiVersion"} if "apiVersion" in own else set[str]()
        inner: Json = self._types[_index(own["properties"]["type"])] if "properties" in own else {}
        fields = {name: one for name, one in own.items() if name not in constant}
        required = [name for name, one in fields.items() if one["flags"] & _REQUIRED]
        if not enveloped and inner.get("$type") == "ObjectType":
            fields.pop("properties")
            below = cast("Mapping[str, Json]", inner["properties"])
            fields = {**below, **fields}
            required = [name for name in required if name != "properties"]
            required += [name for name, one in below.items() if one["flags"] & _REQUIRED]
        return fields, required

    def _check_mapping(self, kind: Json, value: object, path: str) -> Iterator[str]:
        if isinstance(value, list) and path.endswith("userAssignedIdentities"):
            return  # the SDK takes a list of ids where Azure takes a mapping
        if not isinstance(value, Mapping):
            yield f"{path}: {value!r} is not an object"
            return
        given = cast("Mapping[str, object]", value)
        if kind["$type"] == "ObjectType":
            yield from self.check_object(kind, given, path)
            return
        tag = next((key for key in given if _plain(key) == _plain(kind["discriminator"])), "")
        chosen = kind["elements"].get(given.get(tag)) if tag else None
        if chosen is None:
            yield f"{path}.{kind['discriminator']}: {given.get(tag)!r} is none of {sorted(kind['elements'])}"
            return
        element = self._types[_index(chosen)]
        merged = {**element, "properties": {**kind["baseProperties"], **element["properties"]}}
        yield from self.check_object(merged, given, path)

    def _check_list(self, kind: Json, value: object, path: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{path}: {value!r} is not a list"
            return
        for position, one in enumerate(cast("list[object]", value)):
            yield from self.check(kind["itemType"], one, f"{path}[{position}]")

    def _check_scalar(self, kind: Json, value: object, path: str) -> Iterator[str]:
        expected: dict[str, type] = {"StringType": str, "IntegerType": int, "BooleanType": bool}
        wanted = expected[kind["$type"]]
        if wanted is int and isinstance(value, float):
            return  # Azure's description knows whole numbers only
        if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
            yield f"{path}: {value!r} is not of {kind['$type']}"
        elif isinstance(value, str):
            yield from _check_text(kind, value, path)
        elif wanted is int and not kind.get("minValue", value) <= value <= kind.get("maxValue", value):
            yield f"{path}: {value!r} is not within {kind.get('minValue')} and {kind.get('maxValue')}"

    def _elements(self, kind: Json) -> list[Json]:
        """The choices; that most of Azure's may grow one day is no licence to make one up."""
        literals = [one for one in kind["elements"] if self._types[_index(one)]["$type"] == "StringLiteralType"]
        return literals or kind["elements"]

    def _choices(self, kind: Json) -> list[str]:
        kinds = [self._types[_index(one)] for one in self._elements(kind)]
        return [str(one.get("value", one["$type"])) for one in kinds]


def _check_text(kind: Json, value: str, path: str) -> Iterator[str]:
    if not kind.get("minLength", 0) <= len(value) <= kind.get("maxLength", len(value)):
        yield f"{path}: {value!r} is not of {kind.get('minLength')} to {kind.get('maxLength')} characters"
    if "pattern" in kind and not re.search(kind["pattern"], value):
        yield f"{path}: {value!r} does not match {kind['pattern']}"
