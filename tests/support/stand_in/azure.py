"""Azure as the stand-in plays it: resource ids, parents, immutable properties, names that deletion keeps reserved."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Mapping
from typing import Any

from . import azure_description
from .facts import Account, Facts, Inputs

_ML = "Microsoft.MachineLearningServices"
_NETWORK = "Microsoft.Network"
_INSIGHTS = "Microsoft.Insights"

TYPES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "applicationinsights:Component": (f"{_INSIGHTS}/components", ("resourceName",)),
    "applicationinsights:Workbook": (f"{_INSIGHTS}/workbooks", ("resourceName",)),
    "containerregistry:Registry": ("Microsoft.ContainerRegistry/registries", ("registryName",)),
    "keyvault:Key": ("Microsoft.KeyVault/vaults/keys", ("vaultName", "keyName")),
    "keyvault:Secret": ("Microsoft.KeyVault/vaults/secrets", ("vaultName", "secretName")),
    "keyvault:Vault": ("Microsoft.KeyVault/vaults", ("vaultName",)),
    "machinelearningservices:BatchDeployment": (
        f"{_ML}/workspaces/batchEndpoints/deployments", ("workspaceName", "endpointName", "deploymentName")),
    "machinelearningservices:BatchEndpoint": (f"{_ML}/workspaces/batchEndpoints", ("workspaceName", "endpointName")),
    "machinelearningservices:ComponentContainer": (f"{_ML}/workspaces/components", ("workspaceName", "name")),
    "machinelearningservices:ComponentVersion": (
        f"{_ML}/workspaces/components/versions", ("workspaceName", "name", "version")),
    "machinelearningservices:Compute": (f"{_ML}/workspaces/computes", ("workspaceName", "computeName")),
    "machinelearningservices:DataContainer": (f"{_ML}/workspaces/data", ("workspaceName", "name")),
    "machinelearningservices:Datastore": (f"{_ML}/workspaces/datastores", ("workspaceName", "name")),
    "machinelearningservices:EnvironmentContainer": (f"{_ML}/workspaces/environments", ("workspaceName", "name")),
    "machinelearningservices:EnvironmentVersion": (
        f"{_ML}/workspaces/environments/versions", ("workspaceName", "name", "version")),
    "machinelearningservices:FeaturesetContainerEntity": (f"{_ML}/workspaces/featuresets", ("workspaceName", "name")),
    "machinelearningservices:FeaturesetVersion": (
        f"{_ML}/workspaces/featuresets/versions", ("workspaceName", "name", "version")),
    "machinelearningservices:FeaturestoreEntityContainerEntity": (
        f"{_ML}/workspaces/featurestoreEntities", ("workspaceName", "name")),
    "machinelearningservices:FeaturestoreEntityVersion": (
        f"{_ML}/workspaces/featurestoreEntities/versions", ("workspaceName", "name", "version")),
    "machinelearningservices:ManagedNetworkSettingsRule": (
        f"{_ML}/workspaces/outboundRules", ("workspaceName", "ruleName")),
    "machinelearningservices:ModelContainer": (f"{_ML}/workspaces/models", ("workspaceName", "name")),
    "machinelearningservices:OnlineDeployment": (
        f"{_ML}/workspaces/onlineEndpoints/deployments", ("workspaceName", "endpointName", "deploymentName")),
    "machinelearningservices:OnlineEndpoint": (f"{_ML}/workspaces/onlineEndpoints", ("workspaceName", "endpointName")),
    "machinelearningservices:Registry": (f"{_ML}/registries", ("registryName",)),
    "machinelearningservices:RegistryModelContainer": (f"{_ML}/registries/models", ("registryName", "modelName")),
    "machinelearningservices:Schedule": (f"{_ML}/workspaces/schedules", ("workspaceName", "name")),
    "machinelearningservices:Workspace": (f"{_ML}/workspaces", ("workspaceName",)),
    "managedidentity:FederatedIdentityCredential": (
        "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials",
        ("resourceName", "federatedIdentityCredentialResourceName")),
    "managedidentity:UserAssignedIdentity": (
        "Microsoft.ManagedIdentity/userAssignedIdentities", ("resourceName",)),
    "monitor:ActionGroup": (f"{_INSIGHTS}/actionGroups", ("actionGroupName",)),
    "monitor:ActivityLogAlert": (f"{_INSIGHTS}/activityLogAlerts", ("activityLogAlertName",)),
    "monitor:AutoscaleSetting": (f"{_INSIGHTS}/autoscaleSettings", ("autoscaleSettingName",)),
    "monitor:MetricAlert": (f"{_INSIGHTS}/metricAlerts", ("ruleName",)),
    "monitor:ScheduledQueryRule": (f"{_INSIGHTS}/scheduledQueryRules", ("ruleName",)),
    "network:NetworkSecurityGroup": (f"{_NETWORK}/networkSecurityGroups", ("networkSecurityGroupName",)),
    "network:PrivateDnsZoneGroup": (
        f"{_NETWORK}/privateEndpoints/privateDnsZoneGroups", ("privateEndpointName", "privateDnsZoneGroupName")),
    "network:PrivateEndpoint": (f"{_NETWORK}/privateEndpoints", ("privateEndpointName",)),
    "network:Subnet": (f"{_NETWORK}/virtualNetworks/subnets", ("virtualNetworkName", "subnetName")),
    "network:VirtualNetwork": (f"{_NETWORK}/virtualNetworks", ("virtualNetworkName",)),
    "operationalinsights:Workspace": ("Microsoft.OperationalInsights/workspaces", ("workspaceName",)),
    "privatedns:PrivateZone": (f"{_NETWORK}/privateDnsZones", ("privateZoneName",)),
    "privatedns:VirtualNetworkLink": (
        f"{_NETWORK}/privateDnsZones/virtualNetworkLinks", ("privateZoneName", "virtualNetworkLinkName")),
    "storage:BlobContainer": (
        "Microsoft.Storage/storageAccounts/blobServices/containers", ("accountName", "default", "containerName")),
    "storage:BlobServiceProperties": (
        "Microsoft.Storage/storageAccounts/blobServices", ("accountName", "blobServicesName")),
    "storage:ManagementPolicy": (
        "Microsoft.Storage/storageAccounts/managementPolicies", ("accountName", "managementPolicyName")),
    "storage:StorageAccount": ("Microsoft.Storage/storageAccounts", ("accountName",)),
}  # fmt: skip
"""Type token without its package → ARM type, and the inputs that name it and what it lies in."""

EXTENSIONS: Mapping[str, tuple[str, str, str]] = {
    "authorization:ManagementLockByScope": ("Microsoft.Authorization/locks", "scope", "lockName"),
    "authorization:RoleAssignment": ("Microsoft.Authorization/roleAssignments", "scope", "roleAssignmentName"),
    "authorization:RoleDefinition": ("Microsoft.Authorization/roleDefinitions", "scope", "roleDefinitionId"),
    "consumption:Budget": ("Microsoft.Consumption/budgets", "scope", "budgetName"),
    "costmanagement:Budget": ("Microsoft.CostManagement/budgets", "scope", "budgetName"),
    "monitor:DiagnosticSetting": ("Microsoft.Insights/diagnosticSettings", "resourceUri", "name"),
}
"""Types that lie on any other resource: ARM type, the input that holds its id, the input that names them."""

_SERVICES_OF_AN_ACCOUNT = ("blobServices",)
_GLOBAL = {
    "containerregistry:Registry": "registryName",
    "keyvault:Vault": "vaultName",
    "machinelearningservices:Registry": "registryName",
    "storage:StorageAccount": "accountName",
}
_BY_REGION = {
    "machinelearningservices:BatchEndpoint": "endpointName",
    "machinelearningservices:OnlineEndpoint": "endpointName",
}
_SOFT_DELETED = frozenset({"keyvault:Vault", "machinelearningservices:Workspace"})
_REPLACED_BY: Mapping[str, frozenset[str]] = {
    "authorization:RoleAssignment": frozenset({"principalId", "roleDefinitionId"}),
    "network:PrivateEndpoint": frozenset({"subnet"}),
    "storage:StorageAccount": frozenset({"isHnsEnabled"}),
}
_IMMUTABLE: Mapping[str, frozenset[str]] = {
    "machinelearningservices:Compute": frozenset({
        "properties.computeType", "properties.properties.vmSize", "properties.properties.subnet"}),
    "machinelearningservices:OnlineEndpoint": frozenset({"properties.authMode"}),
    "machinelearningservices:Workspace": frozenset({"storageAccount", "keyVault", "hbiWorkspace", "kind"}),
}  # fmt: skip


@functools.cache
def facts(token: str) -> Facts:
    """What Azure knows of ``azure-native:…``; a type that is not listed here gets an id made of its own names."""
    short = token.partition(":")[2]
    kind, names = TYPES.get(short, (f"Microsoft.{short.replace(':', '/')}", ()))
    extension = EXTENSIONS.get(short)
    own = extension[2] if extension else names[-1] if names else ""
    return Facts(
        kind=extension[0] if extension else kind,
        identify=functools.partial(_extension_id, short) if extension else functools.partial(_id, short),
        parent=_parent_of_extension if extension else _parent,
        forces=frozenset({"resourceGroupName", "location", "scope", "resourceUri", *names})
        | frozenset(extension[2:] if extension else ())
        | _REPLACED_BY.get(short, frozenset()),
        immutable=_IMMUTABLE.get(short, frozenset()),
        taken=functools.partial(_taken, short),
        reserves=short in _SOFT_DELETED,
        outputs=functools.partial(_outputs, extension[0] if extension else kind),
        refine=functools.partial(azure_description.refuse, kind=extension[0] if extension else kind, own=own),
    )


def _id(short: str, inputs: Inputs, account: Account) -> str:
    if short == "resources:ResourceGroup":
        return f"/subscriptions/{account.subscription}/resourceGroups/{inputs['resourceGroupName']}"
    kind, names = TYPES.get(short, (f"Microsoft.{short.replace(':', '/')}", _own_names(short, inputs)))
    provider, *segments = kind.split("/")
    values = [str(inputs.get(name) or "default") for name in names] or [uuid.uuid5(uuid.NAMESPACE_URL, short).hex]
    path = "/".join(f"{segment}/{value}" for segment, value in zip(segments[-len(values) :], values, strict=True))
    group = f"/resourceGroups/{inputs['resourceGroupName']}" if "resourceGroupName" in inputs else ""
    return f"/subscriptions/{account.subscription}{group}/providers/{provider}/{path}"


def _own_names(short: str, inputs: Inputs) -> tuple[str, ...]:
    """For a type without an entry: the input that most likely is its name."""
    cls = short.rpartition(":")[2]
    likely = (cls[0].lower() + cls[1:] + "Name", "name", "resourceName")
    return tuple(name for name in likely if name in inputs)[:1]


def _extension_id(short: str, inputs: Inputs, _account: Account) -> str:
    kind, scope, name = EXTENSIONS[short]
    return f"{str(inputs[scope]).rstrip('/')}/providers/{kind}/{inputs.get(name) or 'default'}"


def _parent(id: str) -> str:
    head, _, tail = id.rpartition("/providers/")
    segments = tail.split("/")
    if len(segments) <= 3 or segments[-2] in _SERVICES_OF_AN_ACCOUNT:
        return head if not tail or len(segments) <= 3 else f"{head}/providers/{'/'.join(segments[:3])}"
    if segments[-4] in _SERVICES_OF_AN_ACCOUNT:
        return f"{head}/providers/{'/'.join(segments[:3])}"
    return id.rpartition("/")[0].rpartition("/")[0]


def _parent_of_extension(id: str) -> str:
    return id.rpartition("/providers/")[0]


def _taken(short: str, inputs: Inputs, _account: Account) -> str:
    if short in _GLOBAL:
        return f"{short}/{inputs.get(_GLOBAL[short])}".lower()
    if short in _BY_REGION:
        return f"{short}/{inputs.get('location')}/{inputs.get(_BY_REGION[short])}".lower()
    return ""


def guid(*parts: str) -> str:
    """An identifier as the cloud would draw it, the same every time."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join(parts)))


