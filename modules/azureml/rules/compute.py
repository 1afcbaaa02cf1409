"""What Azure asks of computes."""

from __future__ import annotations

from ...contract.rules import NameRule, TypeRules

RULES = {
    "azure-native:machinelearningservices:Compute": TypeRules(
        source="learn.microsoft.com/azure/templates/microsoft.machinelearningservices/2025-12-01/workspaces/computes, "
        "learn.microsoft.com/azure/machine-learning/how-to-create-compute-instance, azure-rest-api-specs issue 18889",
        name=NameRule(
            property="computeName", pattern=r"[a-zA-Z](?![a-zA-Z0-9-]*-\d+$)[a-zA-Z0-9-]*", minimum=3, maximum=24
        ),
        replaced_by=frozenset(
            {
                "computeName",
                "location",
                "resourceGroupName",
                "workspaceName",
                "properties.computeType",
                "properties.properties.enableNodePublicIp",
                "properties.properties.subnet",
                "properties.properties.vmPriority",
                "properties.properties.vmSize",
            }
        ),
        choices={
            "properties.computeType": frozenset({"AmlCompute", "ComputeInstance"}),
            "properties.properties.vmPriority": frozenset({"Dedicated", "LowPriority"}),
        },
        ranges={
            "properties.properties.scaleSettings.minNodeCount": (0, 65_000),
            "properties.properties.scaleSettings.maxNodeCount": (1, 65_000),
        },
        machines=frozenset({"properties.properties.scaleSettings.maxNodeCount"}),
    ),
}
"""By type token."""
