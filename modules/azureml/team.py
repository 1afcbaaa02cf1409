"""What each of the seven roles of a team, and CI, may do in an environment of each tier: a table, no code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from ..contract.context import Tier
from . import roles
from .custom_roles import (
    DATA_ENGINEER,
    DEPLOYER,
    ENDPOINT_INVOKER,
    IMAGE_PUBLISHER,
    IMAGE_READER,
    MODEL_PROMOTER,
    MODEL_PUBLISHER,
    SCALER,
    CustomRole,
)
from .roles import Role

Scope = Literal[
    "group", "workspace", "storage", "data", "artifacts", "requests", "endpoint-identity", "vault", "logs", "models",
    "images",
]  # fmt: skip
"""On what: the resource group, the workspace, the storage account or its container of data, of artifacts and records,
of logged requests, the identity of the endpoints, the workspace's vault, the Log Analytics workspace, the model
registry, the image registry."""


@dataclass(frozen=True)
class Permission:
    """A role on a scope; ``limited``: only under the condition that bounds which roles may be handed on."""

    role: Role | CustomRole
    scope: Scope
    limited: bool = False


_ARCHITECT = (Permission(roles.READER, "group"), Permission(roles.COST_MANAGEMENT_READER, "group"))
_SERVES = (
    # Whoever writes an endpoint must be allowed to give it the identity that it has.
    Permission(roles.IDENTITY_OPERATOR, "endpoint-identity"),
    Permission(SCALER, "group"),
)
_EXPERIMENTER = (
    *_SERVES,
    Permission(roles.DATA_SCIENTIST, "workspace"),
    Permission(roles.READER, "group"),
    Permission(roles.BLOB_CONTRIBUTOR, "storage"),
    Permission(roles.FILE_CONTRIBUTOR, "storage"),
)
_DATA_ENGINEER = (Permission(DATA_ENGINEER, "workspace"), Permission(roles.BLOB_CONTRIBUTOR, "data"))
_ADMINISTRATOR = (
    Permission(roles.CONTRIBUTOR, "group"),
    Permission(roles.RBAC_ADMINISTRATOR, "group", limited=True),
)
_OPERATOR = (
    Permission(roles.READER, "group"),
    Permission(roles.MONITORING_CONTRIBUTOR, "group"),
    Permission(roles.LOG_ANALYTICS_CONTRIBUTOR, "logs"),
)

TEAM: Final[Mapping[Tier, Mapping[str, tuple[Permission, ...]]]] = {
    "development": {
        "business-stakeholder": (),
        "solution-architect": _ARCHITECT,
        "data-scientist": (
            *_EXPERIMENTER,
            Permission(roles.COMPUTE_OPERATOR, "workspace"),
            Permission(IMAGE_READER, "images"),
        ),
        "data-engineer": _DATA_ENGINEER,
        "software-engineer": (Permission(ENDPOINT_INVOKER, "workspace"), Permission(roles.READER, "workspace")),
        "devops-engineer": _ADMINISTRATOR,
        "ml-engineer": (
            *_EXPERIMENTER,
            Permission(MODEL_PUBLISHER, "models"),
            Permission(IMAGE_PUBLISHER, "images"),
            Permission(roles.KEY_VAULT_SECRETS_USER, "vault"),
        ),
    },
    "staging": {
        "business-stakeholder": (Permission(roles.WORKBOOK_READER, "group"),),
        "solution-architect": _ARCHITECT,
        "data-scientist": (Permission(roles.READER, "workspace"), Permission(roles.BLOB_READER, "storage")),
        "data-engineer": _DATA_ENGINEER,
        "software-engineer": (Permission(ENDPOINT_INVOKER, "workspace"),),
        "devops-engineer": _OPERATOR,
        "ml-engineer": (
            *_SERVES,
            Permission(DEPLOYER, "workspace"),
            Permission(roles.BLOB_CONTRIBUTOR, "artifacts"),
            Permission(roles.BLOB_READER, "requests"),
            Permission(MODEL_PUBLISHER, "models"),
        ),
    },
    "production": {
        "business-stakeholder": (
            Permission(roles.WORKBOOK_READER, "group"),
            Permission(roles.COST_MANAGEMENT_READER, "group"),
        ),
        "solution-architect": _ARCHITECT,
        "data-scientist": (Permission(roles.READER, "workspace"),),
        "data-engineer": (Permission(roles.READER, "workspace"), Permission(roles.BLOB_READER, "data")),
        "software-engineer": (),
        "devops-engineer": _OPERATOR,
        "ml-engineer": (
            Permission(roles.READER, "workspace"),
            Permission(roles.BLOB_READER, "artifacts"),
            Permission(ENDPOINT_INVOKER, "workspace"),
        ),
    },
}
"""What people may do. In production they change nothing: CI does, after an approval."""

CI: Final = (
    *_ADMINISTRATOR,
    Permission(roles.BLOB_CONTRIBUTOR, "storage"),
    Permission(MODEL_PUBLISHER, "models"),
)
"""What CI may do in every environment: make and change what is in the group, move models, hand on harmless roles."""

PROMOTING_CI: Final = (Permission(MODEL_PROMOTER, "workspace"), Permission(roles.BLOB_CONTRIBUTOR, "artifacts"))
"""What CI of the later environments may do in the first one, where models are registered and their stages are kept."""

RETRAINING_CI: Final = (
    Permission(roles.READER, "workspace"),
    Permission(roles.BLOB_READER, "artifacts"),
    Permission(roles.BLOB_READER, "requests"),
)
"""What CI of the first environment may do in the later ones: see by what it trains again, change nothing."""
