"""Azure's built-in roles by name, and giving a role to a principal on a scope.

The GUIDs are Azure's own and the same in every tenant
(https://learn.microsoft.com/azure/role-based-access-control/built-in-roles).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import pulumi
from pulumi_azure_native import authorization

from ..contract.component import Component
from ..contract.context import Context
from . import names

Kind = Literal["user", "group", "service"]
"""What a principal is; Azure takes a new identity for a person unless it is told."""

_PRINCIPAL_TYPES: Final[dict[Kind, str]] = {"user": "User", "group": "Group", "service": "ServicePrincipal"}


@dataclass(frozen=True)
class Role:
    """A role: its name and the GUID of its definition."""

    name: str
    guid: str


READER = Role("Reader", "acdd72a7-3385-48ef-bd42-f606fba81ae7")
CONTRIBUTOR = Role("Contributor", "b24988ac-6180-42a0-ab88-20f7382dd24c")
RBAC_ADMINISTRATOR = Role("Role Based Access Control Administrator", "f58310d9-a9f6-439a-9e8d-f62e7b41a168")
COST_MANAGEMENT_READER = Role("Cost Management Reader", "72fafb9e-0641-4937-9268-a91bfd8191a3")
WORKBOOK_READER = Role("Workbook Reader", "b279062a-9be3-42a0-92ae-8b3cf002ec4d")
MONITORING_CONTRIBUTOR = Role("Monitoring Contributor", "749f88d5-cbae-40b8-bcfc-e573ddc772fa")
LOG_ANALYTICS_CONTRIBUTOR = Role("Log Analytics Contributor", "92aaf0da-9dab-42b6-94a3-d43ce8d16293")
MONITORING_METRICS_PUBLISHER = Role("Monitoring Metrics Publisher", "3913510d-42f4-4e42-8a64-420c390055eb")
APPLICATION_INSIGHTS_CONTRIBUTOR = Role(
    "Application Insights Component Contributor", "ae349356-3a1b-4a5e-921d-050484c6347e"
)
DATA_SCIENTIST = Role("AzureML Data Scientist", "f6c7c914-8db3-469d-8ca1-694a8f32e121")
COMPUTE_OPERATOR = Role("AzureML Compute Operator", "e503ece1-11d0-4e8e-8e2c-7a6c3bf38815")
IDENTITY_OPERATOR = Role("Managed Identity Operator", "f1a07417-d97a-45cb-824c-7a7467783830")
METRICS_WRITER = Role("AzureML Metrics Writer (preview)", "635dd51f-9968-44d3-b7fb-6d9a6bd613ae")
NETWORK_APPROVER = Role("Azure AI Enterprise Network Connection Approver", "b556d68e-0be0-4f35-a333-ad7ee1ce17ea")
ACR_PULL = Role("AcrPull", "7f951dda-4ed3-4680-a7ca-43fe172d538d")
ACR_PUSH = Role("AcrPush", "8311e382-0749-4cb8-b61a-304f252e45ec")
BLOB_READER = Role("Storage Blob Data Reader", "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1")
BLOB_CONTRIBUTOR = Role("Storage Blob Data Contributor", "ba92f5b4-2d11-453d-a403-e96b0029c9fe")
FILE_CONTRIBUTOR = Role("Storage File Data Privileged Contributor", "69566ab7-960f-475b-8e7c-b3118f30c6bd")
KEY_VAULT_SECRETS_USER = Role("Key Vault Secrets User", "4633458b-17de-408a-b874-0445c86b69e6")
KEY_VAULT_SECRETS_OFFICER = Role("Key Vault Secrets Officer", "b86a8fe4-44ce-4948-aee5-eccb2c155cd7")
KEY_VAULT_CRYPTO_USER = Role("Key Vault Crypto Service Encryption User", "e147488a-f6f5-4113-8e2d-b22465e65bf6")

BUILT_IN: Final[tuple[Role, ...]] = (
    READER, CONTRIBUTOR, RBAC_ADMINISTRATOR, COST_MANAGEMENT_READER, WORKBOOK_READER, MONITORING_CONTRIBUTOR,
    LOG_ANALYTICS_CONTRIBUTOR, MONITORING_METRICS_PUBLISHER, APPLICATION_INSIGHTS_CONTRIBUTOR, DATA_SCIENTIST,
    COMPUTE_OPERATOR, IDENTITY_OPERATOR, METRICS_WRITER, NETWORK_APPROVER, ACR_PULL, ACR_PUSH, BLOB_READER,
    BLOB_CONTRIBUTOR, FILE_CONTRIBUTOR, KEY_VAULT_SECRETS_USER, KEY_VAULT_SECRETS_OFFICER, KEY_VAULT_CRYPTO_USER,
)  # fmt: skip
"""Every built-in role that groundplan gives."""


def definition_id(context: Context, role: Role) -> str:
    """The id of a role's definition as Azure itself writes it, so that a refresh finds no difference."""
    return f"{names.subscription_id(context)}/providers/Microsoft.Authorization/roleDefinitions/{role.guid}"


def assign(
    component: Component,
    name: str,
    *,
    scope: pulumi.Input[str],
    role: Role,
    principal: pulumi.Input[str],
    kind: Kind = "service",
    condition: str = "",
    depends_on: Sequence[pulumi.Resource] = (),
) -> authorization.RoleAssignment:
    """Give ``role`` on ``scope`` to ``principal`` (an object id); ``name`` is part of the logical name.

    An assignment cannot be changed, and its name, a GUID, follows from the logical one: it is deleted before it is
    replaced.
    """
    logical = f"{component.name}-{name}"
    context = component.context
    return authorization.RoleAssignment(
        logical,
        role_assignment_name=names.guid(context, "role assignment", logical, role.guid),
        scope=scope,
        role_definition_id=definition_id(context, role),
        principal_id=principal,
        principal_type=_PRINCIPAL_TYPES[kind],
        condition=condition or None,
        condition_version="2.0" if condition else None,
        opts=component.child(depends_on=list(depends_on), delete_before_replace=True),
    )
