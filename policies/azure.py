"""What several rules about Azure ask for."""

from __future__ import annotations

from .conditions import all_of, any_of, folded, is_set, referenced, some
from .rule import Check

DIAGNOSTICS = "azure-native:monitor:DiagnosticSetting"
ENDPOINT = "azure-native:network:PrivateEndpoint"


def logged() -> Check:
    """A diagnostic setting sends logs of this resource somewhere; one of metrics alone is not enough."""
    sinks = ("workspaceId", "storageAccountId", "eventHubAuthorizationRuleId", "marketplacePartnerId")
    return referenced(
        DIAGNOSTICS,
        "resourceUri",
        "a diagnostic setting that sends logs to a workspace, a storage account or an event hub",
        by=all_of(
            some("logs[].enabled", lambda on: folded(on) == "true", "a category of logs that is enabled"),
            any_of(*(is_set(sink, sink) for sink in sinks)),
        ),
    )


def privately_linked(group: str) -> Check:
    """A private endpoint with this group leads to this resource."""
    return referenced(
        ENDPOINT,
        "privateLinkServiceConnections[].privateLinkServiceId",
        f"a private endpoint with the group {group}",
        by=some(
            "privateLinkServiceConnections[].groupIds[]",
            lambda found: folded(found) == group.lower(),
            f"the group {group}",
        ),
    )
