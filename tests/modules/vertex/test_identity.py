"""Identities: accounts without keys, and whom Google believes for CI.

The conditions are evaluated here by a small reader of the few forms that groundplan writes. Not proved: that CI systems
send the claims they document.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Literal, cast

import pytest
from groundplan.modules.contract.identity import FederationArguments, IdentityOutputs, workloads
from groundplan.modules.vertex import provisioning
from groundplan.modules.vertex.federation import trust
from hypothesis import given
from hypothesis import strategies as st

import google_stack
import pulumi_kit
from google_stack import NUMBER, PROJECT, Made

POOL = f"iam.googleapis.com/projects/{NUMBER}/locations/global/workloadIdentityPools/churn-shared-ci"

GITHUB = FederationArguments(
    provider="github", repository="acme/churn", repository_id="4711", branch="main", environments=("dev", "prod")
)
GITLAB = FederationArguments(
    provider="gitlab", repository="acme/ml/churn", repository_id="815", branch="main", environments=("dev", "prod")
)
AZURE_DEVOPS = FederationArguments(
    provider="azure-devops",
    repository="acme/churn",
    branch="main",
    environments=("dev",),
    organization_id="00000000-0000-0000-0000-00000000000f",
    service_connection="churn/google",
)

FROM_GITHUB = {
    "repository": "acme/churn",
    "repository_id": "4711",
    "ref": "refs/heads/main",
    "sub": "repo:acme/churn:environment:prod",
}
FROM_GITLAB = {
    "project_path": "acme/ml/churn",
    "project_id": "815",
    "ref_protected": "true",
    "environment": "dev",
    "sub": "project_path:acme/ml/churn:ref_type:branch:ref:main",
}
FROM_AZURE_DEVOPS = {"sub": "sc://acme/churn/google"}


def test_each_kind_of_work_has_an_account(default: Made) -> None:
    assert {name: default.inputs(f"identity-{name}") for name in ("workspace", "pipeline", "endpoint")} == {
        name: {
            "project": PROJECT,
            "accountId": f"churn-dev-{name}",
            "displayName": f"churn dev {name}",
            "description": description,
        }
        for name, description in (
            ("workspace", "What people's machines run as"),
            ("pipeline", "What pipelines run as"),
            ("endpoint", "What endpoints answer as"),
        )
    }


def test_no_account_has_a_key(default: Made, shared: Made) -> None:
    assert {one.type for made in (default, shared) for one in made.resources if "ccount" in one.type} == {
        "gcp:serviceaccount/account:Account",
        "gcp:serviceaccount/iAMMember:IAMMember",
    }


@pytest.mark.parametrize(
    ("stack", "workspace"), [("default", "roles/aiplatform.user"), ("hardened", "roles/aiplatform.viewer")]
)
def test_accounts_get_on_the_project_only_what_nothing_smaller_carries(
    stack: str, workspace: str, request: pytest.FixtureRequest
) -> None:
    made: Made = request.getfixturevalue(stack)
    given = sorted(
        (str(one.properties["member"]), str(one.properties["role"]))
        for name, one in made.by_name.items()
        if name.startswith("identity-") and one.type == "gcp:projects/iAMMember:IAMMember"
    )

    assert given == sorted(
        (f"<identity-{name}.member>", role)
        for name, roles in (
            ("workspace", ("roles/bigquery.jobUser", "roles/logging.logWriter", "roles/monitoring.metricWriter")),
            ("workspace", (workspace,)),
            ("pipeline", ("roles/aiplatform.user", "roles/bigquery.jobUser", "roles/logging.logWriter")),
            ("endpoint", ("roles/logging.logWriter", "roles/monitoring.metricWriter")),
        )
        for role in roles
    )


def test_only_an_environment_has_workloads() -> None:
    with pytest.raises(ValueError, match="only an environment"):
        workloads(IdentityOutputs())


def test_ci_enters_through_a_pool_of_its_own(shared: Made) -> None:
    assert shared.inputs("identity-pool") == {
        "project": PROJECT,
        "workloadIdentityPoolId": "churn-shared-ci",
        "description": "CI of acme/churn",
    }
    assert shared.inputs("identity-provider") == {
        "project": PROJECT,
        "workloadIdentityPoolId": "churn-shared-ci",
        "workloadIdentityPoolProviderId": "github",
        "description": "acme/churn, branch main",
        "attributeMapping": {
            "google.subject": "assertion.sub",
            "attribute.repository": "assertion.repository",
            "attribute.repository_id": "assertion.repository_id",
            "attribute.ref": "assertion.ref",
            "attribute.environment": "assertion.environment",
        },
        "attributeCondition": 'assertion.repository == "acme/churn" && assertion.repository_id == "4711" && '
        'assertion.ref == "refs/heads/main" && assertion.sub in ["repo:acme/churn:environment:shared", '
        '"repo:acme/churn:environment:dev", "repo:acme/churn:environment:prod"]',
        "oidc": {"issuerUri": "https://token.actions.githubusercontent.com"},
    }


def test_each_stack_has_an_identity_of_its_own_that_only_its_own_jobs_get(shared: Made) -> None:
    stacks = ("shared", "dev", "prod")

    assert [shared.inputs(f"identity-ci-{stack}") for stack in stacks] == [
        {
            "project": PROJECT,
            "accountId": f"churn-shared-ci-{stack}",
            "displayName": f"churn shared ci-{stack}",
            "description": f"What CI of acme/churn acts as on {stack}",
        }
        for stack in stacks
    ]
    assert [_federated(shared, stack) for stack in stacks] == [
        (
            f"identity-ci-{stack}",
            "roles/iam.workloadIdentityUser",
            f"principal://{POOL}/subject/repo:acme/churn:environment:{stack}",
        )
        for stack in stacks
    ]


@pytest.mark.parametrize(
    ("federation", "members"),
    [
        (GITLAB, [f"principalSet://{POOL}/attribute.environment/{stack}" for stack in ("dev", "prod")]),
        (AZURE_DEVOPS, [f"principal://{POOL}/subject/sc://acme/churn/google"]),
    ],
)
def test_stacks_are_told_apart_by_what_the_ci_system_says(federation: FederationArguments, members: list[str]) -> None:
    made = google_stack.shared(federation)

    assert [_federated(made, stack)[2] for stack in federation.environments] == members


def test_the_shared_stacks_own_ci_provisions_it_and_the_others_do_not(shared: Made) -> None:
    given = {
        (str(one.properties["role"]), str(one.properties["member"]), one.retain_on_delete)
        for one in shared.by_name.values()
        if one.type == "gcp:projects/iAMMember:IAMMember"
    }

    keeper = f"projects/{PROJECT}/roles/churn_shared_account_keeper"
    assert given == {(role, "<identity-ci-shared.member>", True) for role in (*provisioning.PROVISIONS_SHARED, keeper)}


def test_no_ci_decides_who_acts_as_ci(shared: Made) -> None:
    [made] = [one for one in shared.by_name.values() if one.type == "gcp:projects/iAMCustomRole:IAMCustomRole"]
    on_accounts = {
        str(one.properties["role"])
        for one in shared.by_name.values()
        if one.type == "gcp:serviceaccount/iAMMember:IAMMember"
    }

    assert "iam.serviceAccounts.create" in cast("list[str]", made.properties["permissions"])
    assert "iam.serviceAccounts.setIamPolicy" not in cast("list[str]", made.properties["permissions"])
    assert on_accounts == {"roles/iam.workloadIdentityUser"}


def test_without_a_number_the_pool_is_found_by_vertex_ais_agent() -> None:
    made = google_stack.shared(GITHUB, number="")

    assert "foundation-aiplatform-agent" in pulumi_kit.depends_on(made["identity-ci-dev-federation"])


@pytest.mark.parametrize(
    ("federation", "issuer", "audiences"),
    [
        (GITHUB, "https://token.actions.githubusercontent.com", ()),
        (GITLAB, "https://gitlab.com", ()),
        (
            AZURE_DEVOPS,
            "https://vstoken.dev.azure.com/00000000-0000-0000-0000-00000000000f",
            ("api://AzureADTokenExchange",),
        ),
    ],
)
def test_tokens_are_believed_of_one_issuer(
    federation: FederationArguments, issuer: str, audiences: tuple[str, ...]
) -> None:
    believed = trust(federation)

    assert (believed.issuer, believed.audiences) == (issuer, audiences)


@pytest.mark.parametrize(
    ("federation", "claims"),
    [
        (GITHUB, FROM_GITHUB),
        (GITHUB, {**FROM_GITHUB, "sub": "repo:acme/churn:environment:dev"}),
        (GITLAB, FROM_GITLAB),
        (AZURE_DEVOPS, FROM_AZURE_DEVOPS),
    ],
)
def test_the_repositorys_own_jobs_get_in(federation: FederationArguments, claims: Mapping[str, str]) -> None:
    assert _holds(trust(federation).condition, claims)


@pytest.mark.parametrize(
    ("federation", "claims"),
    [
        pytest.param(GITHUB, {**FROM_GITHUB, "repository": "mallory/churn"}, id="github, another repository"),
        pytest.param(GITHUB, {**FROM_GITHUB, "sub": "repo:mallory/churn:environment:prod"}, id="github, a fork"),
        pytest.param(GITHUB, {**FROM_GITHUB, "repository_id": "9"}, id="github, the name given away"),
        pytest.param(GITHUB, {**FROM_GITHUB, "ref": "refs/pull/7/merge"}, id="github, a pull request"),
        pytest.param(GITHUB, {**FROM_GITHUB, "ref": "refs/tags/main"}, id="github, a tag"),
        pytest.param(GITHUB, {**FROM_GITHUB, "ref": "refs/heads/main2"}, id="github, another branch"),
        pytest.param(GITHUB, {**FROM_GITHUB, "sub": "repo:acme/churn:ref:refs/heads/main"}, id="github, none"),
        pytest.param(GITHUB, {**FROM_GITHUB, "sub": "repo:acme/churn:environment:test"}, id="github, environment"),
        pytest.param(GITHUB, {"sub": FROM_GITHUB["sub"]}, id="github, claims missing"),
        pytest.param(GITLAB, {**FROM_GITLAB, "project_path": "acme/ml"}, id="gitlab, the group"),
        pytest.param(GITLAB, {**FROM_GITLAB, "project_id": "8150"}, id="gitlab, the name given away"),
        pytest.param(GITLAB, {**FROM_GITLAB, "ref_protected": "false"}, id="gitlab, an unprotected branch"),
        pytest.param(GITLAB, {**FROM_GITLAB, "environment": "review/7"}, id="gitlab, another environment"),
        pytest.param(
            GITLAB,
            {**FROM_GITLAB, "sub": "project_path:acme/ml/churn:ref_type:tag:ref:main"},
            id="gitlab, a tag of the branch's name",
        ),
        pytest.param(AZURE_DEVOPS, {"sub": "sc://acme/other/google"}, id="azure devops, another project"),
        pytest.param(AZURE_DEVOPS, {"sub": "sc://acme/churn/google2"}, id="azure devops, another connection"),
    ],
)
def test_nobody_else_gets_in(federation: FederationArguments, claims: Mapping[str, str]) -> None:
    assert not _holds(trust(federation).condition, claims)


@given(st.sampled_from(["github", "gitlab", "azure-devops"]), st.text(min_size=1), st.text(min_size=1))
def test_nothing_in_a_name_becomes_part_of_the_condition(
    provider: Literal["github", "gitlab", "azure-devops"], repository: str, other: str
) -> None:
    federation = FederationArguments(
        provider=provider, repository=repository, branch=other, environments=(other,), service_connection=other
    )
    believed = trust(federation)
    claims = {claim: values[0] for claim, values in believed.claims.items()}

    assert _holds(believed.condition, claims)
    assert not _holds(believed.condition, {**claims, "sub": claims["sub"] + "x"})


def _federated(made: Made, stack: str) -> tuple[str, object, object]:
    """Whose identity is opened by a stack's federation, by which role, and to whom."""
    one = made[f"identity-ci-{stack}-federation"]
    (account,) = (urn.rpartition("::")[2] for urn in one.property_dependencies["serviceAccountId"])
    return account, one.properties["role"], one.properties["member"]


def _holds(condition: str, claims: Mapping[str, str]) -> bool:
    """Whether claims meet all parts of a condition: ``assertion.CLAIM == TEXT``, ``assertion.CLAIM in [TEXT, …]``."""
    rest, met = condition, True
    while rest:
        head = re.match(r"(?: && )?assertion\.(\w+) (==|in) ", rest)
        assert head is not None, rest
        value, end = json.JSONDecoder().raw_decode(rest[head.end() :])
        wanted = value if head[2] == "in" else [value]
        met = met and claims.get(head[1]) in wanted
        rest = rest[head.end() + end :]
    return met
