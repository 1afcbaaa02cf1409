"""What Azure asks of what a pipeline is registered as, and of schedules."""

from __future__ import annotations

from ...contract.rules import NameRule, TypeRules

_TYPES = "learn.microsoft.com/azure/templates/microsoft.machinelearningservices/2025-12-01/workspaces"
_VERSION = NameRule(property="version", pattern=r"[a-zA-Z0-9][\w.-]*", minimum=1, maximum=30, unique="parent")
_ASSET = r"[a-zA-Z0-9][\w.-]{0,254}"
_PARENTS = frozenset({"name", "version", "resourceGroupName", "workspaceName"})
_CRON = r"[0-9*/,-]+( [0-9*/,-]+){2}( [0-9A-Za-z*/,-]+){2}"


def _version(of: str, asset: str = _ASSET) -> TypeRules:
    """A version of an asset, which never changes; the versions of one name are told apart by their own."""
    return TypeRules(source=f"{_TYPES}/{of}/versions", name=_VERSION, patterns={"name": asset}, replaced_by=_PARENTS)


RULES = {
    "azure-native:machinelearningservices:EnvironmentVersion": _version("environments"),
    "azure-native:machinelearningservices:CodeVersion": _version("codes"),
    "azure-native:machinelearningservices:ComponentVersion": _version("components", r"[a-z][a-z0-9_]{0,254}"),
    "azure-native:machinelearningservices:DataVersion": _version("data"),
    "azure-native:machinelearningservices:Schedule": TypeRules(
        source=f"{_TYPES}/schedules, learn.microsoft.com/azure/machine-learning/how-to-schedule-pipeline-job",
        name=NameRule(property="name", pattern=_ASSET, minimum=1, maximum=255, unique="parent"),
        replaced_by=frozenset({"name", "resourceGroupName", "workspaceName"}),
        patterns={"properties.trigger.expression": _CRON},
    ),
}
"""By type token."""
