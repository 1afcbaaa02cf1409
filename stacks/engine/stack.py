"""A stack for which the engine is started no more often than is needed: its results are taken from the events alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pulumi.automation import Stack as AutomationStack
from pulumi.automation import StackNotFoundError, UpdateSummary
from pulumi.automation._stack import StackInitMode


class Stack(AutomationStack):
    """As the Automation API's, without the starts of the engine before and after each of its operations.

    Those after it fetch the outputs, with secrets in plain text, and a record of history that may be of the operation
    before. The one before it selects the stack, of which every operation is told anyway. With ``create`` the stack is
    made where the backend has none; without, the operation is what finds none.
    """

    def __init__(self, name: str, workspace: Any, *, create: bool) -> None:
        # Not the parent's, which selects.
        self.name = name
        self.workspace = workspace
        self._mode = StackInitMode.CREATE_OR_SELECT if create else StackInitMode.SELECT
        if create:
            try:
                workspace.select_stack(name)
            except StackNotFoundError:
                workspace.create_stack(name)

    def outputs(self) -> dict[str, Any]:
        """Nothing: see ``operations.outputs``."""
        return {}

    def info(self, show_secrets: bool = True) -> UpdateSummary:
        """A summary that says nothing: see ``events.Collector``."""
        del show_secrets
        return UpdateSummary(
            kind="", start_time=datetime.now(UTC), message="", environment={}, config={}, result="see the events"
        )
