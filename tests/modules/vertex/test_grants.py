"""Who gains which permission, read back from a plan in which much is known only after up."""

from __future__ import annotations

import pytest
from groundplan.modules.contract.planned import Grant, PlannedResource, Unknown
from groundplan.modules.vertex.grants import grants

from google_stack import Made

URN = "urn:pulumi:dev::churn::"


def _resource(kind: str, logical: str, /, **properties: object) -> PlannedResource:
    return PlannedResource(urn=f"{URN}{kind}::{logical}", type=kind, name=logical, properties=properties)


ACCOUNT = _resource(
    "gcp:serviceaccount/account:Account", "pipeline", accountId="churn-dev-pipeline", project="acme-churn"
)
AGENT = _resource("gcp:projects/serviceIdentity:ServiceIdentity", "agent", project="acme-churn")
KEY = _resource("gcp:kms/cryptoKey:CryptoKey", "key", name="platform")
OTHER = _resource("pulumi:pulumi:StackReference", "shared", name="organization/churn/shared")


@pytest.mark.parametrize(
    ("member", "principal"),
    [
        ("group:ml@example.com", "group:ml@example.com"),
        (
            Unknown(of=(ACCOUNT.urn,), property="member"),
            "serviceAccount:churn-dev-pipeline@acme-churn.iam.gserviceaccount.com",
        ),
        (Unknown(of=(AGENT.urn,)), "a service agent of Google's in acme-churn"),
        (Unknown(of=(OTHER.urn,)), "CI, by its identity in the shared stack"),
        (Unknown(of=(f"{URN}gcp:other:Other::else",)), "known after up, from else"),
        (Unknown(), "known after up"),
    ],
)
def test_a_member_is_named_as_well_as_the_plan_knows(member: object, principal: str) -> None:
    given = _resource(
        "gcp:projects/iAMMember:IAMMember", "given", project="acme-churn", role="roles/aiplatform.user", member=member
    )

    assert grants([given, ACCOUNT, AGENT, OTHER]) == (
        Grant(principal=principal, role="roles/aiplatform.user", scope="projects/acme-churn", resource="given"),
    )


def test_who_signs_in_from_ci_is_not_taken_for_the_agent_that_tells_the_projects_number() -> None:
    given = _resource(
        "gcp:serviceaccount/iAMMember:IAMMember", "given", serviceAccountId="projects/p/serviceAccounts/ci",
        role="roles/iam.workloadIdentityUser", member=Unknown(of=(AGENT.urn,)),
    )  # fmt: skip

    assert [one.principal for one in grants([given, AGENT])] == ["CI, by workload identity federation"]


@pytest.mark.parametrize(
    ("key_id", "scope"),
    [
        ("projects/acme-churn/locations/europe-west4/keyRings/churn/cryptoKeys/platform", "cryptoKeys/platform"),
        (Unknown(of=(KEY.urn,), property="id"), "platform"),
        (Unknown(of=(OTHER.urn,)), "the key of the shared stack"),
        (Unknown(), "known after up"),
    ],
)
def test_what_a_role_is_given_on_is_named_as_well_as_the_plan_knows(key_id: object, scope: str) -> None:
    given = _resource(
        "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember",
        "given",
        cryptoKeyId=key_id,
        role="r",
        member="user:a@example.com",
    )

    assert [one.scope for one in grants([given, KEY, OTHER])] == [scope]


def test_custom_roles_are_read_by_their_titles_and_conditions_are_said() -> None:
    role = _resource(
        "gcp:projects/iAMCustomRole:IAMCustomRole", "role", project="acme-churn", roleId="deployer", title="Deployer"
    )
    given = _resource(
        "gcp:projects/iAMMember:IAMMember",
        "given",
        project="acme-churn",
        role="projects/acme-churn/roles/deployer",
        member="user:a@example.com",
        condition={"title": "by day"},
    )

    assert [one.role for one in grants([role, given])] == ["Deployer (under a condition)"]


def test_every_member_of_a_stack_is_a_grant(hardened: Made) -> None:
    members = sorted(name for name, one in hardened.by_name.items() if "member" in one.properties)

    assert sorted(one.resource for one in grants(hardened.resources)) == members
