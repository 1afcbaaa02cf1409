"""What Azure asks of a feature store's connections, entities and feature sets."""

from __future__ import annotations

from ...contract.rules import NameRule, TypeRules

_TYPES = "learn.microsoft.com/azure/templates/microsoft.machinelearningservices/2025-12-01/workspaces"
_NAME = r"[a-zA-Z0-9][\w-]*"

RULES = {
    "azure-native:machinelearningservices:WorkspaceConnection": TypeRules(
        source=f"{_TYPES}/connections",
        name=NameRule(
            property="connectionName", pattern=r"[a-zA-Z0-9][a-zA-Z0-9_-]*", minimum=3, maximum=33, unique="parent"
        ),
        replaced_by=frozenset({"connectionName", "resourceGroupName", "workspaceName"}),
    ),
    "azure-native:machinelearningservices:FeaturestoreEntityContainerEntity": TypeRules(
        source=f"{_TYPES}/featurestoreentities",
        name=NameRule(property="name", pattern=_NAME, minimum=1, maximum=255, unique="parent"),
        replaced_by=frozenset({"name", "resourceGroupName", "workspaceName"}),
    ),
    "azure-native:machinelearningservices:FeaturestoreEntityVersion": TypeRules(
        source=f"{_TYPES}/featurestoreentities/versions",
        name=NameRule(property="version", pattern=r"[a-zA-Z0-9][\w.-]*", minimum=1, maximum=30, unique="parent"),
        replaced_by=frozenset({"name", "version", "resourceGroupName", "workspaceName"}),
        required=frozenset({"properties.indexColumns"}),
    ),
    "azure-native:machinelearningservices:FeaturesetContainerEntity": TypeRules(
        source=f"{_TYPES}/featuresets",
        name=NameRule(property="name", pattern=_NAME, minimum=1, maximum=255, unique="parent"),
        stateful=True,
        loses="the versions of the feature set, and what was computed of them",
        replaced_by=frozenset({"name", "resourceGroupName", "workspaceName"}),
    ),
}
"""By type token."""
