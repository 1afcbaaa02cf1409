"""Who may do what at Google Cloud: people by their roles, workloads, CI; each on the least resource that will do."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_gcp import vertex

from ..contract.access import AccessArguments, AccessOutputs
from ..contract.component import Component
from ..contract.context import AfterUp, Context
from ..contract.identity import Principal, workloads
from . import names, provisioning, roles
from .custom_roles import ACCOUNT_KEEPER, CUSTOM_ROLES, custom_role
from .team import OPERATES, PROMOTING_CI, RETRAINING_CI, TEAM, Allowance


@dataclass(frozen=True)
class _Grant:
    """A role that a member gets; ``on`` is the kind of resource and ``target`` which one, empty for the project."""

    member: str
    role: str
    on: str = "project"
    target: str = ""


class Access(Component):
    """Gives what the table of roles says; somebody in two roles gets what both have, once."""

    platform = "vertex"

    def __init__(
        self,
        name: str,
        context: Context,
        arguments: AccessArguments,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, context, opts)
        self._arguments = arguments
        self._endpoints = _online(arguments)
        self._logs_requests = bool(arguments.storage.requests_uri)
        custom = {role: custom_role(self, role, arguments.foundation.ready) for role in CUSTOM_ROLES}
        self._keeper = custom[ACCOUNT_KEEPER]
        self._before = (*arguments.identity.ready, *arguments.workspace.ready, *custom.values())
        for grant in sorted(set(self._wanted()), key=_label):
            self._give(grant)
        self._workloads()
        if arguments.ci is not None:
            self._ci(arguments.ci)
        for environment, promoting in arguments.promoting.items():
            self._by_ci(f"ci-{environment}", PROMOTING_CI, promoting)
        if arguments.retraining is not None:
            self._by_ci("ci-retraining", RETRAINING_CI, arguments.retraining)
        self.steps = tuple(_steps(context, arguments))
        self.outputs = AccessOutputs(custom_roles={name: names.custom_role_path(context, name) for name in custom})
        self.done({"custom_roles": dict(self.outputs.custom_roles)})

    def _wanted(self) -> Iterator[_Grant]:
        for role, principals in self._arguments.team.items():
            for principal in principals:
                yield from self._of(TEAM[role][self.context.tier], roles.member(principal))

    def _of(self, allowed: Allowance, member: str) -> Iterator[_Grant]:
        context, registry = self.context, self._arguments.registry
        on_resources = {
            ("bucket", names.data_bucket(context)): allowed.data,
            ("bucket", names.artifacts_bucket(context)): allowed.artifacts,
            ("dataset", names.features_dataset(context)): allowed.features,
            ("dataset", names.requests_dataset(context)): allowed.requests if self._logs_requests else (),
            ("repository", registry.images_uri): allowed.repositories,
            ("repository", registry.templates_uri): allowed.repositories,
        }
        for role in (*allowed.project, *(names.custom_role_path(context, one) for one in allowed.custom)):
            yield _Grant(member, role)
        for (kind, target), given in on_resources.items():
            for role in given:
                yield _Grant(member, role, kind, target)
        for role in allowed.endpoints:
            for endpoint in self._endpoints:
                yield _Grant(member, names.custom_role_path(context, role), "endpoint", endpoint)
        for workload in allowed.acts_as:
            yield _Grant(member, roles.SERVICE_ACCOUNT_USER, "account", workload)

    def _give(self, grant: _Grant) -> None:
        name, role, member = _label(grant), grant.role, grant.member
        match grant.on:
            case "bucket":
                roles.bucket_member(self, name, grant.target, role, member, depends_on=self._before)
            case "dataset":
                roles.dataset_member(self, name, grant.target, role, member, depends_on=self._before)
            case "repository":
                roles.repository_member(self, name, grant.target, role, member, depends_on=self._before)
            case "endpoint":
                endpoint = self._endpoints[grant.target]
                roles.endpoint_member(self, name, grant.target, role, member, depends_on=(*self._before, endpoint))
            case "account":
                self._acts_as(name, grant.target, member)
            case _:
                roles.project_member(self, name, role, member, depends_on=self._before)

    def _workloads(self) -> None:
        """What runs pulls its images and templates."""
        who, registry = workloads(self._arguments.identity), self._arguments.registry
        for one, name, uri in (
            (who.pipeline, "pipeline-images", registry.images_uri),
            (who.pipeline, "pipeline-templates", registry.templates_uri),
            (who.endpoint, "endpoint-images", registry.images_uri),
            (who.workspace, "workspace-images", registry.images_uri),
        ):
            roles.repository_member(self, name, uri, roles.ARTIFACT_READER, one.principal)

    def _ci(self, ci: pulumi.Input[str]) -> None:
        """CI provisions the environment, starts what runs in it, and puts images and templates where all find them."""
        provisioning.allow(self, ci, (*self._arguments.foundation.ready, self._keeper))
        for workload in ("pipeline", "endpoint", "workspace"):
            self._acts_as(f"ci-acts-as-{workload}", workload, ci)
            self._manages(workload, ci)
        registry = self._arguments.registry
        roles.repository_member(self, "ci-images", registry.images_uri, roles.ARTIFACT_WRITER, ci)
        roles.repository_member(self, "ci-templates", registry.templates_uri, roles.ARTIFACT_WRITER, ci)

    def _by_ci(self, who: str, allowed: Allowance, ci: pulumi.Input[str]) -> None:
        """What CI of another environment may do here; ``who`` is part of the logical names.

        On the project it stays: environments in one Google project may have given the same.
        """
        context = self.context
        for role in (*allowed.project, *(names.custom_role_path(context, one) for one in allowed.custom)):
            roles.project_member(self, f"{who}-{roles.label(role)}", role, ci, depends_on=self._before, stays=True)
        for role in allowed.artifacts:
            bucket = names.artifacts_bucket(context)
            roles.bucket_member(self, f"{who}-{roles.label(role)}", bucket, role, ci, depends_on=self._before)
        for role in allowed.requests if self._logs_requests else ():
            dataset = names.requests_dataset(context)
            roles.dataset_member(self, f"{who}-{roles.label(role)}", dataset, role, ci, depends_on=self._before)

    def _acts_as(self, name: str, workload: str, member: pulumi.Input[str]) -> None:
        account = names.service_account_path(self.context, workload)
        roles.service_account_member(
            self, name, account, roles.SERVICE_ACCOUNT_USER, member, depends_on=self._arguments.identity.ready
        )

    def _manages(self, workload: str, ci: pulumi.Input[str]) -> None:
        """CI gives people what the table gives them on a workload's account; that goes with the account only."""
        roles.service_account_member(
            self,
            f"ci-manages-{workload}",
            names.service_account_path(self.context, workload),
            roles.SERVICE_ACCOUNT_ADMIN,
            ci,
            depends_on=self._arguments.identity.ready,
            stays=True,
        )


