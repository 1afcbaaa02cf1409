"""Who gains which permission, read back from planned role assignments and federated credentials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from ..contract.planned import Grant, PlannedResource, Unknown
from .roles import BUILT_IN

_ASSIGNMENT = "azure-native:authorization:RoleAssignment"
_DEFINITION = "azure-native:authorization:RoleDefinition"
_FEDERATION = "azure-native:managedidentity:FederatedIdentityCredential"
_OTHER_STACK: Final = "pulumi:pulumi:StackReference"
_NAMES: Final = (
    "resourceName", "vaultName", "containerName", "accountName", "endpointName", "workspaceName", "registryName",
    "resourceGroupName",
)  # fmt: skip
"""Properties that hold a resource's own name, the innermost first."""


def grants(resources: Sequence[PlannedResource]) -> tuple[Grant, ...]:
    """The grants of a plan, sorted; names stand for ids that are known only after ``up``."""
    by_urn = {one.urn: one for one in resources}
    role_names = {**{role.guid: role.name for role in BUILT_IN}, **_custom(resources)}
    found = [_assigned(one, by_urn, role_names) for one in resources if one.type == _ASSIGNMENT]
    found += [_federated(one) for one in resources if one.type == _FEDERATION]
    return tuple(sorted(found, key=lambda grant: (grant.principal, grant.role, grant.scope, grant.resource)))


def _custom(resources: Sequence[PlannedResource]) -> Mapping[str, str]:
    return {
        str(one.properties["roleDefinitionId"]): str(one.properties["roleName"])
        for one in resources
        if one.type == _DEFINITION
    }


def _assigned(one: PlannedResource, by_urn: Mapping[str, PlannedResource], role_names: Mapping[str, str]) -> Grant:
    guid = str(one.properties.get("roleDefinitionId", "")).rpartition("/")[2]
    condition = " (under a condition)" if one.properties.get("condition") else ""
    return Grant(
        principal=_who(one.properties.get("principalId"), by_urn),
        role=role_names.get(guid, guid) + condition,
        scope=_where(one.properties.get("scope"), by_urn),
        resource=one.name,
    )


def _federated(one: PlannedResource) -> Grant:
    """A workflow that CI's issuer vouches for may act as an identity."""
    return Grant(
        principal=str(one.properties["subject"]),
        role="acts as",
        scope=str(one.properties["resourceName"]),
        resource=one.name,
    )


def _who(value: object, by_urn: Mapping[str, PlannedResource]) -> str:
    """A principal; of another stack's an environment reads no other than CI's."""
    if not isinstance(value, Unknown):
        return str(value)
    if any(f"{_OTHER_STACK}::" in urn for urn in value.of):
        return "CI, by its identity in the shared stack"
    return _unknown(value, by_urn)


def _where(value: object, by_urn: Mapping[str, PlannedResource]) -> str:
    """The last two segments of a resource id, such as ``workspaces/mlw-churn-dev``."""
    return _unknown(value, by_urn) if isinstance(value, Unknown) else "/".join(str(value).split("/")[-2:])


def _unknown(value: Unknown, by_urn: Mapping[str, PlannedResource]) -> str:
    """The names of what will determine a value."""
    return ", ".join(_physical_name(urn, by_urn) for urn in value.of) or "known after up"


def _physical_name(urn: str, by_urn: Mapping[str, PlannedResource]) -> str:
    if urn in by_urn:
        for name in _NAMES:
            value = by_urn[urn].properties.get(name)
            if isinstance(value, str):
                return value
    *_, kind, name = urn.split("::")
    return f"from the stack {name}" if kind.endswith(_OTHER_STACK) else name
