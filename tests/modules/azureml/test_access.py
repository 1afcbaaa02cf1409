"""Who may do what at Azure: the team's roles and CI's, held against what the built-in roles really allow.

Not proved: what Azure makes of a condition; its text is compared with the form that Azure documents.
"""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import pytest
from groundplan.modules.azureml import access, custom_roles, roles
from groundplan.modules.azureml.team import CI, TEAM, Permission
from groundplan.modules.contract.access import AccessArguments
from groundplan.modules.contract.context import AfterUp, Tier
from groundplan.modules.contract.endpoint import EndpointOutputs
from groundplan.modules.contract.identity import Principal
from groundplan.stacks.config.team import Role as TeamRole
from pulumi_azure_native import machinelearningservices as ml

import azure_stack
import pulumi_kit

SPECS = Path(__file__).parents[4] / "shared" / "specs"
TIERS: tuple[Tier, ...] = get_args(Tier)
TEAM_ROLES: tuple[str, ...] = get_args(TeamRole)
WORKSPACES = "Microsoft.MachineLearningServices/workspaces"
WRITE_ENDPOINT = f"{WORKSPACES}/onlineEndpoints/write"
WRITE_DEPLOYMENT = f"{WORKSPACES}/onlineEndpoints/deployments/write"
CALL_ENDPOINT = f"{WORKSPACES}/onlineEndpoints/score/action"
LIST_KEYS = f"{WORKSPACES}/onlineEndpoints/listKeys/action"
REGISTER_MODEL = f"{WORKSPACES}/models/versions/write"
SUBMIT_JOB = f"{WORKSPACES}/jobs/write"
GIVE_ROLE = "Microsoft.Authorization/roleAssignments/write"
WRITE_BLOB = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write"
READ_BLOB = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"


@pytest.fixture(scope="session")
def built_in() -> Mapping[str, Any]:
    path = SPECS / "roles_azure.json"
    if not path.exists():
        pytest.skip("the permissions of Azure's built-in roles do not lie beside the project")
    return json.loads(path.read_text(encoding="utf-8"))


def test_every_role_of_a_team_has_its_row_in_every_tier() -> None:
    assert {tier: set(table) for tier, table in TEAM.items()} == {tier: set(TEAM_ROLES) for tier in TIERS}


def test_built_in_roles_have_azures_own_ids(built_in: Mapping[str, Any]) -> None:
    known = {role.name: built_in[role.name]["id"] for role in roles.BUILT_IN if role.name in built_in}
    assert known == {role.name: role.guid for role in roles.BUILT_IN if role.name in built_in}
    assert {role.name for role in roles.BUILT_IN} - known.keys() == NOT_DESCRIBED


NOT_DESCRIBED: set[str] = set()


def test_nobody_who_experiments_can_change_what_serves_in_production(built_in: Mapping[str, Any]) -> None:
    may_write = {
        (tier, role)
        for tier in TIERS
        for role in TEAM_ROLES
        if _may(built_in, TEAM[tier][role], WRITE_ENDPOINT) or _may(built_in, TEAM[tier][role], WRITE_DEPLOYMENT)
    }
    assert may_write == {
        ("development", "data-scientist"),
        ("development", "ml-engineer"),
        ("development", "devops-engineer"),
        ("staging", "ml-engineer"),
    }


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (GIVE_ROLE, {("development", "devops-engineer")}),
        (
            CALL_ENDPOINT,
            {
                *(("development", role) for role in ("data-scientist", "software-engineer", "devops-engineer")),
                *((tier, "ml-engineer") for tier in TIERS),
                ("staging", "software-engineer"),
            },
        ),
        (LIST_KEYS, {("development", role) for role in ("data-scientist", "ml-engineer", "devops-engineer")}),
        (REGISTER_MODEL, {("development", role) for role in ("data-scientist", "ml-engineer", "devops-engineer")}),
        (
            SUBMIT_JOB,
            {
                *(("development", role) for role in ("data-scientist", "data-engineer", "ml-engineer")),
                *(("staging", role) for role in ("data-engineer", "ml-engineer")),
                ("development", "devops-engineer"),
            },
        ),
    ],
)
def test_each_action_is_open_to_those_who_need_it(
    built_in: Mapping[str, Any], action: str, expected: set[tuple[str, str]]
) -> None:
    assert {(t, r) for t in TIERS for r in TEAM_ROLES if _may(built_in, TEAM[t][r], action)} == expected