def _online(arguments: AccessArguments) -> dict[str, pulumi.Resource]:
    """The endpoints that answer requests, by their names at Google Cloud; a batch endpoint is a schedule."""
    return {
        one.name: resource
        for one in arguments.endpoints.values()
        for resource in one.ready
        if isinstance(resource, vertex.AiEndpoint)
    }


def _label(grant: _Grant) -> str:
    """The grant as a name that stays when other members come and go: who, which role, on what."""
    who = re.sub("[^a-z0-9]+", "-", grant.member.lower())
    parts = (who, names.token(grant.member), roles.label(grant.role), grant.target.rpartition("/")[2])
    return "-".join(part for part in parts if part)


def _steps(context: Context, arguments: AccessArguments) -> Iterator[AfterUp]:
    """What needs rights beyond the Google project, or a service that an organization sets up."""
    if arguments.beside and (arguments.team or arguments.ci is not None):
        yield _together(context, arguments.beside)
    if context.tier != "production":
        return
    for principal in arguments.team.get("business-stakeholder", ()):
        yield _billing(context, principal)
    if operators := arguments.team.get("devops-engineer", ()):
        yield _entitlement(context, operators)


def _together(context: Context, beside: tuple[str, ...]) -> AfterUp:
    project = context.account.project
    return AfterUp(
        title=f"Know that {', '.join(sorted({context.environment, *beside}))} are not held apart in {project}",
        reason="most roles hold for a whole Google project: who has one in any of these environments, CI included, has "
        "it in all of them, and loses it with the first that is destroyed; an account.project for each environment "
        "holds them apart",
    )


def _billing(context: Context, principal: Principal) -> AfterUp:
    member = roles.member(principal)
    account = context.account.billing_account or "BILLING_ACCOUNT"
    return AfterUp(
        title=f"Show the costs to {principal.id}",
        reason="costs belong to the billing account, which only its administrators open",
        command=f"gcloud billing accounts add-iam-policy-binding {account} --member={shlex.quote(member)} "
        f"--role={roles.BILLING_VIEWER}",
    )


def _entitlement(context: Context, operators: tuple[Principal, ...]) -> AfterUp:
    """Rights for four hours, with a reason, by Privileged Access Manager."""
    entitlement: dict[str, Any] = {
        "privilegedAccess": {
            "gcpIamAccess": {
                "resourceType": "cloudresourcemanager.googleapis.com/Project",
                "resource": f"//cloudresourcemanager.googleapis.com/{names.project_path(context)}",
                "roleBindings": [
                    {"role": role} for role in (*OPERATES, names.custom_role_path(context, ACCOUNT_KEEPER))
                ],
            }
        },
        "eligibleUsers": [{"principals": [roles.member(one) for one in operators]}],
        "maxRequestDuration": "14400s",
        "requesterJustificationConfig": {"unstructured": {}},
    }
    return AfterUp(
        title="Let DevOps engineers ask for their rights in production",
        reason="Privileged Access Manager gives them for a while, with a reason; an organization switches it on",
        command=f"gcloud pam entitlements create {names.within(context, 63, 'devops')} --location=global "
        f"--project={context.account.project} --entitlement-file=<(echo {shlex.quote(json.dumps(entitlement))})",
    )
