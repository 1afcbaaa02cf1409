"""Access: what each role may do in each tier, by the permissions that Google's own roles carry.

Not proved: that Google's roles still hold what the stored extract of them says, nor that a permission is enough.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import cast, get_args

import pytest
from groundplan.modules.contract.context import Tier
from groundplan.modules.contract.identity import Principal
from groundplan.modules.vertex import provisioning, roles
from groundplan.modules.vertex.custom_roles import ACCOUNT_KEEPER, CUSTOM_ROLES
from groundplan.modules.vertex.team import TEAM, Allowance

import google_stack
from google_stack import CI, ENDPOINT, PROJECT, Made, Variant

SPECS = Path(__file__).parents[4] / "shared" / "specs"
TIERS: tuple[Tier, ...] = get_args(Tier)

CHANGES = {
    "endpoint create", "endpoint deploy", "endpoint update", "endpoint delete", "endpoint setIamPolicy",
    "model upload", "model delete", "setIamPolicy project", "actAs SA", "ar push", "bq write", "bq create table",
    "gcs write", "gcs delete", "customJob create", "pipelineJob create", "schedule create", "network create",
    "featureGroup create", "featureOnlineStore create", "secret access", "kms use",
}  # fmt: skip
"""What changes something or opens something, of the verbs in the extract."""


@cache
def extract() -> Mapping[str, list[str]]:
    """What each of Google's roles may do, in words."""
    if not (SPECS / "role_verbs.json").exists():
        pytest.skip("the extract of Google's roles does not lie beside the project")
    found = json.loads((SPECS / "role_verbs.json").read_text(encoding="utf-8"))
    return cast("Mapping[str, list[str]]", found["gcp"])


def may(allowed: Allowance) -> set[str]:
    """The verbs of all of Google's roles in an allowance, wherever they are given."""
    given = (
        *allowed.project, *allowed.data, *allowed.artifacts, *allowed.features, *allowed.repositories,
    )  # fmt: skip
    acting = {"actAs SA"} if allowed.acts_as else set[str]()
    return {verb for role in given for verb in extract().get(role, ())} | acting


def custom(allowed: Allowance) -> set[str]:
    """The permissions of all custom roles in an allowance."""
    return {one for role in (*allowed.custom, *allowed.endpoints) for one in CUSTOM_ROLES[role].permissions}


def test_all_seven_roles_are_there_for_every_tier() -> None:
    assert {role: set(tiers) for role, tiers in TEAM.items()} == {
        role: set(TIERS)
        for role in (
            "business-stakeholder", "solution-architect", "data-scientist", "data-engineer", "software-engineer",
            "devops-engineer", "ml-engineer",
        )
    }  # fmt: skip


@pytest.mark.parametrize("role", [role for role in TEAM if role != "devops-engineer"])
def test_people_change_nothing_in_production(role: str) -> None:
    allowed = TEAM[role]["production"]

    assert may(allowed) & CHANGES == set()
    assert {one.rpartition(".")[2] for one in custom(allowed)} <= {"get", "predict", "explain"}


def test_devops_engineers_change_only_alerts_in_production() -> None:
    assert may(TEAM["devops-engineer"]["production"]) & CHANGES == set()
    assert roles.MONITORING_EDITOR in TEAM["devops-engineer"]["production"].project


@pytest.mark.parametrize("role", TEAM)
def test_nobody_gets_more_towards_production(role: str) -> None:
    development, staging, production = (may(TEAM[role][tier]) & CHANGES for tier in TIERS)

    assert production <= staging
    assert staging - {"actAs SA"} <= development


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("role", TEAM)
def test_nobody_hands_out_roles_or_uses_keys(role: str, tier: Tier) -> None:
    forbidden = {"setIamPolicy project", "endpoint setIamPolicy", "kms use", "secret access"}

    assert may(TEAM[role][tier]) & forbidden == set()
    # The monitor of a version that serves no more is made again when it does.
    given = custom(TEAM[role][tier]) - {"aiplatform.modelMonitors.delete"}
    assert not [one for one in given if one.endswith(("setIamPolicy", ".delete"))]


