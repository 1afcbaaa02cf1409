"""Access at Azure: the team's roles and CI's in one environment, each where its work is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import pulumi
from pulumi_azure_native import machinelearningservices as ml

from ..contract.access import AccessArguments, AccessOutputs
from ..contract.component import Component
from ..contract.context import AfterUp, Context
from ..contract.identity import Principal
from . import custom_roles, names, roles, vaults
from .custom_roles import CustomRole
from .team import CI, PROMOTING_CI, RETRAINING_CI, TEAM, Permission, Scope

PRIVILEGED: Final = (roles.CONTRIBUTOR, roles.RBAC_ADMINISTRATOR)
"""Roles that nobody hands on: only the subscription's owner gives them, at the first ``up`` or a later one."""

_WRITE = "Microsoft.Authorization/roleAssignments/write"
_DELETE = "Microsoft.Authorization/roleAssignments/delete"


class Access(Component):
    """Custom roles and role assignments; one for each principal, role and scope, whoever of the team asks for it.

    What the workloads' own identities may do stands with the storage and the workspace, which they need it for. The
    first ``up`` is an owner's: custom roles, and the roles in ``PRIVILEGED``, are not CI's to give.
    """

    platform = "azureml"

    def __init__(
        self,
        name: str,
        context: Context,
        arguments: AccessArguments,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, context, opts)
        self._scopes = self._scopes_of(arguments)
        self._defined = custom_roles.define(self, self._homes(arguments), arguments.foundation.ready)
        self._condition = handing_on(context)
        self._after = (*arguments.foundation.ready, *arguments.storage.ready, *arguments.workspace.ready)
        for principal, permission in _wanted(context, arguments.team):
            self._give(principal.id, principal.id, principal.kind, permission)
        if arguments.ci is not None:
            for permission in CI:
                self._give("ci", arguments.ci, "service", permission)
        for environment, promoting in arguments.promoting.items():
            for permission in PROMOTING_CI:
                self._give(f"ci-{environment}", promoting, "service", permission)
        if arguments.retraining is not None:
            for permission in RETRAINING_CI:
                self._give("ci-retraining", arguments.retraining, "service", permission)
        self.steps = self._steps(arguments)
        self.outputs = AccessOutputs(
            custom_roles={
                role.name: roles.definition_id(context, custom_roles.named(context, role)) for role in self._defined
            }
        )
        self.done({"custom_roles": dict(self.outputs.custom_roles)})

    def _scopes_of(self, arguments: AccessArguments) -> Mapping[Scope, pulumi.Input[str]]:
        """Where a permission holds; there may be no registry of models or of images, and no logged requests."""
        container = "/blobServices/default/containers"
        vault = vaults.workspace_vault_name(self.context)
        scopes: dict[Scope, pulumi.Input[str]] = {
            "group": arguments.foundation.group_id,
            "workspace": arguments.workspace.uri,
            "storage": arguments.storage.id,
            "data": pulumi.Output.concat(arguments.storage.id, f"{container}/data"),
            "artifacts": pulumi.Output.concat(arguments.storage.id, f"{container}/artifacts"),
            "vault": names.resource_id(self.context, "Microsoft.KeyVault/vaults", vault),
            "logs": arguments.foundation.logs_id,
        }
        if arguments.storage.requests_uri:
            scopes["requests"] = pulumi.Output.concat(arguments.storage.id, f"{container}/requests")
        if arguments.identity.endpoint is not None:
            scopes["endpoint-identity"] = arguments.identity.endpoint.id
        if arguments.registry.id:
            scopes["models"] = arguments.registry.id
        if arguments.registry.images_id:
            scopes["images"] = arguments.registry.images_id
        return scopes

    def _homes(self, arguments: AccessArguments) -> Mapping[str, pulumi.Input[str]]:
        """The resource groups in which custom roles can be given."""
        homes: dict[str, pulumi.Input[str]] = {"environment": arguments.foundation.group_id}
        for home in ("models", "images"):
            if home in self._scopes:
                homes[home] = _group_of(self._scopes[home])
        return homes

    def _give(self, who: str, principal: pulumi.Input[str], kind: roles.Kind, permission: Permission) -> None:
        if permission.scope not in self._scopes:
            return
        role, after = permission.role, self._after
        if isinstance(role, CustomRole):
            after = (*after, self._defined[role])
            role = custom_roles.named(self.context, role)
        roles.assign(
            self,
            f"{who}-{permission.role.name.lower().replace(' ', '-')}-{permission.scope}",
            scope=self._scopes[permission.scope],
            role=role,
            principal=principal,
            kind=kind,
            condition=self._condition if permission.limited else "",
            depends_on=after,
        )

    def _steps(self, arguments: AccessArguments) -> tuple[AfterUp, ...]:
        if self.context.tier != "production":
            return ()
        invoker = custom_roles.named(self.context, custom_roles.ENDPOINT_INVOKER)
        workspace = names.resource_id(
            self.context, "Microsoft.MachineLearningServices/workspaces", arguments.workspace.name
        )
        steps = [
            AfterUp(
                title=f"Let the application call the endpoint {name}",
                reason="in production no person calls endpoints, and the config knows no application's identity",
                command=(
                    f"az role assignment create --role {invoker.guid} --assignee-principal-type ServicePrincipal "
                    "--assignee-object-id APPLICATION_OBJECT_ID "
                    f"--scope {workspace}/onlineEndpoints/{endpoint.name}"
                ),
            )
            for name, endpoint in arguments.endpoints.items()
            if any(isinstance(one, ml.OnlineEndpoint) for one in endpoint.ready)
        ]
        if arguments.team.get("devops-engineer"):
            steps.append(
                AfterUp(
                    title="Make DevOps engineers eligible for Contributor",
                    reason="for emergencies and for hours, by Privileged Identity Management, which is licensed apart",
                )
            )
        return tuple(steps)


def _wanted(context: Context, team: Mapping[str, tuple[Principal, ...]]) -> Iterator[tuple[Principal, Permission]]:
    """Each principal with each permission once: Azure refuses the same assignment twice."""
    table = TEAM[context.tier]
    yield from dict.fromkeys(
        (principal, permission)
        for role, principals in sorted(team.items())
        for principal in principals
        for permission in table[role]
    )


def handing_on(context: Context) -> str:
    """The condition under which roles may be given or taken: groundplan's own that are not ``PRIVILEGED``."""
    given = [role for role in roles.BUILT_IN if role not in PRIVILEGED]
    given += [custom_roles.named(context, role) for role in custom_roles.CUSTOM]
    allowed = ", ".join(sorted(role.guid for role in given))
    attribute = "Microsoft.Authorization/roleAssignments:RoleDefinitionId"
    return (
        f"((!(ActionMatches{{'{_WRITE}'}})) OR "
        f"(@Request[{attribute}] ForAnyOfAnyValues:GuidEquals {{{allowed}}})) AND "
        f"((!(ActionMatches{{'{_DELETE}'}})) OR "
        f"(@Resource[{attribute}] ForAnyOfAnyValues:GuidEquals {{{allowed}}}))"
    )


def _group_of(resource_id: pulumi.Input[str]) -> pulumi.Input[str]:
    if isinstance(resource_id, str):
        return resource_id.partition("/providers/")[0]
    return pulumi.Output.from_input(resource_id).apply(lambda whole: whole.partition("/providers/")[0])
