"""Identities at Azure: who workspace, pipelines and endpoints act as, and how CI gets in without a key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pulumi
from pulumi_azure_native import managedidentity

from ..contract.component import Component
from ..contract.context import AfterUp, Context
from ..contract.identity import FederationArguments, IdentityArguments, IdentityOutputs, WorkloadIdentity
from . import names, roles

AUDIENCE: Final = "api://AzureADTokenExchange"
"""What a token of a CI system must be meant for."""


class Identity(Component):
    """Three user-assigned identities in an environment; in the shared stack those of CI, one for each stack.

    One identity each, so that what serves cannot read what trains, and what deploys to one environment can do nothing
    to another. CI's may read the shared stack, for previews and drift; who may change it could let other repositories
    in, so that an owner does.
    """

    platform = "azureml"

    def __init__(
        self,
        name: str,
        context: Context,
        arguments: IdentityArguments,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, context, opts)
        self._arguments = arguments
        self._made: list[pulumi.Resource] = []
        if arguments.federation is None:
            self.outputs = IdentityOutputs(
                workspace=self._identity("workspace"),
                pipeline=self._identity("pipeline"),
                endpoint=self._identity("endpoint"),
                ready=tuple(self._made),
            )
        else:
            federation = arguments.federation
            ci = {stack: self._ci(federation, stack) for stack in federation.environments}
            self.steps = tuple(_by_hand(federation))
            self.outputs = IdentityOutputs(ci=ci, ready=tuple(self._made))
        self.done({"identities": [one.id for one in self._made if isinstance(one, pulumi.CustomResource)]})

    def _identity(self, what: str) -> WorkloadIdentity:
        name = names.identity_name(self.context, what)
        made = managedidentity.UserAssignedIdentity(
            f"{self.name}-{what}",
            resource_name_=name,
            resource_group_name=self._arguments.foundation.group,
            location=self.context.region,
            tags=self.context.tags,
            opts=self.child(stateful=True, depends_on=list(self._arguments.foundation.ready)),
        )
        self._made.append(made)
        return WorkloadIdentity(name=name, id=made.id, principal=made.principal_id, client_id=made.client_id)

    def _ci(self, federation: FederationArguments, stack: str) -> WorkloadIdentity:
        ci = self._identity(f"ci-{stack}")
        credential = managedidentity.FederatedIdentityCredential(
            f"{self.name}-ci-{stack}-credential",
            federated_identity_credential_resource_name=f"{federation.provider}-{stack}",
            resource_name_=ci.name,
            resource_group_name=self._arguments.foundation.group,
            issuer=issuer(federation),
            subject=subject(federation, stack),
            audiences=[AUDIENCE],
            opts=self.child(depends_on=[self._made[-1]]),
        )
        self._made.append(credential)
        group_id = self._arguments.foundation.group_id
        roles.assign(self, f"ci-{stack}-reader", scope=group_id, role=roles.READER, principal=ci.principal)
        return ci


def ci_principal(context: Context, stack: str) -> None:
    """Nothing: Entra gives an identity its object id when it is made, so that only the shared stack knows CI's."""


def issuer(federation: FederationArguments) -> str:
    """Who signs the tokens of a CI system."""
    match federation.provider:
        case "github":
            return "https://token.actions.githubusercontent.com"
        case "gitlab":
            return "https://gitlab.com"
        case "azure-devops":
            return f"https://vstoken.dev.azure.com/{federation.organization_id}"


def subject(federation: FederationArguments, stack: str) -> str:
    """The only subject that gets in as a stack's identity, whole, without a wildcard.

    At GitHub a job says its environment instead of its branch, and the environment's own rules hold the branch. At
    Azure DevOps each stack has its service connection, named after it. At GitLab a subject has the branch and no
    environment, so that every job of that branch gets in as any of the identities.
    """
    match federation.provider:
        case "github":
            return f"repo:{federation.repository}:environment:{stack}"
        case "gitlab":
            return f"project_path:{federation.repository}:ref_type:branch:ref:{federation.branch}"
        case "azure-devops":
            organization = federation.repository.partition("/")[0]
            return f"sc://{organization}/{federation.service_connection}-{stack}"


def _by_hand(federation: FederationArguments) -> Iterator[AfterUp]:
    """What must be done at the CI system, so that the identities are as far apart as they can be there."""
    match federation.provider:
        case "github":
            yield AfterUp(
                title=f"Let only {federation.branch} deploy to the GitHub environments of {federation.repository}",
                reason="a job's token names its environment and not its branch, so the environment's rules hold the"
                f" branch; there is one for each of {', '.join(federation.environments)}",
            )
        case "gitlab":
            yield AfterUp(
                title=f"Protect the branch {federation.branch} of {federation.repository} at GitLab",
                reason="a job's token names its branch and not its environment, so every job of this branch can act as"
                " CI of every environment",
            )
        case "azure-devops":
            connections = ", ".join(f"{federation.service_connection}-{stack}" for stack in federation.environments)
            yield AfterUp(
                title="Make a service connection for each stack at Azure DevOps",
                reason=f"{connections}: each acts as its own identity, by the client id that the shared stack exports,"
                " and its checks say which pipelines and branches may use it",
            )
