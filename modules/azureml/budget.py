"""The budget of an environment at Azure: who is told when what share of it is spent, or will be."""

from __future__ import annotations

from typing import Final

import pulumi
from pulumi_azure_native import consumption

from ...core.errors import UsageError
from ..contract.budget import BudgetArguments, BudgetOutputs
from ..contract.component import Component
from ..contract.context import AfterUp, Context
from . import names

MOST_NOTIFICATIONS: Final = 5
"""How many notifications a budget may have (https://learn.microsoft.com/rest/api/consumption/budgets)."""


class Budget(Component):
    """A monthly budget on the resource group: a message at each share that is spent, and when more than all will be.

    Azure counts in the currency of the billing account, whatever the config says. Without contacts the owners of the
    subscription are told.
    """

    platform = "azureml"

    def __init__(
        self,
        name: str,
        context: Context,
        arguments: BudgetArguments,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, context, opts)
        if not arguments.start:
            raise UsageError(
                "Azure counts a budget from the first day of a month, and the config names none",
                hint="Set budget.start to the first day of the current month or a later one.",
            )
        if len(set(arguments.notify_at)) > MOST_NOTIFICATIONS:
            raise UsageError(
                f"budget.notify_at has {len(set(arguments.notify_at))} shares, and Azure takes {MOST_NOTIFICATIONS}",
                hint="Take some out.",
            )
        group, physical = arguments.foundation.group, names.within(context, "budget", 63)
        budget = consumption.Budget(
            f"{name}-budget",
            budget_name=physical,
            scope=arguments.foundation.group_id,
            amount=arguments.amount,
            category="Cost",
            time_grain="Monthly",
            time_period=consumption.BudgetTimePeriodArgs(start_date=f"{arguments.start}T00:00:00Z"),
            notifications=_notifications(arguments),
            opts=self.child(depends_on=list(arguments.foundation.ready)),
        )
        self.steps = (
            AfterUp(
                title=f"See whether Azure bills in {arguments.currency}",
                reason="a budget counts in the currency of the billing account, which no property sets",
                command=f"az consumption budget show --budget-name {physical} --resource-group {group}"
                " --query currentSpend.unit --output tsv",
            ),
        )
        self.outputs = BudgetOutputs(id=budget.id)
        self.done({"id": budget.id})


def _notifications(arguments: BudgetArguments) -> dict[str, consumption.NotificationArgs]:
    shares = sorted(set(arguments.notify_at))
    found = {f"spent-{_percent(share)}": _notification(arguments, share, "Actual") for share in shares}
    if len(found) < MOST_NOTIFICATIONS:
        found["forecast-100"] = _notification(arguments, 1.0, "Forecasted")
    return found


def _notification(arguments: BudgetArguments, share: float, of: str) -> consumption.NotificationArgs:
    return consumption.NotificationArgs(
        enabled=True,
        operator="GreaterThanOrEqualTo",
        threshold=float(_percent(share)),
        threshold_type=of,
        contact_emails=list(arguments.contacts),
        contact_roles=None if arguments.contacts else ["Owner"],
    )


def _percent(share: float) -> str:
    """A share as a percentage, without the noise of binary fractions."""
    return f"{round(share * 100, 4):g}"
