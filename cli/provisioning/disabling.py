"""Switches schedules off before the engine deletes them: Azure ML refuses to delete one that is on."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ...core.errors import GroundplanError
from ...stacks.engine.state import StackState
from .cloud import Cloud

_SCHEDULE = "azure-native:machinelearningservices:Schedule"


def disable(cloud: Cloud, state: StackState, urns: Collection[str] | None = None) -> list[str]:
    """Switch off the schedules of a state, or those with these URNs; what may still be on, in words."""
    ids = [
        one.id for one in state.resources
        if one.type == _SCHEDULE and one.id and (urns is None or one.urn in urns)
    ]  # fmt: skip
    return list(_disabled(cloud, ids)) if ids else []


def _disabled(cloud: Cloud, ids: Collection[str]) -> Iterator[str]:
    from ...lifecycle.azureml.schedules import AzureMLSchedules

    schedules = AzureMLSchedules()
    for id in ids:
        name = id.rpartition("/")[2]
        try:
            was_on = schedules.disable(id)
        except GroundplanError as error:
            hint = error.problems[0].hint
            yield f"the schedule {name} may be on, and is then not deleted: {error.message}. {hint}".strip()
        else:
            if was_on:
                cloud.tell(f"switched off the schedule {name}", "dim")
