"""Where the lifecycle finds an environment's things at Azure."""

from __future__ import annotations

from collections.abc import Sequence

from ..contract.context import Context
from ..contract.places import Places
from . import names

DEFAULT_SIZE = "Standard_DS3_v2"
"""The machine of an endpoint that names none."""


def places(context: Context, registry: Context, endpoints: Sequence[str]) -> Places:
    """The places of a stack with these online endpoints; ``registry`` is the stack that has its registry of models."""
    workspace = names.workspace_name(context)
    type = "Microsoft.MachineLearningServices/workspaces"
    return Places(
        workspace=names.resource_id(context, type, workspace),
        storage=names.resource_id(context, "Microsoft.Storage/storageAccounts", names.account_name(context)),
        registry=names.models_name(registry),
        endpoints={
            one: names.resource_id(context, f"{type}/onlineEndpoints", workspace, names.endpoint_name(context, one))
            for one in endpoints
        },
    )