def test_in_production_people_write_no_data_and_most_read_none(built_in: Mapping[str, Any]) -> None:
    production = TEAM["production"]
    assert [role for role in TEAM_ROLES if _may(built_in, production[role], WRITE_BLOB, data=True)] == []
    assert {
        (role, one.scope)
        for role in TEAM_ROLES
        for one in production[role]
        if _may(built_in, [one], READ_BLOB, data=True)
    } == {("data-engineer", "data"), ("ml-engineer", "artifacts")}


def test_ci_may_deploy_and_hand_on_roles_only_under_the_condition(built_in: Mapping[str, Any]) -> None:
    assert _may(built_in, CI, WRITE_DEPLOYMENT)
    assert [one for one in CI if _may(built_in, [one], GIVE_ROLE)] == [
        Permission(roles.RBAC_ADMINISTRATOR, "group", limited=True)
    ]
    everyone = [*CI, *(one for tier in TIERS for role in TEAM_ROLES for one in TEAM[tier][role])]
    assert all(one.limited for one in everyone if one.role == roles.RBAC_ADMINISTRATOR)


def test_nobody_hands_on_a_role_that_hands_on_roles_or_owns(built_in: Mapping[str, Any]) -> None:
    condition = access.handing_on(azure_stack.context())
    allowed = set(re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", condition))
    ids = {entry["id"]: name for name, entry in built_in.items()}
    for guid in allowed & ids.keys():
        granted = built_in[ids[guid]]["permissions"]
        assert not any(_allows(one, GIVE_ROLE) for one in granted), ids[guid]
    assert allowed.isdisjoint({roles.CONTRIBUTOR.guid, roles.RBAC_ADMINISTRATOR.guid})
    own = {custom_roles.named(azure_stack.context(), role).guid for role in custom_roles.CUSTOM}
    assert own < allowed


def test_the_condition_bounds_giving_and_taking_alike() -> None:
    condition = access.handing_on(azure_stack.context())
    guids = condition.partition("GuidEquals {")[2].partition("}")[0]
    role_id = "Microsoft.Authorization/roleAssignments:RoleDefinitionId"
    assert condition == (
        "((!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})) OR "
        f"(@Request[{role_id}] ForAnyOfAnyValues:GuidEquals {{{guids}}})) AND "
        "((!(ActionMatches{'Microsoft.Authorization/roleAssignments/delete'})) OR "
        f"(@Resource[{role_id}] ForAnyOfAnyValues:GuidEquals {{{guids}}}))"
    )
    assert len(condition) < 8192


def test_an_assignment_says_whom_what_where_and_what_kind(hardened: azure_stack.Made) -> None:
    context = azure_stack.context("prod", "production")
    invoker = custom_roles.named(context, custom_roles.ENDPOINT_INVOKER)
    made = hardened[f"access-{azure_stack.GROUP}-endpoint-invoker-workspace"]
    assert made.properties == {
        "roleAssignmentName": made.properties["roleAssignmentName"],
        "scope": "<workspace-workspace.id>",
        "roleDefinitionId": roles.definition_id(context, invoker),
        "principalId": azure_stack.GROUP,
        "principalType": "Group",
    }
    assert made.delete_before_replace
    assert "access-role-endpoint-invoker" in pulumi_kit.depends_on(made)
    assert hardened[f"access-{azure_stack.USER}-reader-group"].properties["principalType"] == "User"


def test_ci_gets_its_roles_in_the_environment(hardened: azure_stack.Made) -> None:
    names = {role.guid: role.name for role in roles.BUILT_IN}
    given = {
        (names.get(str(one.properties["roleDefinitionId"]).rpartition("/")[2], "custom"), one.properties["scope"])
        for one in hardened.values()
        if one.properties.get("principalId") == azure_stack.CI
    }
    group = f"/subscriptions/{azure_stack.SUBSCRIPTION}/resourceGroups/rg-churn-prod-westeurope"
    assert given == {
        ("Contributor", group),
        ("Role Based Access Control Administrator", group),
        ("Storage Blob Data Contributor", "<storage-account.id>"),
        ("custom", azure_stack.REGISTRY.id),
    }
    administrator = hardened["access-ci-role-based-access-control-administrator-group"]
    assert administrator.properties["condition"] == access.handing_on(azure_stack.context("prod", "production"))
    assert administrator.properties["conditionVersion"] == "2.0"


def test_ci_of_later_environments_promotes_what_is_registered_in_the_first() -> None:
    later = "33333333-0000-4000-8000-000000000001"
    made = azure_stack.environment(azure_stack.Variant(promoting={"staging": later}))
    promoter = custom_roles.named(azure_stack.context(), custom_roles.MODEL_PROMOTER)
    given = {
        (str(one.properties["roleDefinitionId"]).rpartition("/")[2], one.properties["scope"])
        for one in made
        if one.properties.get("principalId") == later
    }
    assert given == {
        (promoter.guid, "<workspace-workspace.id>"),
        (roles.BLOB_CONTRIBUTOR.guid, "<storage-account.id>/blobServices/default/containers/artifacts"),
    }


def test_ci_of_the_first_environment_reads_in_the_later_ones_by_what_it_trains_again() -> None:
    first = "33333333-0000-4000-8000-000000000002"
    made = azure_stack.environment(azure_stack.Variant(retraining=first))
    given = {
        (str(one.properties["roleDefinitionId"]).rpartition("/")[2], one.properties["scope"])
        for one in made
        if one.properties.get("principalId") == first
    }
    containers = "<storage-account.id>/blobServices/default/containers"
    assert given == {
        (roles.READER.guid, "<workspace-workspace.id>"),
        (roles.BLOB_READER.guid, f"{containers}/artifacts"),
        (roles.BLOB_READER.guid, f"{containers}/requests"),
    }


def test_one_principal_in_two_roles_gets_each_assignment_once() -> None:
    group = (Principal(kind="group", id=azure_stack.GROUP),)
    variant = azure_stack.Variant(team={"data-scientist": group, "ml-engineer": group})
    made = [
        one
        for one in azure_stack.environment(variant)
        if one.type == "azure-native:authorization:RoleAssignment" and one.name.startswith("access-")
    ]
    keys = [tuple(str(one.properties[key]) for key in ("principalId", "roleDefinitionId", "scope")) for one in made]
    wanted = {(one.role, one.scope) for role in variant.team for one in TEAM["development"][role]}
    assert len(keys) == len(set(keys)) == len(wanted)


def test_two_environments_never_ask_for_one_assignment_on_a_shared_registry() -> None:
    group = (Principal(kind="group", id=azure_stack.GROUP),)
    team = dict.fromkeys(TEAM_ROLES, group)
    asked: list[tuple[str, ...]] = []
    for environment in ("dev", "test"):
        variant = azure_stack.Variant(context=azure_stack.context(environment), team=team, ci=azure_stack.CI)
        for one in azure_stack.environment(variant):
            if str(one.properties.get("scope")) in (azure_stack.REGISTRY.id, azure_stack.REGISTRY.images_id):
                asked.append(tuple(str(one.properties[key]) for key in ("principalId", "roleDefinitionId", "scope")))  # noqa: PERF401
    by_principal = [one for one in asked if not one[0].startswith("<")]
    assert by_principal
    assert len(by_principal) == len(set(by_principal))


def test_custom_roles_are_defined_where_they_can_be_given(hardened: azure_stack.Made) -> None:
    definitions = pulumi_kit.of_type(list(hardened.values()), "azure-native:authorization:RoleDefinition")
    environment = f"/subscriptions/{azure_stack.SUBSCRIPTION}/resourceGroups/rg-churn-prod-westeurope"
    assert {name.removeprefix("access-role-"): one["assignableScopes"] for name, one in definitions.items()} == {
        "endpoint-invoker": [environment],
        "mlops-deployer": [environment],
        "endpoint-scaler": [environment],
        "model-promoter": [environment],
        "data-and-feature-engineer": [environment],
        "model-publisher": [azure_stack.SHARED_GROUP],
        "image-reader": [azure_stack.SHARED_GROUP],
        "image-publisher": [azure_stack.SHARED_GROUP],
    }
    invoker = definitions["access-role-endpoint-invoker"]
    role = custom_roles.named(azure_stack.context("prod", "production"), custom_roles.ENDPOINT_INVOKER)
    assert invoker == {
        "roleDefinitionId": role.guid,
        "roleName": role.name,
        "roleType": "CustomRole",
        "description": "Calls online endpoints and sees where they answer; sees nothing else.",
        "scope": environment,
        "assignableScopes": [environment],
        "permissions": [
            {
                "actions": [f"{WORKSPACES}/onlineEndpoints/read", CALL_ENDPOINT],
                "notActions": [],
                "dataActions": [],
                "notDataActions": [],
            },
        ],
    }


def test_a_custom_role_never_allows_everything() -> None:
    assert [role.name for role in custom_roles.CUSTOM if "*" in role.actions] == []
    assert not _any_custom_allows(custom_roles.DEPLOYER, LIST_KEYS)
    assert not _any_custom_allows(custom_roles.DEPLOYER, REGISTER_MODEL)
    assert _any_custom_allows(custom_roles.DEPLOYER, WRITE_DEPLOYMENT)


def test_in_production_the_application_is_let_in_by_hand_and_devops_only_for_hours() -> None:
    team = {"devops-engineer": (Principal(kind="group", id=azure_stack.GROUP),)}
    assert _steps(azure_stack.Variant(team=team)) == []
    context = azure_stack.context("prod", "production")
    application, devops = _steps(azure_stack.Variant(context=context, team=team))
    invoker = custom_roles.named(context, custom_roles.ENDPOINT_INVOKER)
    assert application.title == "Let the application call the endpoint churn"
    assert application.command == (
        f"az role assignment create --role {invoker.guid} --assignee-principal-type ServicePrincipal "
        f"--assignee-object-id APPLICATION_OBJECT_ID --scope /subscriptions/{azure_stack.SUBSCRIPTION}/resourceGroups/"
        "rg-churn-prod-westeurope/providers/Microsoft.MachineLearningServices/workspaces/mlw-churn-prod/"
        "onlineEndpoints/churn-prod"
    )
    assert devops.title == "Make DevOps engineers eligible for Contributor"


def _steps(variant: azure_stack.Variant) -> list[AfterUp]:
    """The steps of an environment with an online endpoint ``churn`` and a batch endpoint ``nightly``."""
    found: list[AfterUp] = []

    def program() -> None:
        made = azure_stack.base(variant)
        online = ml.OnlineEndpoint(
            "online", resource_group_name="rg", workspace_name="mlw", properties={"auth_mode": "AADToken"}
        )
        batch = ml.BatchEndpoint(
            "batch", resource_group_name="rg", workspace_name="mlw", properties={"auth_mode": "AADToken"}
        )
        arguments = AccessArguments(
            foundation=made.foundation,
            identity=made.identity,
            storage=made.storage,
            workspace=made.workspace,
            registry=azure_stack.REGISTRY,
            endpoints={
                "churn": EndpointOutputs(uri=online.id, name="churn-prod", ready=(online,)),
                "nightly": EndpointOutputs(uri=batch.id, name="nightly-prod", ready=(batch,)),
            },
            team=variant.team,
        )
        found.extend(access.Access("access", variant.context, arguments).steps)

    pulumi_kit.record(program)
    return found


def _may(built_in: Mapping[str, Any], permissions: Any, action: str, *, data: bool = False) -> bool:
    return any(_allows(one, action, data=data) for given in permissions for one in _granted(built_in, given))


def _granted(built_in: Mapping[str, Any], permission: Permission) -> Iterator[Mapping[str, Any]]:
    if isinstance(permission.role, custom_roles.CustomRole):
        yield {"actions": permission.role.actions, "notActions": permission.role.not_actions}
    else:
        yield from built_in[permission.role.name]["permissions"]


def _allows(granted: Mapping[str, Any], action: str, *, data: bool = False) -> bool:
    allowed, denied = ("dataActions", "notDataActions") if data else ("actions", "notActions")
    return _matches(granted.get(allowed, ()), action) and not _matches(granted.get(denied, ()), action)


def _any_custom_allows(role: custom_roles.CustomRole, action: str) -> bool:
    return _allows({"actions": role.actions, "notActions": role.not_actions}, action)


def _matches(patterns: Any, action: str) -> bool:
    return any(fnmatch.fnmatch(action.lower(), pattern.lower()) for pattern in patterns)
