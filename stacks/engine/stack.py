"""A stack that takes its results from the engine's events alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pulumi.automation import Stack as AutomationStack
from pulumi.automation import UpdateSummary


class Stack(AutomationStack):
    """As the Automation API's, without the three starts of the engine that follow each of its operations.

    They fetch the outputs, with secrets in plain text, and a record of history that may be of the operation before.
    """

    def __init__(self, name: str, workspace: Any, mode: Any) -> None:
        super().__init__(name, workspace, mode)

    def outputs(self) -> dict[str, Any]:
        """Nothing: see ``operations.outputs``."""
        return {}

    def info(self, show_secrets: bool = True) -> UpdateSummary:
        """A summary that says nothing: see ``events.Collector``."""
        del show_secrets
        return UpdateSummary(
            kind="", start_time=datetime.now(UTC), message="", environment={}, config={}, result="see the events"
        )
