"""What CI may do in a Google project: provision it, deploy to it, and give people what the table of roles gives them.

It gives only roles from a list, in which none is broader than what people get, and it changes neither custom roles nor
who may use a key; who acts as a service account it decides for the workloads of its environment alone. So the first
``up`` of an environment, and one that brings custom roles, a key or an identity of CI, are a person's.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Final

import pulumi
from pulumi_gcp import projects

from ..contract.component import Component
from . import names, roles
from .custom_roles import ACCOUNT_KEEPER, CUSTOM_ROLES, custom_role
from .team import TEAM

_FOUNDATION: Final = (
    roles.ARTIFACT_ADMIN,
    roles.NETWORK_ADMIN,
    roles.NETWORK_SECURITY_ADMIN,
    roles.DNS_ADMIN,
    roles.ROLE_VIEWER,
    roles.SECURITY_REVIEWER,
    roles.LOG_CONFIG_WRITER,
    roles.SERVICE_USAGE_ADMIN,
)

PROVISIONS_SHARED: Final = (*_FOUNDATION, roles.KEY_ADMIN, roles.POOL_ADMIN)
"""What it takes to make, change and remove what the shared stack holds."""

PROVISIONS: Final = (
    *_FOUNDATION,
    roles.VERTEX_ADMIN,
    roles.BIGQUERY_DATA_OWNER,
    roles.BIGQUERY_JOB_USER,
    roles.LOG_VIEWER,
    roles.MONITORING_EDITOR,
    roles.NOTEBOOK_ADMIN,
    roles.PEERING_ADMIN,
    roles.SCHEDULER_ADMIN,
    roles.STORAGE_ADMIN,
)
"""What it takes to make, change and remove what an environment holds, and to read what its steps and containers wrote;
the key is not among it."""


def allow_shared(component: Component, ci: pulumi.Input[str], depends_on: Sequence[pulumi.Resource]) -> None:
    """Give the shared stack's CI its roles on that stack's project."""
    keeper = custom_role(component, ACCOUNT_KEEPER, depends_on)
    for role in (*PROVISIONS_SHARED, names.custom_role_path(component.context, ACCOUNT_KEEPER)):
        _allow(component, role, ci, (*depends_on, keeper))


def allow(component: Component, ci: pulumi.Input[str], depends_on: Sequence[pulumi.Resource]) -> None:
    """Give an environment's CI its roles on that environment's project."""
    for role in (*PROVISIONS, names.custom_role_path(component.context, ACCOUNT_KEEPER)):
        _allow(component, role, ci, depends_on)
    condition = projects.IAMMemberConditionArgs(
        title=f"Roles of {component.context.project} {component.context.environment}",
        description="Gives and takes only what groundplan gives to people and workloads",
        expression=_only(_given(component)),
    )
    _allow(component, roles.PROJECT_IAM_ADMIN, ci, depends_on, condition)


def _allow(
    component: Component,
    role: str,
    ci: pulumi.Input[str],
    depends_on: Sequence[pulumi.Resource],
    condition: projects.IAMMemberConditionArgs | None = None,
) -> None:
    """A role that stays when the stack goes: without it CI could not take down the rest of the stack."""
    roles.project_member(
        component, f"ci-{roles.label(role)}", role, ci, depends_on=depends_on, condition=condition, stays=True
    )


def _given(component: Component) -> set[str]:
    """Every role that a person or workload gets on the project."""
    of_people = {role for tiers in TEAM.values() for one in tiers.values() for role in one.project}
    of_workloads = {roles.AIPLATFORM_USER, roles.BIGQUERY_JOB_USER, roles.LOG_WRITER, roles.METRIC_WRITER}
    own = {names.custom_role_path(component.context, name) for name in CUSTOM_ROLES}
    return of_people | of_workloads | own


def _only(given: Iterable[str]) -> str:
    return f'api.getAttribute("iam.googleapis.com/modifiedGrantsByRole", []).hasOnly({json.dumps(sorted(given))})'
