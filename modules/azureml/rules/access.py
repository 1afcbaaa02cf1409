"""What Azure asks of role assignments and custom roles."""

from __future__ import annotations

from ...contract.rules import NameRule, TypeRules

_GUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"

RULES = {
    "azure-native:authorization:RoleAssignment": TypeRules(
        source="learn.microsoft.com/azure/role-based-access-control/role-assignments",
        name=NameRule(property="roleAssignmentName", pattern=_GUID, minimum=36, maximum=36, unique="global"),
        replaced_by=frozenset({"scope", "principalId", "principalType", "roleDefinitionId"}),
        patterns={"principalId": _GUID, "condition": r"[\s\S]{1,8192}"},
        choices={
            "principalType": frozenset({"User", "Group", "ServicePrincipal", "ForeignGroup", "Device"}),
            "conditionVersion": frozenset({"2.0"}),
        },
        required=frozenset({"principalType"}),
    ),
    "azure-native:authorization:RoleDefinition": TypeRules(
        source="learn.microsoft.com/azure/role-based-access-control/custom-roles",
        name=NameRule(property="roleDefinitionId", pattern=_GUID, minimum=36, maximum=36, unique="global"),
        replaced_by=frozenset({"scope"}),
        patterns={"roleName": r"[\s\S]{1,512}", "description": r"[\s\S]{0,2048}"},
        required=frozenset({"roleName", "assignableScopes"}),
    ),
}
"""By type token."""
