"""Identities at Google Cloud: a service account for each kind of work, none with a key, and CI's by federation."""

from __future__ import annotations

from typing import Final

import pulumi
from pulumi_gcp import iam, serviceaccount

from ..contract.component import Component
from ..contract.context import SHARED, Context, Tier
from ..contract.identity import FederationArguments, IdentityArguments, IdentityOutputs, WorkloadIdentity
from . import agents, names, provisioning, roles
from .federation import Trust, trust

_WORKLOADS: Final = {
    "workspace": "What people's machines run as",
    "pipeline": "What pipelines run as",
    "endpoint": "What endpoints answer as",
}

_ROLES: Final = {
    "workspace": (roles.BIGQUERY_JOB_USER, roles.LOG_WRITER, roles.METRIC_WRITER),
    "pipeline": (roles.AIPLATFORM_USER, roles.BIGQUERY_JOB_USER, roles.LOG_WRITER),
    "endpoint": (roles.LOG_WRITER, roles.METRIC_WRITER),
}
"""What only the whole project can carry; buckets, datasets and repositories are given one by one."""


class Identity(Component):
    """In an environment the workloads' service accounts, in the shared stack CI's: one for each stack."""

    platform = "vertex"

    def __init__(
        self,
        name: str,
        context: Context,
        arguments: IdentityArguments,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, context, opts)
        self._ready: list[pulumi.Resource] = []
        if arguments.federation is not None:
            ci = self._ci(arguments, arguments.federation)
            self.outputs = IdentityOutputs(ci=ci, ready=tuple(self._ready))
        else:
            workspace, pipeline, endpoint = (self._workload(purpose, arguments) for purpose in _WORKLOADS)
            self.outputs = IdentityOutputs(
                workspace=workspace, pipeline=pipeline, endpoint=endpoint, ready=tuple(self._ready)
            )
        self.done({one.name: one.id for one in _identities(self.outputs)})

    def _workload(self, purpose: str, arguments: IdentityArguments) -> WorkloadIdentity:
        account = self._account(purpose, _WORKLOADS[purpose], arguments)
        self._ready.append(account)
        given = _ROLES[purpose] + ((_role_of_workspace(self.context.tier),) if purpose == "workspace" else ())
        for role in given:
            self._ready.append(roles.project_member(self, f"{purpose}-{roles.label(role)}", role, account.member))
        return WorkloadIdentity(name=purpose, id=account.email, principal=account.member)

    def _ci(self, arguments: IdentityArguments, federation: FederationArguments) -> dict[str, WorkloadIdentity]:
        believed = trust(federation)
        provider = self._entrance(arguments, federation, believed)
        number = agents.project_number(self.context, arguments.foundation)
        found: dict[str, WorkloadIdentity] = {}
        for stack, member in believed.members.items():
            account = self._account(f"ci-{stack}", f"What CI of {federation.repository} acts as on {stack}", arguments)
            roles.service_account_member(
                self,
                f"ci-{stack}-federation",
                account.name,
                roles.WORKLOAD_IDENTITY_USER,
                _federated(number, names.identity_pool(self.context), member),
                depends_on=[provider],
            )
            self._ready.append(account)
            found[stack] = WorkloadIdentity(
                name=f"ci-{stack}", id=account.email, principal=account.member, client_id=provider.name
            )
        if SHARED in found:
            provisioning.allow_shared(self, found[SHARED].principal, arguments.foundation.ready)
        return found

    def _entrance(
        self, arguments: IdentityArguments, federation: FederationArguments, believed: Trust
    ) -> iam.WorkloadIdentityPoolProvider:
        pool = iam.WorkloadIdentityPool(
            f"{self.name}-pool",
            project=self.context.account.project,
            workload_identity_pool_id=names.identity_pool(self.context),
            description=f"CI of {federation.repository}",
            opts=self.child(depends_on=list(arguments.foundation.ready)),
        )
        provider = iam.WorkloadIdentityPoolProvider(
            f"{self.name}-provider",
            project=self.context.account.project,
            workload_identity_pool_id=pool.workload_identity_pool_id,
            workload_identity_pool_provider_id=federation.provider,
            description=f"{federation.repository}, branch {federation.branch}",
            attribute_mapping=believed.mapping,
            attribute_condition=believed.condition,
            oidc=iam.WorkloadIdentityPoolProviderOidcArgs(
                issuer_uri=believed.issuer, allowed_audiences=list(believed.audiences) or None
            ),
            opts=self.child(),
        )
        self._ready.append(provider)
        return provider

    def _account(self, purpose: str, description: str, arguments: IdentityArguments) -> serviceaccount.Account:
        return serviceaccount.Account(
            f"{self.name}-{purpose}",
            project=self.context.account.project,
            account_id=names.service_account(self.context, purpose),
            display_name=f"{self.context.project} {self.context.environment} {purpose}",
            description=description,
            opts=self.child(stateful=True, depends_on=list(arguments.foundation.ready)),
        )


def ci_principal(context: Context, stack: str) -> str:
    """What CI acts as on a stack, as a member, from the context of the shared one."""
    return f"serviceAccount:{names.service_account_email(context, f'ci-{stack}')}"


def _identities(outputs: IdentityOutputs) -> list[WorkloadIdentity]:
    found = (outputs.workspace, outputs.pipeline, outputs.endpoint, *outputs.ci.values())
    return [one for one in found if one is not None]


def _role_of_workspace(tier: Tier) -> str:
    """People try things out in development; elsewhere their machines look only."""
    return roles.AIPLATFORM_USER if tier == "development" else roles.AIPLATFORM_VIEWER


def _federated(number: pulumi.Input[str], pool: str, member: str) -> pulumi.Input[str]:
    """One subject of a pool, or all with one attribute, as a member."""
    kind = "principal" if member.startswith("subject/") else "principalSet"
    start, path = f"{kind}://iam.googleapis.com/projects/", f"/locations/global/workloadIdentityPools/{pool}/{member}"
    return f"{start}{number}{path}" if isinstance(number, str) else pulumi.Output.concat(start, number, path)