@pytest.mark.parametrize("tier", TIERS)
def test_only_who_asks_endpoints_may_predict_with_a_role_of_ours(tier: Tier) -> None:
    predicts = {role for role in TEAM if "aiplatform.endpoints.predict" in custom(TEAM[role][tier])}

    assert (
        predicts
        == {
            "development": {"software-engineer"},
            "staging": {"software-engineer", "ml-engineer"},
            "production": {"ml-engineer"},
        }[tier]
    )


ALSO_KNOWN = {
    *(f"aiplatform.batchPredictionJobs.{verb}" for verb in ("cancel", "create", "get", "list")),
    *(f"aiplatform.artifacts.{verb}" for verb in ("create", "get", "update")),
    *(f"aiplatform.contexts.{verb}" for verb in ("create", "get", "update", "addContextArtifactsAndExecutions")),
    *(f"aiplatform.contexts.{verb}" for verb in ("addContextChildren", "queryContextLineageSubgraph")),
    *(f"aiplatform.executions.{verb}" for verb in ("create", "get", "update", "addExecutionEvents")),
    "aiplatform.executions.queryExecutionInputsAndOutputs",
    *(f"aiplatform.datasets.{verb}" for verb in ("create", "list")),
    "aiplatform.deploymentResourcePools.queryDeployedModels",
    *(f"aiplatform.modelMonitors.{verb}" for verb in ("delete", "list", "update")),
    *(f"aiplatform.modelMonitors.searchModelMonitoring{what}" for what in ("Alerts", "Stats")),
    "aiplatform.modelMonitoringJobs.list",
    "logging.logEntries.list",
    "monitoring.timeSeries.list",
}
"""Permissions beyond the stored ones; Google's own roles held each of them in August 2026."""


def test_custom_roles_hold_permissions_that_google_knows() -> None:
    stored = SPECS / "gcp_custom_roles.json"
    if not stored.exists():
        pytest.skip("the checked permissions do not lie beside the project")
    checked = cast("Mapping[str, list[str]]", json.loads(stored.read_text(encoding="utf-8")))
    known = {one for permissions in checked.values() for one in permissions}

    held = {one for name, role in CUSTOM_ROLES.items() if name != ACCOUNT_KEEPER for one in role.permissions}
    assert held == known | ALSO_KNOWN
    assert {name: sorted(set(role.permissions)) for name, role in CUSTOM_ROLES.items()} == {
        name: list(role.permissions) for name, role in CUSTOM_ROLES.items()
    }


def test_who_keeps_service_accounts_decides_not_who_acts_as_them() -> None:
    """Of what ``roles/iam.serviceAccountAdmin`` holds, without deletion and without the policy of an account."""
    assert CUSTOM_ROLES[ACCOUNT_KEEPER].permissions == tuple(
        f"iam.serviceAccounts.{verb}"
        for verb in ("create", "disable", "enable", "get", "getIamPolicy", "list", "update")
    )


def test_ci_decides_who_acts_as_the_workloads_of_its_environment_and_as_nobody_else(hardened: Made) -> None:
    managed = {
        str(one.properties["serviceAccountId"]).rpartition("/")[2].partition("@")[0]: one.retain_on_delete
        for one in hardened.resources
        if one.properties.get("role") == roles.SERVICE_ACCOUNT_ADMIN
    }

    assert managed == {"churn-prod-pipeline": True, "churn-prod-endpoint": True, "churn-prod-workspace": True}


def test_a_custom_role_belongs_to_its_environment(default: Made) -> None:
    assert default.inputs("access-role-endpoint-invoker") == {
        "project": PROJECT,
        "roleId": "churn_dev_endpoint_invoker",
        "title": "Endpoint invoker (churn dev)",
        "description": "Asks endpoints for predictions",
        "permissions": [
            "aiplatform.endpoints.explain", "aiplatform.endpoints.get", "aiplatform.endpoints.predict",
        ],
        "stage": "GA",
    }  # fmt: skip


