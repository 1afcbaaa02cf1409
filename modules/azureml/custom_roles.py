"""Roles that Azure does not have: to call endpoints and no more, to deploy without keys, to work on features.

Each environment has its own, named after it. What is given on the shared registries is always one of these, too: Azure
refuses a second assignment of one role to one principal on one scope, and two environments may ask for the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import pulumi
from pulumi_azure_native import authorization

from ..contract.component import Component
from ..contract.context import Context
from . import names
from .roles import Role

_WORKSPACES = "Microsoft.MachineLearningServices/workspaces"
_REGISTRIES = "Microsoft.MachineLearningServices/registries"
_IMAGES = "Microsoft.ContainerRegistry/registries"
_SCALING = "Microsoft.Insights/autoscalesettings"


@dataclass(frozen=True, kw_only=True)
class CustomRole:
    """A role's permissions; ``home`` is where it can be given: in the environment's group, or a registry's."""

    name: str
    description: str
    actions: tuple[str, ...]
    not_actions: tuple[str, ...] = ()
    home: Literal["environment", "models", "images"] = "environment"


ENDPOINT_INVOKER: Final = CustomRole(
    name="Endpoint Invoker",
    description="Calls online endpoints and sees where they answer; sees nothing else.",
    actions=(f"{_WORKSPACES}/onlineEndpoints/read", f"{_WORKSPACES}/onlineEndpoints/score/action"),
)
DEPLOYER: Final = CustomRole(
    name="MLOps Deployer",
    description="Deploys registered models, looks after them and runs jobs; reads no keys, registers no models.",
    actions=(
        f"{_WORKSPACES}/read",
        f"{_WORKSPACES}/onlineEndpoints/*",
        f"{_WORKSPACES}/batchEndpoints/*",
        f"{_WORKSPACES}/schedules/*",
        f"{_WORKSPACES}/jobs/*",
        f"{_WORKSPACES}/experiments/*",
        f"{_WORKSPACES}/metrics/*/write",
        f"{_WORKSPACES}/components/read",
        f"{_WORKSPACES}/components/versions/read",
        f"{_WORKSPACES}/computes/read",
        f"{_WORKSPACES}/data/versions/read",
        f"{_WORKSPACES}/data/versions/write",
        f"{_WORKSPACES}/datastores/read",
        f"{_WORKSPACES}/models/read",
        f"{_WORKSPACES}/models/versions/read",
        f"{_WORKSPACES}/environments/read",
        f"{_WORKSPACES}/environments/versions/read",
        "Microsoft.Insights/metrics/read",
    ),
    not_actions=(
        f"{_WORKSPACES}/onlineEndpoints/listKeys/action",
        f"{_WORKSPACES}/onlineEndpoints/regenerateKeys/action",
        f"{_WORKSPACES}/batchEndpoints/listKeys/action",
    ),
)
SCALER: Final = CustomRole(
    name="Endpoint Scaler",
    description="Says between how many machines deployments scale, by the settings of Azure Monitor.",
    # They lie in the resource group, beside the workspace.
    actions=(f"{_SCALING}/read", f"{_SCALING}/write", f"{_SCALING}/delete"),
)
MODEL_PROMOTER: Final = CustomRole(
    name="Model Promoter",
    description="Reads registered models and marks in which stages they are.",
    actions=(
        f"{_WORKSPACES}/read",
        f"{_WORKSPACES}/datastores/read",
        f"{_WORKSPACES}/models/read",
        f"{_WORKSPACES}/models/versions/read",
        f"{_WORKSPACES}/models/versions/write",
    ),
)
DATA_ENGINEER: Final = CustomRole(
    name="Data and Feature Engineer",
    description="Works on data assets and features; deploys nothing.",
    actions=(
        f"{_WORKSPACES}/read",
        f"{_WORKSPACES}/data/*",
        f"{_WORKSPACES}/datastores/read",
        f"{_WORKSPACES}/featuresets/*",
        f"{_WORKSPACES}/featurestoreEntities/*",
        f"{_WORKSPACES}/jobs/read",
        f"{_WORKSPACES}/jobs/write",
    ),
)
MODEL_PUBLISHER: Final = CustomRole(
    name="Model Publisher",
    description="Reads and writes models and other assets of the shared registry.",
    actions=(f"{_REGISTRIES}/read", f"{_REGISTRIES}/assets/*"),
    home="models",
)
IMAGE_READER: Final = CustomRole(
    name="Image Reader",
    description="Pulls images from the shared registry.",
    actions=(f"{_IMAGES}/pull/read",),
    home="images",
)
IMAGE_PUBLISHER: Final = CustomRole(
    name="Image Publisher",
    description="Pulls images from the shared registry and pushes them.",
    actions=(f"{_IMAGES}/pull/read", f"{_IMAGES}/push/write"),
    home="images",
)

CUSTOM: Final = (
    ENDPOINT_INVOKER, DEPLOYER, SCALER, MODEL_PROMOTER, DATA_ENGINEER, MODEL_PUBLISHER, IMAGE_READER, IMAGE_PUBLISHER,
)  # fmt: skip
"""Every custom role of an environment."""


def named(context: Context, role: CustomRole) -> Role:
    """A custom role as the environment has it; its name is taken once in the whole tenant."""
    return Role(
        f"{role.name} ({context.project} {context.environment} {names.token(context)})",
        names.guid(context, "role definition", role.name),
    )


def define(
    component: Component, homes: Mapping[str, pulumi.Input[str]], after: Sequence[pulumi.Resource]
) -> Mapping[CustomRole, authorization.RoleDefinition]:
    """Define the custom roles whose home is among ``homes``, which are ids of resource groups made in ``after``."""
    made: dict[CustomRole, authorization.RoleDefinition] = {}
    for role in CUSTOM:
        if role.home not in homes:
            continue
        own = named(component.context, role)
        made[role] = authorization.RoleDefinition(
            f"{component.name}-role-{role.name.lower().replace(' ', '-')}",
            role_definition_id=own.guid,
            role_name=own.name,
            role_type="CustomRole",
            description=role.description,
            scope=homes[role.home],
            assignable_scopes=[homes[role.home]],
            permissions=[
                authorization.PermissionArgs(
                    actions=list(role.actions), not_actions=list(role.not_actions), data_actions=[], not_data_actions=[]
                )
            ],
            opts=component.child(depends_on=list(after)),
        )
    return made
