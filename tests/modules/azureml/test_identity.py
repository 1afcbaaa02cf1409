"""Identities at Azure, and which tokens of a CI system get in.

Not proved: what Entra does with a token; a subject is compared as a whole, as Entra's documentation says.
"""

from __future__ import annotations

import pytest
from groundplan.modules.azureml import roles
from groundplan.modules.azureml.foundation import Foundation
from groundplan.modules.azureml.identity import AUDIENCE, Identity, issuer, subject
from groundplan.modules.contract.foundation import FoundationArguments
from groundplan.modules.contract.identity import FederationArguments, IdentityArguments, IdentityOutputs, workloads

import azure_stack
import pulumi_kit

STACKS = ("shared", "dev", "prod")


def federation(provider: str, **more: str) -> FederationArguments:
    return FederationArguments(
        provider=provider,  # type: ignore[arg-type]
        repository=more.get("repository", "example/churn"),
        branch="main",
        environments=STACKS,
        organization_id=more.get("organization_id", ""),
        service_connection=more.get("service_connection", ""),
    )


def test_an_environment_has_one_identity_for_each_kind_of_work(default: azure_stack.Made) -> None:
    identities = pulumi_kit.of_type(list(default.values()), "azure-native:managedidentity:UserAssignedIdentity")
    assert identities == {
        f"identity-{what}": {
            "resourceName": f"id-churn-dev-{what}",
            "resourceGroupName": "rg-churn-dev-westeurope",
            "location": "westeurope",
            "tags": azure_stack.TAGS,
        }
        for what in ("workspace", "pipeline", "endpoint")
    }


def test_each_stack_has_an_identity_of_ci_with_the_one_credential_of_its_environment(shared: azure_stack.Made) -> None:
    made = list(shared.values())
    identities = pulumi_kit.of_type(made, "azure-native:managedidentity:UserAssignedIdentity")
    assert {name: one["resourceName"] for name, one in identities.items()} == {
        f"identity-ci-{stack}": f"id-churn-shared-ci-{stack}" for stack in STACKS
    }
    credentials = pulumi_kit.of_type(made, "azure-native:managedidentity:FederatedIdentityCredential")
    assert credentials == {
        f"identity-ci-{stack}-credential": {
            "resourceName": f"id-churn-shared-ci-{stack}",
            "resourceGroupName": "rg-churn-shared-westeurope",
            "issuer": "https://token.actions.githubusercontent.com",
            "audiences": [AUDIENCE],
            "federatedIdentityCredentialResourceName": f"github-{stack}",
            "subject": f"repo:example/churn:environment:{stack}",
        }
        for stack in STACKS
    }
    for stack in STACKS:
        assert pulumi_kit.depends_on(shared[f"identity-ci-{stack}-credential"]) == (f"identity-ci-{stack}",)


def test_ci_may_read_the_shared_stack_and_no_more(shared: azure_stack.Made) -> None:
    given = [one for one in shared.values() if one.type == "azure-native:authorization:RoleAssignment"]
    assert {(one.name, one.properties["principalId"], one.properties["scope"]) for one in given} == {
        (f"identity-ci-{stack}-reader", f"<identity-ci-{stack}.principalId>", azure_stack.SHARED_GROUP)
        for stack in STACKS
    }
    assert {str(one.properties["roleDefinitionId"]).rpartition("/")[2] for one in given} == {roles.READER.guid}


def test_the_identities_of_ci_are_told_by_their_stacks() -> None:
    found: list[IdentityOutputs] = []

    def program() -> None:
        where = azure_stack.context("shared", "production")
        foundation = Foundation("foundation", where, FoundationArguments()).outputs
        arguments = IdentityArguments(foundation=foundation, federation=federation("github"))
        found.append(Identity("identity", where, arguments).outputs)

    pulumi_kit.record(program, environment="shared")
    assert {stack: one.name for stack, one in found[0].ci.items()} == {
        stack: f"id-churn-shared-ci-{stack}" for stack in STACKS
    }


def test_each_ci_system_has_its_issuer_and_its_exact_subject() -> None:
    gitlab = federation("gitlab", repository="group/sub/churn")
    devops = federation("azure-devops", repository="org/churn", organization_id="o-1", service_connection="ml/churn-sc")
    assert (issuer(gitlab), subject(gitlab, "dev")) == (
        "https://gitlab.com",
        "project_path:group/sub/churn:ref_type:branch:ref:main",
    )
    assert (issuer(devops), subject(devops, "dev")) == (
        "https://vstoken.dev.azure.com/o-1",
        "sc://org/ml/churn-sc-dev",
    )


@pytest.mark.parametrize(
    ("provider", "said"),
    [
        ("github", "Let only main deploy to the GitHub environments of example/churn"),
        ("gitlab", "Protect the branch main of example/churn at GitLab"),
        ("azure-devops", "Make a service connection for each stack at Azure DevOps"),
    ],
)
def test_what_holds_the_identities_apart_at_the_ci_system_is_said(provider: str, said: str) -> None:
    found: list[str] = []

    def program() -> None:
        where = azure_stack.context("shared", "production")
        foundation = Foundation("foundation", where, FoundationArguments()).outputs
        arguments = IdentityArguments(foundation=foundation, federation=federation(provider))
        found.extend(step.title for step in Identity("identity", where, arguments).steps)

    pulumi_kit.record(program, environment="shared")
    assert found == [said]


@pytest.mark.parametrize("provider", ["github", "azure-devops"])
def test_what_gets_in_for_one_environment_gets_in_for_no_other(provider: str) -> None:
    system = federation(provider, repository="org/churn", organization_id="o", service_connection="ml/churn-sc")
    assert len({subject(system, stack) for stack in STACKS}) == len(STACKS)


FOREIGN = [
    "repo:other/churn:environment:prod",
    "repo:example/churn-fork:environment:prod",
    "repo:example/churn:pull_request",
    "repo:example/churn:ref:refs/heads/main",
    "repo:example/churn:ref:refs/tags/v1",
    "repo:example/churn:environment:prod2",
    "repo:example/churn:environment:staging",
    "repo:Example/churn:environment:prod",
    "project_path:example/churn:ref_type:branch:ref:feature",
    "project_path:example/churn:ref_type:tag:ref:main",
    "project_path:other/churn:ref_type:branch:ref:main",
    "sc://org/ml/other-sc",
    "sc://org/ml/churn-sc",
    "sc://org/ml/churn-sc-staging",
    "sc://other/ml/churn-sc",
]


@pytest.mark.parametrize("foreign", FOREIGN)
def test_no_foreign_repository_fork_pull_request_tag_or_environment_gets_in(foreign: str) -> None:
    systems = [
        federation("github"),
        federation("gitlab"),
        federation("azure-devops", repository="org/churn", organization_id="o", service_connection="ml/churn-sc"),
    ]
    let_in = {subject(system, stack) for system in systems for stack in STACKS}
    assert foreign not in let_in
    assert not any("*" in one for one in let_in)


def test_the_shared_stack_has_no_identities_of_workloads() -> None:
    with pytest.raises(ValueError, match="only an environment"):
        workloads(IdentityOutputs())