def test_roles_are_given_on_the_least_resource() -> None:
    made = _with_team({"data-scientist": (Principal(kind="group", id="science@example.com"),)})

    assert _given_to(made, "group:science@example.com") == {
        ("gcp:projects/iAMMember:IAMMember", PROJECT, "roles/aiplatform.user"),
        ("gcp:projects/iAMMember:IAMMember", PROJECT, "roles/bigquery.jobUser"),
        ("gcp:projects/iAMMember:IAMMember", PROJECT, "roles/aiplatform.notebookRuntimeUser"),
        (
            "gcp:storage/bucketIAMMember:BucketIAMMember",
            made.inputs("storage-data")["name"],
            "roles/storage.objectUser",
        ),
        (
            "gcp:storage/bucketIAMMember:BucketIAMMember",
            made.inputs("storage-artifacts")["name"],
            "roles/storage.objectUser",
        ),
        ("gcp:bigquery/datasetIamMember:DatasetIamMember", "churn_dev_features", "roles/bigquery.dataViewer"),
        (
            "gcp:serviceaccount/iAMMember:IAMMember",
            "projects/acme-churn/serviceAccounts/churn-dev-pipeline@acme-churn.iam.gserviceaccount.com",
            "roles/iam.serviceAccountUser",
        ),
    }


def test_an_endpoint_is_asked_by_name_and_a_batch_endpoint_by_nobody() -> None:
    made = _with_team({"software-engineer": (Principal(kind="service", id=f"app@{PROJECT}.example.com"),)})

    assert _given_to(made, f"serviceAccount:app@{PROJECT}.example.com") == {
        ("gcp:projects/iAMMember:IAMMember", PROJECT, "roles/logging.viewer"),
        (
            "gcp:vertex/aiEndpointIamMember:AiEndpointIamMember",
            ENDPOINT,
            "projects/acme-churn/roles/churn_dev_endpoint_invoker",
        ),
    }


def test_images_and_templates_are_given_where_the_shared_stack_keeps_them() -> None:
    made = _with_team({"ml-engineer": (Principal(kind="user", id="ml@example.com"),)})
    repositories = [
        one.properties
        for one in made.by_name.values()
        if one.type.endswith(":RepositoryIamMember") and one.properties["member"] == "user:ml@example.com"
    ]

    assert repositories == [
        {
            "project": PROJECT,
            "location": "europe-west4",
            "repository": repository,
            "role": "roles/artifactregistry.writer",
            "member": "user:ml@example.com",
        }
        for repository in ("churn-shared-images", "churn-shared-templates")
    ]


def test_somebody_in_two_roles_gets_each_permission_once() -> None:
    both = (Principal(kind="user", id="one@example.com"),)
    made = _with_team({"data-scientist": both, "ml-engineer": both})
    single = _with_team({"data-scientist": both})

    given = [one for one in made.resources if one.properties.get("member") == "user:one@example.com"]
    assert len(given) == len(_given_to(made, "user:one@example.com"))
    assert _given_to(made, "user:one@example.com") > _given_to(single, "user:one@example.com")


def test_who_leaves_takes_nothing_from_who_stays() -> None:
    stays, leaves = (Principal(kind="user", id=f"{name}@example.com") for name in ("a.b", "a-b"))
    before = _with_team({"data-engineer": (leaves, stays)})
    after = _with_team({"data-engineer": (stays,)})

    theirs = {
        one.name: one.properties for one in before.resources if one.properties.get("member") == "user:a.b@example.com"
    }
    assert {name: after.inputs(name) for name in theirs} == theirs


def test_what_runs_pulls_its_images(default: Made) -> None:
    assert {
        name: (default.inputs(name)["member"], default.inputs(name)["repository"], default.inputs(name)["role"])
        for name in default.names("access-")
        if default[name].type.endswith(":RepositoryIamMember")
    } == {
        "access-pipeline-images": ("<identity-pipeline.member>", "churn-shared-images", roles.ARTIFACT_READER),
        "access-pipeline-templates": ("<identity-pipeline.member>", "churn-shared-templates", roles.ARTIFACT_READER),
        "access-endpoint-images": ("<identity-endpoint.member>", "churn-shared-images", roles.ARTIFACT_READER),
        "access-workspace-images": ("<identity-workspace.member>", "churn-shared-images", roles.ARTIFACT_READER),
    }


def test_ci_provisions_but_hands_out_only_what_people_and_workloads_get(hardened: Made) -> None:
    given = {role for _, _, role in _given_to(hardened, CI)}
    condition = cast("Mapping[str, str]", hardened.inputs("access-ci-resourcemanager-projectiamadmin")["condition"])
    listed = condition["expression"].partition("hasOnly(")[2].removesuffix(")")

    assert given == {
        *provisioning.PROVISIONS, roles.PROJECT_IAM_ADMIN, roles.SERVICE_ACCOUNT_USER, roles.SERVICE_ACCOUNT_ADMIN,
        roles.ARTIFACT_WRITER, f"projects/{PROJECT}/roles/churn_prod_{ACCOUNT_KEEPER}",
    }  # fmt: skip
    assert not {roles.KEY_ADMIN, roles.POOL_ADMIN} & given
    assert not {"roles/owner", "roles/editor", roles.PROJECT_IAM_ADMIN, roles.VERTEX_ADMIN} & set(json.loads(listed))
    assert {role for role, _ in _on_project(hardened)} - given <= set(json.loads(listed))