def _outputs(kind: str, id: str, inputs: Inputs, account: Account) -> dict[str, Any]:
    """What Azure itself adds; the provider keeps those of them that the type gives."""
    name = id.rpartition("/")[2]
    region = str(inputs.get("location") or "global")
    return {
        "name": name,
        "type": kind,
        "principalId": guid(id, "principal"),
        "clientId": guid(id, "client"),
        "tenantId": account.tenant,
        "provisioningState": "Succeeded",
        "customerId": guid(id, "customer"),
        "workspaceId": guid(id, "workspace"),
        "vaultUri": f"https://{name}.vault.azure.net/",
        "loginServer": f"{name}.azurecr.io",
        "scoringUri": f"https://{name}.{region}.inference.ml.azure.com/score",
        "swaggerUri": f"https://{name}.{region}.inference.ml.azure.com/swagger.json",
        "discoveryUrl": f"https://{region}.api.azureml.ms/discovery",
        "keyUri": f"{id.replace('/', '-')}/keys/{name}",
        "keyUriWithVersion": f"https://{name}.vault.azure.net/keys/{name}/{guid(id, 'version').replace('-', '')}",
        "instrumentationKey": guid(id, "instrumentation"),
        "connectionString": f"InstrumentationKey={guid(id, 'instrumentation')}",
        "appId": guid(id, "app"),
        "primaryEndpoints": {
            service: f"https://{name}.{service}.core.windows.net/" for service in ("blob", "dfs", "file", "queue")
        },
        "createdOn": "2026-01-01T00:00:00Z",
    }
