"""Schedules of Azure ML, whoever made them, switched off before they are deleted: it deletes none that is on.

https://learn.microsoft.com/azure/machine-learning/how-to-schedule-pipeline-job says so.
"""

from __future__ import annotations

from typing import Any

from ..patience import Pace, Patience
from .calls import Calls
from .places import Workspace


class AzureMLSchedules:
    """Schedules of any workspace, by their ids; ``seconds`` bounds each operation."""

    def __init__(self, *, pace: Pace | None = None, seconds: float = 600.0) -> None:
        self._calls = Calls(pace or Pace())
        self._seconds = seconds

    def disable(self, id: str) -> bool:
        """Switch one off; whether it was on. One that is gone is fine. Raises as every adapter does."""
        workspace, _, name = id.partition("/schedules/")
        place, doing = Workspace.of(workspace), f"disable the schedule {name}"
        client = self._calls.of(workspace).schedules.service_client

        def look() -> Any:
            return client.get(place.group, place.name, name)

        body = self._calls.found(look, self._calls.looking(), doing=doing, resource=workspace)
        if body is None or not body.properties.is_enabled:
            return False
        body.properties.is_enabled = False

        def begin() -> Any:
            return client.begin_create_or_update(place.group, place.name, name, body)

        patience = Patience(seconds=self._seconds, pace=self._calls.pace)
        self._calls.work(begin, patience, doing=doing, resource=workspace)
        return True
