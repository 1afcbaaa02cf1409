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
    """Whom Google believes: ``claims`` and their only values; ``subjects`` are whole, without a wildcard.

    ``attributes`` are the claims that appear in audit logs. Without ``audiences`` a token must be meant for the
    provider itself.
    """

    issuer: str
    claims: Mapping[str, tuple[str, ...]]
    subjects: tuple[str, ...]
    attributes: tuple[str, ...]
    audiences: tuple[str, ...] = ()

    @property
    def condition(self) -> str:
        """The claims as an expression of the Common Expression Language."""
        wanted = {**self.claims, "sub": self.subjects}
        return " && ".join(
            f"assertion.{claim} == {_quoted(values[0])}"
            if len(values) == 1
            else f"assertion.{claim} in [{', '.join(map(_quoted, values))}]"
            for claim, values in wanted.items()
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
    return Trust(
        issuer="https://token.actions.githubusercontent.com",
        claims={
            "repository": (federation.repository,),
            **_claim("repository_id", federation.repository_id),
            "ref": (f"refs/heads/{federation.branch}",),
        },
        subjects=tuple(f"repo:{federation.repository}:environment:{one}" for one in federation.environments),
        attributes=("repository", "repository_id", "ref", "environment"),
    )


def _gitlab(federation: FederationArguments) -> Trust:
    return Trust(
        issuer="https://gitlab.com",
        claims={
            "project_path": (federation.repository,),
            **_claim("project_id", federation.repository_id),
            "ref_protected": ("true",),
            "environment": federation.environments,
        },
        subjects=(f"project_path:{federation.repository}:ref_type:branch:ref:{federation.branch}",),
        attributes=("project_path", "project_id", "ref", "environment"),
    )


def _azure_devops(federation: FederationArguments) -> Trust:
    """The subject is a service connection; which pipelines and branches may use it is said at Azure DevOps."""
    organization = federation.repository.partition("/")[0]
    return Trust(
        issuer=f"https://vstoken.dev.azure.com/{federation.organization_id}",
        claims={},
        subjects=(f"sc://{organization}/{federation.service_connection}",),
        attributes=(),
        audiences=(AUDIENCE_OF_AZURE_DEVOPS,),
    )


def _claim(name: str, value: str) -> dict[str, tuple[str, ...]]:
    return {name: (value,)} if value else {}


def _quoted(text: str) -> str:
    """A string of the expression language, in which nothing of ``text`` is code."""
    return json.dumps(text)
