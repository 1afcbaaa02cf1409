"""The budget of an environment at Azure. Not proved: that a message arrives, and in which currency Azure bills."""

from __future__ import annotations

from typing import Any

import pytest
from groundplan.core.errors import UsageError
from groundplan.modules.azureml.budget import Budget
from groundplan.modules.contract.budget import BudgetArguments

import azure_capability as kit


def budget(**wanted: Any) -> kit.Capability[Budget]:
    def build(base: kit.Base) -> Budget:
        given: dict[str, Any] = {
            "amount": 500.0, "currency": "EUR", "notify_at": (0.5, 1.0), "contacts": ("team@example.com",),
            "start": "2027-01-01",
        }  # fmt: skip
        return Budget("budget", base.context, BudgetArguments(foundation=base.foundation, **{**given, **wanted}))

    return kit.make(build)


def notification(percent: float, of: str = "Actual", **changes: Any) -> dict[str, Any]:
    return {
        "enabled": True, "operator": "GreaterThanOrEqualTo", "threshold": percent, "thresholdType": of,
        "contactEmails": ["team@example.com"], **changes,
    }  # fmt: skip


def test_contacts_are_told_at_each_share_and_when_all_of_it_will_be_spent() -> None:
    found = budget()

    assert found.types() == {"budget-budget": "consumption:Budget"}
    assert found.inputs("budget-budget") == {
        "budgetName": "budget-churn-dev",
        "scope": kit.GROUP_ID,
        "amount": 500,
        "category": "Cost",
        "timeGrain": "Monthly",
        "timePeriod": {"startDate": "2027-01-01T00:00:00Z"},
        "notifications": {
            "spent-50": notification(50),
            "spent-100": notification(100),
            "forecast-100": notification(100, "Forecasted"),
        },
    }


def test_without_contacts_the_owners_are_told() -> None:
    notifications = budget(contacts=(), notify_at=(1.0,)).inputs("budget-budget")["notifications"]

    assert notifications["spent-100"] == notification(100, contactEmails=[], contactRoles=["Owner"])


def test_all_shares_are_kept_where_azure_takes_no_more() -> None:
    shares = (0.1, 0.2, 0.3, 0.4, 0.5)

    assert set(budget(notify_at=shares).inputs("budget-budget")["notifications"]) == {
        "spent-10", "spent-20", "spent-30", "spent-40", "spent-50",
    }  # fmt: skip


def test_a_share_is_told_without_the_noise_of_fractions() -> None:
    notifications = budget(notify_at=(0.07, 0.333, 0.07)).inputs("budget-budget")["notifications"]

    assert {name: one["threshold"] for name, one in notifications.items()} == {
        "spent-7": 7, "spent-33.3": 33.3, "forecast-100": 100,
    }  # fmt: skip


def test_more_shares_than_azure_takes_are_refused() -> None:
    with pytest.raises(UsageError, match="6 shares, and Azure takes 5"):
        budget(notify_at=(0.1, 0.2, 0.3, 0.4, 0.5, 0.6))


def test_a_budget_without_its_first_month_is_refused() -> None:
    with pytest.raises(UsageError, match="Azure counts a budget from the first day of a month"):
        budget(start="")


def test_the_currency_is_a_step_after_up() -> None:
    assert budget(currency="CHF").steps() == {
        "See whether Azure bills in CHF": "az consumption budget show --budget-name budget-churn-dev"
        f" --resource-group {kit.GROUP} --query currentSpend.unit --output tsv"
    }
