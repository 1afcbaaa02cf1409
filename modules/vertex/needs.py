"""What a plan needs at Google Cloud: services and permissions; and on what models are worked on there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from ..contract.context import SHARED, Context
from ..contract.needs import Needs, Permission
from ..contract.places import Places
from ..contract.planned import PlannedResource
from . import agents, names, roles
from .permissions import GIVING_ON_PROJECTS, MAKING, unmaking

_SERVICE: Final = "gcp:projects/service:Service"
_BUDGET: Final = "gcp:billing/budget:Budget"
_PERIMETER: Final = "gcp:accesscontextmanager/servicePerimeter:ServicePerimeter"
_BOOTSTRAP: Final = ("cloudresourcemanager", "serviceusage")
"""The services that switch others on: they must be on before the first ``up``, which switches on the rest."""

_EDITOR: Final = "roles/editor"
_HIDDEN: Final = {
    "endpoint": "an endpoint itself",
    "features": "the dataset of features itself",
    "requests": "the dataset of requests itself",
    "views": "an online store itself",
}
"""What Google cannot be asked about, though roles are given on it."""

_ROLES: Final = {
    "aiplatform": roles.AIPLATFORM_USER,
    "bigquery": roles.BIGQUERY_DATA_VIEWER,
    "bigquery.jobs.create": roles.BIGQUERY_JOB_USER,
    "iam": roles.SERVICE_ACCOUNT_USER,
    "logging": roles.LOG_VIEWER,
    "monitoring": roles.MONITORING_VIEWER,
    "storage": roles.STORAGE_OBJECT_USER,
}
"""Google's roles for the work on models, by the services of its permissions, or by one of them."""


def needs(resources: Sequence[PlannedResource], context: Context) -> Needs:
    """What these resources of a stack need."""
    made = [one for one in resources if one.type.startswith("gcp:")]
    before = tuple(agents.api(one) for one in _BOOTSTRAP)
    return Needs(
        services=before,
        switched_on=tuple(sorted({str(one.properties["service"]) for one in made if one.type == _SERVICE} - {*before})),
        permissions=tuple(dict.fromkeys(found for one in made for found in _of(one, context))),
        deleting=tuple(dict.fromkeys(found for one in made for found in _deletions(one, context))),
    )


def scopes(context: Context, registry: Context, places: Places) -> Mapping[str, str]:
    """The ids of what the lifecycle's needs are asked on, by its words; "" is what is around all of it."""
    del registry
    project = names.project_path(context)
    return {
        "project": project,
        "artifacts": f"gs://{places.storage}",
        "data": f"gs://{names.data_bucket(context)}",
        "endpoint account": names.service_account_path(context, "endpoint"),
        "pipeline account": names.service_account_path(context, "pipeline"),
        "": project,
    }


def hidden(on: str) -> str:
    """A part of such a place on which a permission may be given, too, and which cannot be asked."""
    return _HIDDEN.get(on, "")


def role(permission: str, context: Context) -> str:
    """A role that brings a permission to work on models."""
    del context
    return _ROLES.get(permission) or _ROLES.get(permission.partition(".")[0], _EDITOR)


def _of(one: PlannedResource, context: Context) -> Iterator[Permission]:
    yield from _permissions(one, MAKING[one.type].permissions, context)


def _deletions(one: PlannedResource, context: Context) -> Iterator[Permission]:
    if not one.retain_on_delete:
        yield from _permissions(one, unmaking(one.type), context)


def _permissions(one: PlannedResource, permissions: Sequence[str], context: Context) -> Iterator[Permission]:
    making = MAKING[one.type]
    scope = _scope(one, context)
    # In the shared stack and in its project nobody but a person gives roles.
    person = making is GIVING_ON_PROJECTS if context.environment == SHARED else scope != names.project_path(context)
    for name in permissions:
        yield Permission(
            name=name, scope=scope, purpose=one.type.rpartition(":")[2], role=making.role, rare=making.rare or person
        )


def _scope(one: PlannedResource, context: Context) -> str:
    """What carries the permission: the billing account, the organization's access policy, else a project."""
    if one.type == _BUDGET:
        return f"billingAccounts/{one.properties['billingAccount']}"
    if one.type == _PERIMETER:
        return str(one.properties["parent"])
    project = one.properties.get("project")
    return f"projects/{project}" if isinstance(project, str) else names.project_path(context)
