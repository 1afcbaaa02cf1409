"""The budget of an environment at Google Cloud: a billing budget over what carries the environment's label."""

from __future__ import annotations

import pulumi
from pulumi_gcp import billing

from ...core.errors import UsageError
from ..contract.budget import BudgetArguments, BudgetOutputs
from ..contract.component import Component
from ..contract.context import Context
from . import agents, channels, names
from .labels import labels

_MOST_CHANNELS = 5
_NANOS = 1_000_000_000


class Budget(Component):
    """Tells the contacts, and those who manage the billing account, when a share is spent or will be.

    It counts what carries the label ``environment`` of this stack, so that environments can share a project; what
    Google bills without labels, such as queries, is no part of it.
    """

    platform = "vertex"

    def __init__(
        self,
        name: str,
        context: Context,
        arguments: BudgetArguments,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, context, opts)
        ready = arguments.foundation.ready
        told = channels.emails(self, arguments.contacts, ready)
        if len(told) > _MOST_CHANNELS:
            raise UsageError(
                f"the budget names {len(told)} contacts; Google Cloud tells {_MOST_CHANNELS} at most",
                where="budget.contacts",
                hint="Name a group's address instead.",
            )
        budget = billing.Budget(
            f"{name}-budget",
            billing_account=context.account.billing_account,
            display_name=names.within(context, 60),
            amount=_amount(arguments),
            budget_filter={
                "projects": [pulumi.Output.concat("projects/", agents.project_number(context, arguments.foundation))],
                "calendar_period": "MONTH",
                "credit_types_treatment": "INCLUDE_ALL_CREDITS",
                "labels": {"environment": labels(context)["environment"]},
            },
            threshold_rules=[
                *({"threshold_percent": share, "spend_basis": "CURRENT_SPEND"} for share in arguments.notify_at),
                {"threshold_percent": 1.0, "spend_basis": "FORECASTED_SPEND"},
            ],
            all_updates_rule={
                "monitoring_notification_channels": [one.id for one in told],
                "disable_default_iam_recipients": False,
                "schema_version": "1.0",
            }
            if told
            else None,
            opts=self.child(depends_on=[*ready, *told]),
        )
        self.outputs = BudgetOutputs(id=budget.id)
        self.done({"id": budget.id})


def _amount(arguments: BudgetArguments) -> billing.BudgetAmountArgs:
    """The amount as whole units and billionths, as money is written at Google."""
    units = int(arguments.amount)
    nanos = round((arguments.amount - units) * _NANOS)
    specified = billing.BudgetAmountSpecifiedAmountArgs(
        currency_code=arguments.currency, units=str(units), nanos=nanos or None
    )
    return billing.BudgetAmountArgs(specified_amount=specified)
