"""What Azure asks of identities and of the credentials that let CI act as one."""

from __future__ import annotations

from ...contract.rules import NameRule, TypeRules

_FEDERATION = "learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations"

RULES = {
    "azure-native:managedidentity:UserAssignedIdentity": TypeRules(
        source="learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules",
        name=NameRule(property="resourceName", pattern=r"[A-Za-z0-9][\w-]+", minimum=3, maximum=128),
        stateful=True,
        loses="its object id, and with it every role that it was given anywhere",
        replaced_by=frozenset({"location", "resourceGroupName"}),
    ),
    "azure-native:managedidentity:FederatedIdentityCredential": TypeRules(
        source=_FEDERATION,
        name=NameRule(
            property="federatedIdentityCredentialResourceName",
            pattern=r"[A-Za-z0-9][\w-]+",
            minimum=3,
            maximum=120,
            unique="parent",
        ),
        replaced_by=frozenset({"resourceName", "resourceGroupName"}),
        patterns={"issuer": r"https://[^\s*]{1,590}", "subject": r"[^\s*]{1,600}"},
    ),
}
"""By type token."""
