"""Identities at Azure, and which tokens of a CI system get in.

Not proved: what Entra does with a token; a subject is compared as a whole, as Entra's documentation says.
"""

from __future__ import annotations

import pytest
from groundplan.modules.azureml import roles
from groundplan.modules.azureml.identity import AUDIENCE, issuer, subjects, workloads
from groundplan.modules.contract.identity import FederationArguments, IdentityOutputs

import azure_stack
import pulumi_kit


def federation(provider: str, **more: str) -> FederationArguments:
    return FederationArguments(
        provider=provider,  # type: ignore[arg-type]
        repository=more.get("repository", "example/churn"),
        branch="main",
        environments=("shared", "dev", "prod"),
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


def test_ci_gets_in_for_each_environment_one_credential_after_another(shared: azure_stack.Made) -> None:
    common = {
        "resourceName": "id-churn-shared-ci",
        "resourceGroupName": "rg-churn-shared-westeurope",
        "issuer": "https://token.actions.githubusercontent.com",
        "audiences": [AUDIENCE],
    }
    credentials = pulumi_kit.of_type(list(shared.values()), "azure-native:managedidentity:FederatedIdentityCredential")
    assert credentials == {
        f"identity-ci-{environment}": {
            **common,
            "federatedIdentityCredentialResourceName": f"github-{environment}",
            "subject": f"repo:example/churn:environment:{environment}",
        }
        for environment in ("shared", "dev", "prod")
    }
    chain = [pulumi_kit.depends_on(shared[f"identity-ci-{one}"]) for one in ("shared", "dev", "prod")]
    assert chain == [("identity-ci",), ("identity-ci-shared",), ("identity-ci-dev",)]


def test_ci_may_read_the_shared_stack_and_no_more(shared: azure_stack.Made) -> None:
    given = [one for one in shared.values() if one.type == "azure-native:authorization:RoleAssignment"]
    assert [(one.name, one.properties["principalId"], one.properties["scope"]) for one in given] == [
        ("identity-ci-reader", "<identity-ci.principalId>", azure_stack.SHARED_GROUP)
    ]
    assert str(given[0].properties["roleDefinitionId"]).endswith(roles.READER.guid)


def test_each_ci_system_has_its_issuer_and_its_exact_subject() -> None:
    gitlab = federation("gitlab", repository="group/sub/churn")
    devops = federation("azure-devops", repository="org/churn", organization_id="o-1", service_connection="ml/churn-sc")
    assert (issuer(gitlab), list(subjects(gitlab))) == (
        "https://gitlab.com",
        [("branch", "project_path:group/sub/churn:ref_type:branch:ref:main")],
    )
    assert (issuer(devops), list(subjects(devops))) == (
        "https://vstoken.dev.azure.com/o-1",
        [("service-connection", "sc://org/ml/churn-sc")],
    )


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
    "sc://other/ml/churn-sc",
]


@pytest.mark.parametrize("subject", FOREIGN)
def test_no_foreign_repository_fork_pull_request_tag_or_environment_gets_in(subject: str) -> None:
    systems = [
        federation("github"),
        federation("gitlab"),
        federation("azure-devops", repository="org/churn", organization_id="o", service_connection="ml/churn-sc"),
    ]
    let_in = {one for system in systems for _, one in subjects(system)}
    assert subject not in let_in
    assert not any("*" in one for one in let_in)


def test_the_shared_stack_has_no_identities_of_workloads() -> None:
    with pytest.raises(ValueError, match="only an environment"):
        workloads(IdentityOutputs())
