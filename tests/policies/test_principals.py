"""That grants of Google's IAM are read alike, however they are written. Proves nothing of what a role allows."""

from __future__ import annotations

import json

import pytest
from groundplan.policies import principals
from groundplan.policies.conditions import outcomes_of
from groundplan.policies.graph import Graph
from groundplan.policies.inputs import plain
from groundplan.policies.outcome import Verdict, worst
from groundplan.policies.principals import Grant
from groundplan.policies.resource import Resource
from groundplan.policies.rule import Facts
from groundplan.policies.values import ABSENT, Unknown

ROLE = "roles/storage.objectViewer"
ACCOUNT = "gcp:serviceaccount/account:Account"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def _resource(**properties: object) -> Resource:
    entries: list[dict[str, object]] = [
        {"type": "gcp:storage/bucketIAMMember:BucketIAMMember", "name": "grant", "properties": properties},
        {"type": "gcp:serviceaccount/account:Account", "name": "account", "properties": {}},
        {"type": "pulumi:pulumi:StackReference", "name": "shared", "properties": {}},
    ]
    return plain.resources(entries)[0]


def _private(resource: Resource) -> Verdict:
    said = principals.private(resource, Facts(graph=Graph([resource])))
    return worst(outcomes_of(said)).verdict


def test_members_bindings_and_policies_are_read_alike() -> None:
    policy = json.dumps({"bindings": [{"role": ROLE, "members": ["user:a@b.c"]}, {"role": ROLE}]})

    assert list(principals.grants(_resource(role=ROLE, member="user:a@b.c"))) == [
        Grant(path="member", role=ROLE, member="user:a@b.c")
    ]
    assert list(principals.grants(_resource(role=ROLE, members=["user:a@b.c", "allUsers"]))) == [
        Grant(path="members[0]", role=ROLE, member="user:a@b.c"),
        Grant(path="members[1]", role=ROLE, member="allUsers"),
    ]
    assert list(principals.grants(_resource(policyData=policy))) == [
        Grant(path="policyData", role=ROLE, member="user:a@b.c")
    ]


@pytest.mark.parametrize("data", [UNKNOWN, "{", 7])
def test_of_a_policy_that_cannot_be_read_nothing_is_known(data: object) -> None:
    assert list(principals.grants(_resource(policyData=data))) == [
        Grant(path="policyData", role=Unknown(), member=Unknown())
    ]


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        ("user:a@b.c", Verdict.PASS),
        ("allUsers", Verdict.FAIL),
        ("ALLAUTHENTICATEDUSERS", Verdict.FAIL),
        ("${account.member}", Verdict.PASS),
        ("${shared.member}", Verdict.UNKNOWN),
        (UNKNOWN, Verdict.UNKNOWN),
    ],
)
def test_only_a_named_member_and_an_account_of_a_program_are_private(member: str, expected: Verdict) -> None:
    assert _private(_resource(role=ROLE, member=member)) is expected


def test_each_kind_of_grant_has_its_type() -> None:
    assert principals.types("gcp:projects:IAM", "gcp:bigquery:Iam") == (
        "gcp:projects/iAMMember:IAMMember",
        "gcp:projects/iAMBinding:IAMBinding",
        "gcp:projects/iAMPolicy:IAMPolicy",
        "gcp:bigquery/iamMember:IamMember",
        "gcp:bigquery/iamBinding:IamBinding",
        "gcp:bigquery/iamPolicy:IamPolicy",
    )


@pytest.mark.parametrize(
    ("email", "expected"),
    [
        ("job@p.iam.gserviceaccount.com", Verdict.PASS),
        ("12-compute@developer.gserviceaccount.com", Verdict.FAIL),
        ("p@APPSPOT.gserviceaccount.com", Verdict.FAIL),
        ("default", Verdict.FAIL),
        ("", Verdict.FAIL),
        (ABSENT, Verdict.FAIL),
        (Unknown(), Verdict.UNKNOWN),
        (Unknown(of=(f"{ACCOUNT}::job",)), Verdict.PASS),
        (Unknown(of=("gcp:compute/network:Network::vpc", f"{ACCOUNT}::job")), Verdict.PASS),
        (Unknown(of=("gcp:compute/network:Network::vpc",)), Verdict.UNKNOWN),
        (Unknown(of=("pulumi:pulumi:StackReference::shared", f"{ACCOUNT}::job")), Verdict.UNKNOWN),
    ],
)
def test_a_machine_runs_as_an_account_of_its_own(email: object, expected: Verdict) -> None:
    assert principals.own_account("email", email).verdict is expected


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        ("serviceAccount:service-12@gcp-sa-aiplatform.iam.gserviceaccount.com", True),
        ("serviceAccount:service-12@compute-system.iam.gserviceaccount.com", True),
        ("serviceAccount:service-12@p.iam.gserviceaccount.com", False),
        ("serviceAccount:service-desk@p.iam.gserviceaccount.com", False),
        ("serviceAccount:job@p.iam.gserviceaccount.com", False),
        ("user:service-12@p.example.com", False),
        (Unknown(of=("gcp:projects/serviceIdentity:ServiceIdentity::agent",)), True),
        (Unknown(of=(f"{ACCOUNT}::job",)), False),
        (Unknown(), False),
    ],
)
def test_googles_agents_are_known_by_their_names(member: object, expected: bool) -> None:
    assert principals.is_agent(member) is expected
