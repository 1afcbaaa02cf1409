"""Principals, networks and federation in the forms that the clouds take.

That a principal exists, or that nobody else uses an address range, only the clouds can tell.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from groundplan.stacks.config.reading import read_stacks

from cloud_configs import AZURE, FIRST_LINES, GOOGLE, problems

GROUP = "az ad group show --group {} --query id --output tsv"


@pytest.mark.parametrize(
    ("platform", "principal", "expected"),
    [
        ("azureml", "22222222-0000-4000-8000-000000000001", []),
        ("azureml", "user:22222222-0000-4000-8000-000000000001", []),
        ("azureml", "service:22222222-0000-4000-8000-000000000001", []),
        ("azureml", "group:team@example.com",
         [("the group 'team@example.com' is given as an e-mail address; Azure needs the object id",
           GROUP.format("team@example.com"))]),
        ("azureml", "team@example.com",
         [("'team@example.com' is given as an e-mail address; Azure needs the object id",
           GROUP.format("team@example.com"))]),
        ("azureml", "user:jo@example.com",
         [("the user 'jo@example.com' is given as an e-mail address; Azure needs the object id",
           "az ad user show --id jo@example.com --query id --output tsv")]),
        ("azureml", "ml-engineers",
         [("'ml-engineers' is not an object id, which Azure needs", GROUP.format("NAME"))]),
        ("vertex", "jo@example.com", []),
        ("vertex", "group:team@example.com", []),
        ("vertex", "service:ci@acme-churn.iam.gserviceaccount.com", []),
        ("vertex", "ci@acme-churn.iam.gserviceaccount.com",
         [("'ci@acme-churn.iam.gserviceaccount.com' is a service account",
           "Write 'service:ci@acme-churn.iam.gserviceaccount.com'.")]),
        ("vertex", "service:jo@example.com",
         [("'jo@example.com' is not the address of a service account", "NAME@PROJECT.iam.gserviceaccount.com")]),
        ("vertex", "22222222-0000-4000-8000-000000000001",
         [("'22222222-0000-4000-8000-000000000001' is an object id; Google Cloud needs an e-mail address",
           "Such as group:team@example.com.")]),
        ("vertex", "group:ml-engineers",
         [("'ml-engineers' is not an e-mail address", "Such as group:team@example.com.")]),
    ],
)  # fmt: skip
def test_a_principal_has_the_form_that_its_cloud_takes(
    tmp_path: Path, platform: str, principal: str, expected: list[tuple[str, str]]
) -> None:
    role = f"team:\n  ml-engineer:\n    - {principal}\n"
    owner = f"compute:\n  desk:\n    type: workstation\n    owner: {principal}\n"

    assert problems(tmp_path, FIRST_LINES[platform] + role) == [
        ("7:7", f"team.ml-engineer: {message}", hint) for message, hint in expected
    ]
    assert problems(tmp_path, FIRST_LINES[platform] + owner) == [
        ("8:12", f"compute.desk.owner: {message}", hint) for message, hint in expected
    ]


def test_a_role_without_principals_is_told(tmp_path: Path) -> None:
    assert problems(tmp_path, f"{GOOGLE}team: {{ml-engineer: []}}\n") == [
        ("5:8", "team.ml-engineer has no principals", "Name somebody, or remove the role.")
    ]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["provider: github", "repository: acme/churn"], []),
        (["provider: gitlab", "repository: acme/ml/churn"], []),
        (["provider: github", "repository: churn"],
         [("8:17", "'churn' is not a repository of github", "Write it as owner/name, without wildcards.")]),
        (["provider: github", "repository: acme/*"],
         [("8:17", "'acme/*' is not a repository of github", "Write it as owner/name, without wildcards.")]),
        (["provider: github", "repository: acme/churn:ref:refs/heads/main"],
         [("8:17", "'acme/churn:ref:refs/heads/main' is not a repository of github",
           "Write it as owner/name, without wildcards.")]),
        (["provider: gitlab", "repository: churn"],
         [("8:17", "'churn' is not a repository of gitlab", "Write it as group/project, without wildcards.")]),
        (["provider: github", "repository: acme/churn", "branch: release/*"],
         [("9:13", "'release/*' is not the name of one branch", "Such as main. Wildcards would let any branch in.")]),
        (["provider: github", "repository: acme/churn", "repository_id: acme"],
         [("9:20", "'acme' is not the number of a repository", "gh api repos/OWNER/NAME --jq .id")]),
        (["provider: azure-devops", "repository: acme/churn"],
         [("7:15", "azure-devops needs identity.federation.organization_id, the organization's id",
           "It is in the issuer that the service connection shows: https://vstoken.dev.azure.com/ID."),
          ("7:15", "azure-devops needs identity.federation.service_connection as project/name",
           "Such as churn/deploy.")]),
    ],
)  # fmt: skip
def test_a_repository_has_the_form_of_its_ci_system_and_no_wildcard(
    tmp_path: Path, lines: list[str], expected: list[tuple[str, str, str]]
) -> None:
    section = "".join(f"    {line}\n" for line in lines)

    assert problems(tmp_path, f"{AZURE}identity:\n  federation:\n{section}") == expected


OWN_RANGE = "Give each environment, and the hub, an address range of its own."


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("network: {address_space: 10.0.0.0/33}\nenvironments: {dev: }",
         [("5:26", "network.address_space: 10.0.0.0/33 is no address range", "Such as 10.0.0.0/16.")]),
        ("network: {address_space: 10.0.1.0/16}\nenvironments: {dev: }",
         [("5:26", "network.address_space: 10.0.1.0/16 does not start where a range of that size starts",
           "Did you mean '10.0.0.0/16'?")]),
        ("network: {address_space: 10.0.0.0/26}\nenvironments: {dev: }",
         [("5:26", "network.address_space: 10.0.0.0/26 is too small: it has 64 addresses", "At least /24.")]),
        ("network: {address_space: 8.8.0.0/16}\nenvironments: {dev: }",
         [("5:26", "network.address_space: 8.8.0.0/16 is not a private range",
           "Such as 10.0.0.0/16, 172.20.0.0/16 or 192.168.0.0/20.")]),
        ("network: {address_space: 172.17.0.0/20}\nenvironments: {dev: }",
         [("5:26", "network.address_space: 172.17.0.0/20 meets 172.17.0.0/16, which Docker uses on Azure's computes",
           "Such as 10.0.0.0/16.")]),
        ("network: {access: public, hub: 10.0.0.0/16, address_space: 10.1.0.0/16}\nenvironments: {dev: }",
         [("5:27", "network.access is public, and network.hub asks for a private network",
           "Write 'access: private', or remove this line."),
          ("5:45", "network.access is public, and network.address_space asks for a private network",
           "Write 'access: private', or remove this line.")]),
        ("network: {address_space: 10.0.0.0/16}\nenvironments: {dev: , prod: }",
         [("5:26", "environment prod and environment dev have the same address range 10.0.0.0/16", OWN_RANGE)]),
        ("network: {hub: 10.0.0.0/16}\nenvironments:\n  dev: {network: {address_space: 10.0.128.0/20}}",
         [("5:16", "10.0.0.0/16 of the hub meets 10.0.128.0/20 of environment dev", OWN_RANGE)]),
        ("network: {hub: 10.0.0.0/16}\nenvironments:\n  dev: {network: {address_space: 10.1.0.0/16}}\n  prod:",
         [("5:11", "environment prod has no network that could join the hub",
           "Add 'environments: {prod: {network: {address_space: 10.1.0.0/16}}}'.")]),
        ("network: {perimeter: true}\nenvironments: {dev: }",
         [("5:11", "network.perimeter means nothing on azureml", "Remove it.")]),
    ],
)  # fmt: skip
def test_an_address_range_that_cannot_be_or_that_meets_another_is_told(
    tmp_path: Path, lines: str, expected: list[tuple[str, str, str]]
) -> None:
    assert problems(tmp_path, f"{AZURE}{lines}\n") == expected


def test_a_perimeter_needs_its_policy_and_a_private_network(tmp_path: Path) -> None:
    needed = "gcloud access-context-manager policies list --organization ORGANIZATION"

    assert problems(tmp_path, f"{GOOGLE}network: {{perimeter: true, access: public}}\nenvironments: {{dev: }}\n") == [
        ("5:11", "network.access is public, and network.perimeter asks for a private network",
         "Write 'access: private', or remove this line."),
        ("5:11", "network.perimeter needs network.access_policy, the policy's number", needed),
    ]  # fmt: skip


def test_a_project_is_enclosed_by_one_environment(tmp_path: Path) -> None:
    def around(*environments: str) -> list[tuple[str, str, str]]:
        lines = "network: {perimeter: true, access_policy: '55555'}\nenvironments:\n"
        return problems(tmp_path, GOOGLE + lines + "".join(f"  {one}\n" for one in environments))

    own_project = "prod: {account: {project: acme-prod}}"

    assert around("dev: {network: {perimeter: false}}", "prod:") == []
    assert around("dev:", own_project) == []
    assert around("dev:", own_project, "test: {network: {perimeter: true}}") == [
        ("9:20", "environments dev and test would each draw a perimeter around the project acme-churn",
         "Write 'perimeter: false' in one of them: the other encloses all of acme-churn."),
    ]  # fmt: skip


def test_networks_that_only_the_environments_name_leave_the_shared_stack_valid(tmp_path: Path) -> None:
    (tmp_path / "groundplan.yaml").write_text(
        f"{AZURE}network: {{hub: 10.0.0.0/16}}\nenvironments:\n"
        "  dev: {network: {address_space: 10.1.0.0/16}}\n  prod: {network: {address_space: 10.2.0.0/16}}\n"
    )

    assert list(read_stacks(tmp_path)) == ["shared", "dev", "prod"]
