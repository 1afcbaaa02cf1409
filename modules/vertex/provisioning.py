"""What CI may do in a Google project: provision it, deploy to it, and give people what the table of roles gives them.

It gives only roles from a list, in which none is broader than what people get, and it cannot change custom roles. So
the first ``up`` of an environment, and one that brings new custom roles, are a person's.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Final

import pulumi
from pulumi_gcp import projects

from ..contract.component import Component
from . import names, roles
from .custom_roles import CUSTOM_ROLES
from .team import TEAM

PROVISIONS: Final = (
    roles.VERTEX_ADMIN,
    roles.ARTIFACT_ADMIN,
    roles.BIGQUERY_DATA_OWNER,
    roles.BIGQUERY_JOB_USER,
    roles.KEY_ADMIN,
    roles.NETWORK_ADMIN,
    roles.NETWORK_SECURITY_ADMIN,
    roles.DNS_ADMIN,
    roles.ROLE_VIEWER,
    roles.SERVICE_ACCOUNT_ADMIN,
    roles.POOL_ADMIN,
    roles.LOG_CONFIG_WRITER,
    roles.MONITORING_EDITOR,
    roles.NOTEBOOK_ADMIN,
    roles.PEERING_ADMIN,
    roles.SCHEDULER_ADMIN,
    roles.SERVICE_USAGE_ADMIN,
    roles.STORAGE_ADMIN,
)
"""What it takes to make, change and remove everything that a stack holds."""


def allow(component: Component, ci: pulumi.Input[str], depends_on: Sequence[pulumi.Resource]) -> None:
    """Give CI its roles on the stack's project; they stay, as CI works on the project's other stacks too."""
    for role in PROVISIONS:
        roles.project_member(component, f"ci-{roles.label(role)}", role, ci, depends_on=depends_on, stays=True)
    roles.project_member(
        component,
        f"ci-{roles.label(roles.PROJECT_IAM_ADMIN)}",
        roles.PROJECT_IAM_ADMIN,
        ci,
        depends_on=depends_on,
        condition=projects.IAMMemberConditionArgs(
            title=f"Roles of {component.context.project} {component.context.environment}",
            description="Gives and takes only what groundplan gives to people and workloads",
            expression=_only(_given(component)),
        ),
        stays=True,
    )


def _given(component: Component) -> set[str]:
    """Every role that a person or workload gets on the project."""
    of_people = {role for tiers in TEAM.values() for one in tiers.values() for role in one.project}
    of_workloads = {roles.AIPLATFORM_USER, roles.BIGQUERY_JOB_USER, roles.LOG_WRITER, roles.METRIC_WRITER}
    own = {names.custom_role_path(component.context, name) for name in CUSTOM_ROLES}
    return of_people | of_workloads | own


def _only(given: Iterable[str]) -> str:
    return f'api.getAttribute("iam.googleapis.com/modifiedGrantsByRole", []).hasOnly({json.dumps(sorted(given))})'