def test_cis_roles_stay_until_it_has_taken_down_the_stack(hardened: Made) -> None:
    on_project = [
        one for one in hardened.resources
        if one.properties.get("member") == CI and one.type == "gcp:projects/iAMMember:IAMMember"
    ]  # fmt: skip

    assert {one.retain_on_delete for one in on_project} == {True}


def test_ci_of_later_environments_promotes_what_is_registered_in_the_first() -> None:
    later = f"serviceAccount:churn-shared-ci-staging@{PROJECT}.iam.gserviceaccount.com"
    made = google_stack.environment(Variant(public=True, promoting={"staging": later}))

    assert _given_to(made, later) == {
        ("gcp:projects/iAMMember:IAMMember", PROJECT, f"projects/{PROJECT}/roles/churn_dev_model_promoter"),
        (
            "gcp:storage/bucketIAMMember:BucketIAMMember",
            made.inputs("storage-artifacts")["name"],
            "roles/storage.objectUser",
        ),
    }


def test_ci_of_the_first_environment_reads_in_the_later_ones_by_what_it_trains_again() -> None:
    first = f"serviceAccount:churn-shared-ci-dev@{PROJECT}.iam.gserviceaccount.com"
    made = google_stack.environment(Variant(public=True, retraining=first))

    assert {role for _, _, role in _given_to(made, first)} == {
        "roles/aiplatform.viewer", "roles/bigquery.jobUser", "roles/storage.objectViewer", "roles/bigquery.dataViewer",
    }  # fmt: skip


def test_without_ci_nobody_provisions(default: Made) -> None:
    assert default.names("access-ci-") == []


def test_what_a_resource_cannot_give_is_a_step_in_production_only(default: Made, hardened: Made) -> None:
    costs, rights = hardened.steps[-2:]
    words = shlex.split(costs.command)
    entitlement = rights.command.partition("<(echo ")[2].removesuffix(")")

    assert default.steps == ()
    assert words == [
        "gcloud", "billing", "accounts", "add-iam-policy-binding", "0A0A0A-1B1B1B-2C2C2C",
        "--member=group:business@example.com", "--role=roles/billing.viewer",
    ]  # fmt: skip
    assert json.loads(shlex.split(entitlement)[0])["eligibleUsers"] == [{"principals": ["user:o'hara@example.com"]}]


def test_environments_that_share_a_project_are_told_that_nothing_holds_them_apart() -> None:
    team = {"ml-engineer": (Principal(kind="group", id="ml@example.com"),)}
    alone, nobody, together = (
        google_stack.environment(Variant(public=True, team=who, beside=others)).steps
        for who, others in ((team, ()), ({}, ("prod",)), (team, ("prod", "a")))
    )

    assert [one.title for one in (*alone, *nobody)] == []
    assert [one.title for one in together] == ["Know that a, dev, prod are not held apart in acme-churn"]


def _with_team(team: Mapping[str, tuple[Principal, ...]]) -> Made:
    return google_stack.environment(Variant(public=True, team=team))


def _given_to(made: Made, member: str) -> set[tuple[str, object, str]]:
    """Type, target and role of everything that a member gets."""
    targets = ("bucket", "datasetId", "endpoint", "serviceAccountId", "repository", "project")
    return {
        (one.type, next(one.properties[key] for key in targets if key in one.properties), str(one.properties["role"]))
        for one in made.by_name.values()
        if one.properties.get("member") == member
    }


def _on_project(made: Made) -> set[tuple[str, str]]:
    """Role and member of everything that is given on the project in the lower half, agents left out."""
    return {
        (str(one.properties["role"]), str(one.properties["member"]))
        for one in made.by_name.values()
        if one.type == "gcp:projects/iAMMember:IAMMember" and not one.name.startswith("network-")
    }
