"""What Azure asks of endpoints, their deployments, and how these scale."""

from __future__ import annotations

from ...contract.rules import NameRule, TypeRules

_TYPES = "learn.microsoft.com/azure/templates/microsoft.machinelearningservices/2025-12-01/workspaces"
_LIMITS = "learn.microsoft.com/azure/machine-learning/how-to-manage-quotas"
_NAME = r"[a-zA-Z]([a-zA-Z0-9-]*[a-zA-Z0-9])?"
_DEPLOYMENT = NameRule(property="deploymentName", pattern=_NAME, minimum=3, maximum=32, unique="parent")

RULES = {
    "azure-native:machinelearningservices:OnlineEndpoint": TypeRules(
        source=f"{_TYPES}/onlineendpoints, {_LIMITS}",
        name=NameRule(property="endpointName", pattern=_NAME, minimum=3, maximum=32, unique="region"),
        stateful=True,
        loses="its address, its deployments, and the shares of its traffic",
        replaced_by=frozenset(
            {"endpointName", "location", "resourceGroupName", "workspaceName", "identity.type", "properties.authMode"}
        ),
        choices={"properties.authMode": frozenset({"AADToken", "AMLToken", "Key"})},
        ranges={"properties.traffic.*": (0, 100)},
    ),
    "azure-native:machinelearningservices:OnlineDeployment": TypeRules(
        source=f"{_TYPES}/onlineendpoints/deployments, {_LIMITS}",
        name=_DEPLOYMENT,
        replaced_by=frozenset({"deploymentName", "endpointName", "location", "resourceGroupName", "workspaceName"}),
        patterns={"properties.requestSettings.requestTimeout": r"PT([1-9]|[1-9]\d|1[0-7]\d|180)S"},
        ranges={"sku.capacity": (1, 50), "properties.dataCollector.collections.*.samplingRate": (0, 1)},
        machines=frozenset({"sku.capacity"}),
    ),
    "azure-native:machinelearningservices:BatchEndpoint": TypeRules(
        source=f"{_TYPES}/batchendpoints",
        name=NameRule(property="endpointName", pattern=_NAME, minimum=3, maximum=32, unique="region"),
        stateful=True,
        loses="its address and its deployments",
        replaced_by=frozenset({"endpointName", "location", "resourceGroupName", "workspaceName", "identity.type"}),
        choices={"properties.authMode": frozenset({"AADToken"})},
    ),
    "azure-native:machinelearningservices:BatchDeployment": TypeRules(
        source=f"{_TYPES}/batchendpoints/deployments",
        name=_DEPLOYMENT,
        replaced_by=frozenset({"deploymentName", "endpointName", "location", "resourceGroupName", "workspaceName"}),
        ranges={"properties.errorThreshold": (-1, 2_147_483_647), "properties.miniBatchSize": (1, 2_147_483_647)},
    ),
    "azure-native:monitor:AutoscaleSetting": TypeRules(
        source="learn.microsoft.com/azure/azure-monitor/autoscale/autoscale-understanding-settings",
        name=NameRule(property="autoscaleSettingName", pattern=r"[^<>%&#.,?/\s]+", minimum=1, maximum=260),
        replaced_by=frozenset({"autoscaleSettingName", "location", "resourceGroupName"}),
        machines=frozenset({"profiles.capacity.maximum"}),
    ),
}
"""By type token. An online endpoint waits three minutes for an answer at most."""
