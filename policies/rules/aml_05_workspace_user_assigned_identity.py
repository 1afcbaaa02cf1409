"""A workspace acts as an identity that was made for it and outlives it.

What: ``identity.type`` includes UserAssigned, ``identity.userAssignedIdentities`` names at least one, and
``primaryUserAssignedIdentity`` says which of them the workspace uses.

Why: an identity of one's own has its permissions before the workspace exists and keeps them when it is made again; a
system-assigned one is given wide permissions by the service itself.

Fix: groundplan does so by itself. Elsewhere set the three properties on the workspace.
"""

from ..conditions import all_of, is_set, satisfies
from ..rule import ResourceRule, Severity, example

WORKSPACE = "azure-native:machinelearningservices:Workspace"
_ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-ml"


def _identity(type: str, *ids: str) -> dict[str, object]:
    return {"type": type, "userAssignedIdentities": list(ids)}


RULE = ResourceRule(
    id="AML-05",
    title="Workspace uses a user-assigned identity",
    severity=Severity.MEDIUM,
    types=(WORKSPACE,),
    check=all_of(
        satisfies(
            "identity.type",
            lambda value: "userassigned" in str(value).lower(),
            "UserAssigned, alone or besides SystemAssigned",
            absent="SystemAssigned",
        ),
        is_set("identity.userAssignedIdentities", "an identity"),
        is_set("primaryUserAssignedIdentity", "the identity that the workspace uses"),
    ),
    covers=("azp:5f0c7d88-c7de-45b8-ac49-db49e72eaa78", "Azure.ML.UserManagedIdentity", "MCSB:IM-3"),
    packs=("baseline", "hardened"),
    failing=(
        example("system-assigned", WORKSPACE, {"identity": {"type": "SystemAssigned"}}),
        example("Azure's default", WORKSPACE, {}),
        example(
            "no identity named",
            WORKSPACE,
            {"identity": _identity("UserAssigned"), "primaryUserAssignedIdentity": _ID},
        ),
        example("none is the primary one", WORKSPACE, {"identity": _identity("UserAssigned", _ID)}),
    ),
    passing=(
        example(
            "user-assigned",
            WORKSPACE,
            {"identity": _identity("UserAssigned", _ID), "primaryUserAssignedIdentity": _ID},
        ),
        example(
            "both kinds",
            WORKSPACE,
            {"identity": _identity("SystemAssigned,UserAssigned", _ID), "primaryUserAssignedIdentity": _ID},
        ),
    ),
)
