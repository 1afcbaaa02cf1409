"""How CI gets in without a key: whose tokens Google believes, and which subjects among them.

Every token of a CI system comes from the same issuer, whoever's repository it is about. The condition lets in one
repository, one branch and the named environments only; a pull request, a tag, a fork or another repository never
meets it. A claim that is missing refuses the token.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

from ..contract.identity import FederationArguments

AUDIENCE_OF_AZURE_DEVOPS = "api://AzureADTokenExchange"
"""Azure DevOps gives its tokens this audience only."""


@dataclass(frozen=True, kw_only=True)
class Trust:
    """Whom Google believes: ``claims`` and their only values, whole and without a wildcard, ``sub`` among them.

    ``members`` says who of them may act for a stack: ``subject/…`` or ``attribute.NAME/…``. ``attributes`` are the
    claims that can be told apart. Without ``audiences`` a token must be meant for the provider itself.
    """

    issuer: str
    claims: Mapping[str, tuple[str, ...]]
    members: Mapping[str, str]
    attributes: tuple[str, ...]
    audiences: tuple[str, ...] = ()

    @property
    def condition(self) -> str:
        """The claims as an expression of the Common Expression Language."""
        return " && ".join(
            f"assertion.{claim} == {_quoted(values[0])}"
            if len(values) == 1
            else f"assertion.{claim} in [{', '.join(map(_quoted, values))}]"
            for claim, values in self.claims.items()
        )

    @property
    def mapping(self) -> dict[str, str]:
        """Which claim becomes which attribute at Google."""
        return {"google.subject": "assertion.sub"} | {f"attribute.{one}": f"assertion.{one}" for one in self.attributes}


def trust(federation: FederationArguments) -> Trust:
    """Whom to believe for the CI of this repository."""
    match federation.provider:
        case "github":
            return _github(federation)
        case "gitlab":
            return _gitlab(federation)
        case "azure-devops":
            return _azure_devops(federation)
        case _:
            assert_never(federation.provider)


def _github(federation: FederationArguments) -> Trust:
    """A job that names an environment has it in its subject instead of the branch, so that both are asked for."""
    subjects = {stack: f"repo:{federation.repository}:environment:{stack}" for stack in federation.environments}
    return Trust(
        issuer="https://token.actions.githubusercontent.com",
        claims={
            "repository": (federation.repository,),
            **_claim("repository_id", federation.repository_id),
            "ref": (f"refs/heads/{federation.branch}",),
            "sub": tuple(subjects.values()),
        },
        members={stack: f"subject/{subject}" for stack, subject in subjects.items()},
        attributes=("repository", "repository_id", "ref", "environment"),
    )


def _gitlab(federation: FederationArguments) -> Trust:
    """The subject says the branch; which stack a job may act for follows from its environment."""
    return Trust(
        issuer="https://gitlab.com",
        claims={
            "project_path": (federation.repository,),
            **_claim("project_id", federation.repository_id),
            "ref_protected": ("true",),
            "environment": federation.environments,
            "sub": (f"project_path:{federation.repository}:ref_type:branch:ref:{federation.branch}",),
        },
        members={stack: f"attribute.environment/{stack}" for stack in federation.environments},
        attributes=("project_path", "project_id", "ref", "environment"),
    )


def _azure_devops(federation: FederationArguments) -> Trust:
    """The subject is a service connection; which pipelines, branches and stages may use it is said at Azure DevOps."""
    organization = federation.repository.partition("/")[0]
    subject = f"sc://{organization}/{federation.service_connection}"
    return Trust(
        issuer=f"https://vstoken.dev.azure.com/{federation.organization_id}",
        claims={"sub": (subject,)},
        members=dict.fromkeys(federation.environments, f"subject/{subject}"),
        attributes=(),
        audiences=(AUDIENCE_OF_AZURE_DEVOPS,),
    )


def _claim(name: str, value: str) -> dict[str, tuple[str, ...]]:
    return {name: (value,)} if value else {}


def _quoted(text: str) -> str:
    """A string of the expression language, in which nothing of ``text`` is code."""
    return json.dumps(text)
