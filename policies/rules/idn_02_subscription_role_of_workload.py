"""No workload owns, or contributes to, a whole subscription.

What: a role assignment to a service principal at a subscription, a management group or above gives none of Owner,
Contributor, User Access Administrator and Role Based Access Control Administrator. The last two pass with a
``condition``, which says what roles they may assign.

Why: whoever takes over a pipeline or a machine has its roles; with one of these everything in the subscription is
theirs.

Fix: assign a narrower role, or this one at the resource group.

Decided: assignments to people and groups are left to reviews of access. Where ``principalType`` is absent it may be a
workload, so it counts as one. The published rule counts the owners of a running subscription; here each assignment is
judged before it is made. A role of the same program is judged by IDN-01.
"""

from ..azure import is_wide
from ..conditions import folded
from ..outcome import failed, not_applicable, passed, unknown
from ..resource import Resource
from ..rule import Facts, ResourceRule, Said, Severity, example
from ..values import ABSENT, SECRET, Unknown

ASSIGNMENT = "azure-native:authorization:RoleAssignment"
DEFINITION = "azure-native:authorization:RoleDefinition"
ROLE = "roleDefinitionId"
EXPECTED = "a narrower role, or a resource group as the scope"
_WIDE = {
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
    "b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
}
_ASSIGNING = {
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": "User Access Administrator",
    "f58310d9-a9f6-439a-9e8d-f62e7b41a168": "Role Based Access Control Administrator",
}


def _check(assignment: Resource, facts: Facts) -> Said:
    kind = folded(assignment.get("principalType"))
    if kind in ("user", "group", "foreigngroup", "device"):
        return not_applicable("it is a person's or a group's")
    wide = is_wide(assignment.get("scope"), facts.graph)
    if wide is False:
        return passed("scope", assignment.get("scope"))
    role = assignment.get(ROLE)
    if isinstance(role, Unknown) or role is SECRET:
        return passed(ROLE, role) if facts.graph.targets(assignment, ROLE, DEFINITION) else unknown(ROLE, EXPECTED)
    conditional = assignment.get("condition") not in (ABSENT, "")
    refused = _WIDE if conditional else {**_WIDE, **_ASSIGNING}
    name = refused.get(str(role).rpartition("/")[2].lower())
    if name is None:
        return passed(ROLE, role)
    told = wide and not isinstance(kind, Unknown)
    return failed(ROLE, name, EXPECTED) if told else unknown("scope" if wide is None else "principalType", EXPECTED)


_SUBSCRIPTION = "/subscriptions/00000000-0000-4000-8000-000000000001"
_OWNER, _CONTRIBUTOR = _WIDE
_ACCESS_ADMINISTRATOR, _ROLE_ADMINISTRATOR = _ASSIGNING


def _assignment(role: str, scope: str = _SUBSCRIPTION, **more: object) -> dict[str, object]:
    id = f"{_SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{role}"
    return {ROLE: id, "scope": scope, "principalId": "p", "principalType": "ServicePrincipal", **more}


RULE = ResourceRule(
    id="IDN-02",
    title="No workload owns or contributes to a subscription",
    severity=Severity.HIGH,
    scope="graph",
    types=(ASSIGNMENT,),
    check=_check,
    covers=("Azure.RBAC.LimitOwner",),
    packs=("baseline", "hardened"),
    failing=(
        example("Owner", ASSIGNMENT, _assignment(_OWNER)),
        example("Contributor of a management group", ASSIGNMENT, _assignment(_CONTRIBUTOR, "/managementGroups/corp")),
        example("an unconditional administrator of roles", ASSIGNMENT, _assignment(_ACCESS_ADMINISTRATOR)),
        example("Owner with a condition", ASSIGNMENT, _assignment(_OWNER, condition="c", conditionVersion="2.0")),
        example(
            "nothing says whose",
            ASSIGNMENT,
            {key: value for key, value in _assignment(_OWNER).items() if key != "principalType"},
        ),
    ),
    passing=(
        example("Contributor of a resource group", ASSIGNMENT, _assignment(_CONTRIBUTOR, f"{_SUBSCRIPTION}/g/rg-ml")),
        example("a reader", ASSIGNMENT, _assignment("acdd72a7-3385-48ef-bd42-f606fba81ae7")),
        example(
            "an administrator of some roles",
            ASSIGNMENT,
            _assignment(_ROLE_ADMINISTRATOR, condition="c", conditionVersion="2.0"),
        ),
    ),
)
