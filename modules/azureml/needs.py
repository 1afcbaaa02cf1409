"""What a plan needs at Azure: resource providers and permissions; and on what models are worked on there.

Creating a resource takes the ``write`` of its type, looking at it the ``read``; some types also use what others hold
(https://learn.microsoft.com/azure/role-based-access-control/permissions). The roles are those of ``roles``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from ..contract.context import Context
from ..contract.needs import Needs, Permission
from ..contract.places import Places
from ..contract.planned import PlannedResource
from . import custom_roles, names, roles
from .catalogue import ids
from .custom_roles import ENDPOINT_INVOKER, SCALER

_ML: Final = "Microsoft.MachineLearningServices"
_IDENTITIES: Final = "Microsoft.ManagedIdentity/userAssignedIdentities"
_ASSIGNMENT: Final = "Microsoft.Authorization/roleAssignments"
_DEFINITION: Final = "Microsoft.Authorization/roleDefinitions"
_ASSIGN: Final = f"{_IDENTITIES}/*/assign/action"

_TYPES: Final[Mapping[str, str]] = {
    "azure-native:machinelearningservices:DataVersion": f"{_ML}/workspaces/data/versions",
    "azure-native:machinelearningservices:WorkspaceConnection": f"{_ML}/workspaces/connections",
    "azure-native:network:VirtualNetworkPeering": "Microsoft.Network/virtualNetworks/virtualNetworkPeerings",
    ids.RESOURCE_GROUP: "Microsoft.Resources/subscriptions/resourceGroups",
}
"""The types of which no id is worked out."""

_USES: Final[Mapping[str, tuple[str, ...]]] = {
    "azure-native:machinelearningservices:Compute": (_ASSIGN,),
    "azure-native:machinelearningservices:OnlineEndpoint": (_ASSIGN,),
    "azure-native:machinelearningservices:Workspace": (_ASSIGN,),
    "azure-native:network:PrivateDnsZoneGroup": ("Microsoft.Network/privateDnsZones/join/action",),
    "azure-native:network:PrivateEndpoint": ("Microsoft.Network/virtualNetworks/subnets/join/action",),
    "azure-native:network:Subnet": ("Microsoft.Network/networkSecurityGroups/join/action",),
    "azure-native:network:VirtualNetworkPeering": ("Microsoft.Network/virtualNetworks/peer/action",),
    "azure-native:privatedns:VirtualNetworkLink": ("Microsoft.Network/virtualNetworks/join/action",),
}
"""What a type does to others when it is made, beside its own ``write``."""

_STAYS: Final = frozenset({"azure-native:storage:BlobServiceProperties"})
"""The types that Azure cannot delete by themselves: they go with what they are a part of."""

_ROLES: Final = {
    f"{_ML}/registries/": "AzureML Registry User",
    f"{_ML}/workspaces/read": roles.READER.name,
    f"{_ML}/": roles.DATA_SCIENTIST.name,
    "Microsoft.Insights/": "Monitoring Reader",
    "Microsoft.ManagedIdentity/": roles.IDENTITY_OPERATOR.name,
    "Microsoft.Storage/": roles.BLOB_CONTRIBUTOR.name,
}
"""Azure's roles for the work on models, by how its permissions begin."""

_USER_ACCESS_ADMINISTRATOR: Final = "User Access Administrator"


def needs(resources: Sequence[PlannedResource], context: Context) -> Needs:
    """What these resources of a stack need."""
    made = [one for one in resources if one.type.startswith("azure-native:")]
    kinds = [kind(one.type) for one in made]
    return Needs(
        services=tuple(sorted({one.partition("/")[0] for one in kinds})),
        permissions=tuple(dict.fromkeys(found for one in made for found in _of(one, context))),
        deleting=tuple(dict.fromkeys(_deletion(one, context) for one in made if _goes(one))),
    )


def scopes(context: Context, registry: Context, places: Places) -> Mapping[str, str]:
    """The ids of what the lifecycle's needs are asked on, by its words; "" is what is around all of it.

    ``registry`` is the stack that has the registry of models.
    """
    identity = names.within(context, "id", 128, "endpoint")
    return {
        "workspace": places.workspace,
        "storage": places.storage,
        "artifacts": f"{places.storage}/blobServices/default/containers/artifacts",
        "requests": f"{places.storage}/blobServices/default/containers/requests",
        "features": f"{places.storage}/blobServices/default/containers/data",
        "endpoint identity": names.resource_id(context, _IDENTITIES, identity),
        "group": names.group_id(context),
        "": names.group_id(context),
        "models": names.resource_id(registry, f"{_ML}/registries", places.registry),
    }


def hidden(on: str) -> str:
    """A part of such a place that cannot be asked: there is none, Azure tells of each resource."""
    del on
    return ""


def role(permission: str, context: Context) -> str:
    """A role that brings a permission to work on models."""
    own = {"/onlineEndpoints/score/action": ENDPOINT_INVOKER, "autoscalesettings/": SCALER}
    for part, custom in own.items():
        if part in permission:
            return custom_roles.named(context, custom).name
    return next((name for start, name in _ROLES.items() if permission.startswith(start)), roles.CONTRIBUTOR.name)


def kind(token: str) -> str:
    """The ARM type of a type token, such as ``Microsoft.Storage/storageAccounts``. Raises KeyError."""
    if token in _TYPES:
        return _TYPES[token]
    provider, *path = ids.IDS[token].rpartition("/providers/")[2].split("/")
    return "/".join([provider, *path[::2]])


def _of(one: PlannedResource, context: Context) -> Iterator[Permission]:
    type = kind(one.type)
    for name in (f"{type}/read", f"{type}/write", *_USES.get(one.type, ())):
        yield _permission(name, one, context)


def _goes(one: PlannedResource) -> bool:
    return one.type not in _STAYS and not one.retain_on_delete


def _deletion(one: PlannedResource, context: Context) -> Permission:
    return _permission(f"{kind(one.type)}/delete", one, context)


def _permission(name: str, one: PlannedResource, context: Context) -> Permission:
    type, scope = kind(one.type), _group(one, context)
    elsewhere = scope.lower() != names.group_id(context).lower()
    return Permission(
        name=name, scope=scope, purpose=one.type.rpartition(":")[2], role=_role(type),
        rare=type == _DEFINITION or (type == _ASSIGNMENT and elsewhere),
    )  # fmt: skip


def _role(type: str) -> str:
    if type == _DEFINITION:
        return _USER_ACCESS_ADMINISTRATOR
    return roles.RBAC_ADMINISTRATOR.name if type == _ASSIGNMENT else roles.CONTRIBUTOR.name


def _group(one: PlannedResource, context: Context) -> str:
    """The resource group that it is in or extends, as far as the plan knows it."""
    for name in ("scope", "resourceUri"):
        value = one.properties.get(name)
        if isinstance(value, str) and "/resourceGroups/" in value:
            return "/".join(value.split("/")[:5])
    group = one.properties.get("resourceGroupName")
    return f"{names.subscription_id(context)}/resourceGroups/{group}" if group else names.group_id(context)
