"""The id that Azure gives a resource, worked out from its inputs: by it ``repair`` looks for what may exist.

Source: the resource types of the ARM templates reference, learn.microsoft.com/azure/templates.
"""

from __future__ import annotations

import string
from collections.abc import Mapping

RESOURCE_GROUP = "azure-native:resources:ResourceGroup"

IDS: Mapping[str, str] = {
    "azure-native:applicationinsights:Component": "Microsoft.Insights/components/{resourceName}",
    "azure-native:applicationinsights:Workbook": "Microsoft.Insights/workbooks/{resourceName}",
    "azure-native:containerregistry:Registry": "Microsoft.ContainerRegistry/registries/{registryName}",
    "azure-native:keyvault:Key": "Microsoft.KeyVault/vaults/{vaultName}/keys/{keyName}",
    "azure-native:keyvault:Secret": "Microsoft.KeyVault/vaults/{vaultName}/secrets/{secretName}",
    "azure-native:keyvault:Vault": "Microsoft.KeyVault/vaults/{vaultName}",
    "azure-native:machinelearningservices:BatchDeployment":
        "Microsoft.MachineLearningServices/workspaces/{workspaceName}/batchEndpoints/{endpointName}/deployments/{deploymentName}",
    "azure-native:machinelearningservices:BatchEndpoint":
        "Microsoft.MachineLearningServices/workspaces/{workspaceName}/batchEndpoints/{endpointName}",
    "azure-native:machinelearningservices:CodeVersion":
        "Microsoft.MachineLearningServices/workspaces/{workspaceName}/codes/{name}/versions/{version}",
    "azure-native:machinelearningservices:ComponentContainer":
        "Microsoft.MachineLearningServices/workspaces/{workspaceName}/components/{name}",
    "azure-native:machinelearningservices:ComponentVersion":
        "Microsoft.MachineLearningServices/workspaces/{workspaceName}/components/{name}/versions/{version}",
    "azure-native:machinelearningservices:Compute":
        "Microsoft.MachineLearningServices/workspaces/{workspaceName}/computes/{computeName}",
    "azure-native:machinelearningservices:DataContainer":
        "Microsoft.MachineLearningServices/workspaces/{workspaceName}/data/{name}",
    "azure-native:machinelearningservices:Datastore":
        "Microsoft.MachineLearningServices/workspaces/{workspaceName}/datastores/{name}",
    "azure-native:machinelearningservices:EnvironmentContainer":
        "Microsoft.MachineLearningServices/workspaces/{workspaceName}/environments/{name}",
    "azure-native:machinelearningservices:EnvironmentVersion":
        "Microsoft.MachineLearningServices/workspaces/{workspaceName}/environments/{name}/versions/{version}",
    "azure-native:machinelearningservices:FeaturesetContainerEntity":
        "Microsoft.MachineLearningServices/workspaces/{workspaceName}/featuresets/{name}",
    "azure-native:machinelearningservices:FeaturesetVersion":
        "Microsoft.MachineLearningServices/workspaces/{workspaceName}/featuresets/{name}/versions/{version}",
    "azure-native:machinelearningservices:FeaturestoreEntityContainerEntity":
        "Microsoft.MachineLearningServices/workspaces/{workspaceName}/featurestoreEntities/{name}",
    "azure-native:machinelearningservices:FeaturestoreEntityVersion":
        "Microsoft.MachineLearningServices/workspaces/{workspaceName}/featurestoreEntities/{name}/versions/{version}",
    "azure-native:machinelearningservices:ManagedNetworkSettingsRule":
        "Microsoft.MachineLearningServices/workspaces/{workspaceName}/outboundRules/{ruleName}",
    "azure-native:machinelearningservices:ModelContainer":
        "Microsoft.MachineLearningServices/workspaces/{workspaceName}/models/{name}",
    "azure-native:machinelearningservices:OnlineDeployment":
        "Microsoft.MachineLearningServices/workspaces/{workspaceName}/onlineEndpoints/{endpointName}/deployments/{deploymentName}",
    "azure-native:machinelearningservices:OnlineEndpoint":
        "Microsoft.MachineLearningServices/workspaces/{workspaceName}/onlineEndpoints/{endpointName}",
    "azure-native:machinelearningservices:Registry": "Microsoft.MachineLearningServices/registries/{registryName}",
    "azure-native:machinelearningservices:RegistryModelContainer":
        "Microsoft.MachineLearningServices/registries/{registryName}/models/{modelName}",
    "azure-native:machinelearningservices:Schedule":
        "Microsoft.MachineLearningServices/workspaces/{workspaceName}/schedules/{name}",
    "azure-native:machinelearningservices:Workspace": "Microsoft.MachineLearningServices/workspaces/{workspaceName}",
    "azure-native:managedidentity:FederatedIdentityCredential":
        "Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}/federatedIdentityCredentials/{federatedIdentityCredentialResourceName}",
    "azure-native:managedidentity:UserAssignedIdentity":
        "Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}",
    "azure-native:monitor:ActionGroup": "Microsoft.Insights/actionGroups/{actionGroupName}",
    "azure-native:monitor:ActivityLogAlert": "Microsoft.Insights/activityLogAlerts/{activityLogAlertName}",
    "azure-native:monitor:AutoscaleSetting": "Microsoft.Insights/autoscaleSettings/{autoscaleSettingName}",
    "azure-native:monitor:MetricAlert": "Microsoft.Insights/metricAlerts/{ruleName}",
    "azure-native:monitor:ScheduledQueryRule": "Microsoft.Insights/scheduledQueryRules/{ruleName}",
    "azure-native:network:NetworkSecurityGroup": "Microsoft.Network/networkSecurityGroups/{networkSecurityGroupName}",
    "azure-native:network:PrivateDnsZoneGroup":
        "Microsoft.Network/privateEndpoints/{privateEndpointName}/privateDnsZoneGroups/{privateDnsZoneGroupName}",
    "azure-native:network:PrivateEndpoint": "Microsoft.Network/privateEndpoints/{privateEndpointName}",
    "azure-native:network:Subnet": "Microsoft.Network/virtualNetworks/{virtualNetworkName}/subnets/{subnetName}",
    "azure-native:network:VirtualNetwork": "Microsoft.Network/virtualNetworks/{virtualNetworkName}",
    "azure-native:operationalinsights:Workspace": "Microsoft.OperationalInsights/workspaces/{workspaceName}",
    "azure-native:privatedns:PrivateZone": "Microsoft.Network/privateDnsZones/{privateZoneName}",
    "azure-native:privatedns:VirtualNetworkLink":
        "Microsoft.Network/privateDnsZones/{privateZoneName}/virtualNetworkLinks/{virtualNetworkLinkName}",
    "azure-native:storage:BlobContainer":
        "Microsoft.Storage/storageAccounts/{accountName}/blobServices/default/containers/{containerName}",
    "azure-native:storage:BlobServiceProperties":
        "Microsoft.Storage/storageAccounts/{accountName}/blobServices/{blobServicesName}",
    "azure-native:storage:ManagementPolicy":
        "Microsoft.Storage/storageAccounts/{accountName}/managementPolicies/{managementPolicyName}",
    "azure-native:storage:StorageAccount": "Microsoft.Storage/storageAccounts/{accountName}",
    "azure-native:authorization:ManagementLockByScope": "{scope}/providers/Microsoft.Authorization/locks/{lockName}",
    "azure-native:authorization:RoleAssignment":
        "{scope}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
    "azure-native:authorization:RoleDefinition":
        "{scope}/providers/Microsoft.Authorization/roleDefinitions/{roleDefinitionId}",
    "azure-native:consumption:Budget": "{scope}/providers/Microsoft.Consumption/budgets/{budgetName}",
    "azure-native:costmanagement:Budget": "{scope}/providers/Microsoft.CostManagement/budgets/{budgetName}",
    "azure-native:monitor:DiagnosticSetting": "{resourceUri}/providers/Microsoft.Insights/diagnosticSettings/{name}",
}  # fmt: skip
"""Type token → the id below its resource group, or below the resource it extends; names are those of the inputs."""

DEFAULTS: Mapping[str, str] = {"blobServicesName": "default", "managementPolicyName": "default"}
"""Names that an input may leave out."""


def names(token: str) -> tuple[str, ...]:
    """The inputs that name a resource of this type and what it lies in; none for a type that is not known."""
    return tuple(name for _, name, _, _ in string.Formatter().parse(IDS.get(token, "")) if name is not None)


def resource_id(token: str, inputs: Mapping[str, object], subscription: str) -> str:
    """The id of a resource with these inputs, an empty text when its type or a name is not known."""
    values = {**DEFAULTS, **{name: value for name, value in inputs.items() if isinstance(value, str)}}
    group = f"/subscriptions/{subscription}/resourceGroups/{values.get('resourceGroupName', '')}"
    if token == RESOURCE_GROUP:
        return group if values.get("resourceGroupName") else ""
    template = IDS.get(token, "")
    if not template or not all(values.get(name) for name in names(token)):
        return ""
    path = template.format_map(values)
    if template.startswith("{"):
        return "/" + path.strip("/")
    return f"{group}/providers/{path}" if values.get("resourceGroupName") else ""
