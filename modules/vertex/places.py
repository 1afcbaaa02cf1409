"""Where the lifecycle finds an environment's things at Google Cloud."""

from __future__ import annotations

from collections.abc import Sequence

from ..contract.context import Context
from ..contract.places import Places
from . import chosen_names, names
from .machines import SERVING_TYPE

DEFAULT_SIZE = SERVING_TYPE


def places(context: Context, registry: Context, endpoints: Sequence[str]) -> Places:
    """The places of a stack with these online endpoints; models are registered in its own project."""
    location = names.location_path(context)
    return Places(
        workspace=location,
        storage=names.artifacts_bucket(context),
        endpoints={one: f"{location}/endpoints/{chosen_names.endpoint(context, one)}" for one in endpoints},
    )


def key(shared: Context, stack: str) -> str:
    """The key that the shared stack makes for a stack."""
    return names.key_path(shared, stack)
