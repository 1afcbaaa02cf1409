"""No custom role is Owner by another name.

What: a role definition that can be assigned at a subscription, a management group or above allows neither every action
nor to assign roles.

Why: reviews and alerts look for Owner; a custom role with the same rights is missed by both, and whoever has it can get
everything else.

Fix: name the actions that are needed, and make the role assignable at a resource group.

Decided: published rules look for ``*`` alone. Whoever may assign roles has every right one step later, so these actions
count too. ``notActions`` do not help: they take from this role, not from what its holder then assigns or runs as.
"""

from ..azure import is_wide
from ..outcome import failed, passed, unknown
from ..resource import Resource
from ..rule import Facts, ResourceRule, Said, Severity, example
from ..values import ABSENT, SECRET, Unknown

ROLE = "azure-native:authorization:RoleDefinition"
ACTIONS = "permissions[].actions[]"
EXPECTED = "named actions, or a resource group as the widest scope"
_OWNER = (
    "*",
    "*/write",
    "microsoft.authorization/*",
    "microsoft.authorization/*/write",
    "microsoft.authorization/roleassignments/*",
    "microsoft.authorization/roleassignments/write",
)


def _check(role: Resource, facts: Facts) -> Said:
    actions = list(role.each(ACTIONS))
    owning = [(place, action) for place, action in actions if str(action).lower() in _OWNER]
    hidden = any(isinstance(action, Unknown) or action is SECRET for _place, action in actions)
    scopes = [scope for _place, scope in role.each("assignableScopes[]")] or [role.get("scope")]
    wide = [is_wide(scope, facts.graph) for scope in scopes if scope is not ABSENT] or [None]
    if not (owning or hidden) or not any(one is not False for one in wide):
        return passed("assignableScopes", ", ".join(str(scope) for scope in scopes))
    if owning and True in wide:
        place, action = owning[0]
        return failed(place, action, EXPECTED)
    return unknown("assignableScopes" if owning else ACTIONS, EXPECTED)


def _role(scope: str, *actions: str, **more: object) -> dict[str, object]:
    return {"assignableScopes": [scope], "permissions": [{"actions": list(actions), **more}], "scope": scope}


_SUBSCRIPTION = "/subscriptions/00000000-0000-4000-8000-000000000001"

RULE = ResourceRule(
    id="IDN-01",
    title="No custom Owner-equivalent role",
    severity=Severity.HIGH,
    scope="graph",
    types=(ROLE,),
    check=_check,
    covers=("CKV_AZURE_39", "iam_subscription_roles_owner_custom_not_created"),
    packs=("baseline", "hardened"),
    failing=(
        example("every action in a subscription", ROLE, _role(_SUBSCRIPTION, "*")),
        example("every action everywhere", ROLE, _role("/", "Microsoft.Storage/*", "*")),
        example(
            "it assigns roles in a management group",
            ROLE,
            _role(
                "/providers/Microsoft.Management/managementGroups/corp",
                "Microsoft.Authorization/roleAssignments/write",
            ),
        ),
        example(
            "something taken away again",
            ROLE,
            _role(_SUBSCRIPTION, "*", notActions=["Microsoft.Authorization/*/write"]),
        ),
    ),
    passing=(
        example("named actions", ROLE, _role(_SUBSCRIPTION, "Microsoft.MachineLearningServices/workspaces/read")),
        example("every action in a resource group", ROLE, _role(f"{_SUBSCRIPTION}/resourceGroups/rg-ml", "*")),
    ),
)
