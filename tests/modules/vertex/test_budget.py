"""The budget of an environment at Google Cloud: what it counts, whom it tells, and what Google would not take.

Not proved: that Google counts what carries the label.
"""

from __future__ import annotations

from typing import Any

import pytest
from groundplan.core.errors import UsageError
from groundplan.modules.contract.budget import BudgetArguments
from groundplan.modules.vertex import names
from groundplan.modules.vertex.budget import Budget

from vertex_parts import FOUNDATION, PROD, Recorded, labels, refused

GIVEN: dict[str, Any] = {"amount": 500, "currency": "EUR", "notify_at": (0.5, 0.9), "contacts": ("a@example.com",)}


def made(**changes: Any) -> Recorded:
    given = BudgetArguments(foundation=FOUNDATION, **{**GIVEN, **changes})
    return Recorded(lambda: Budget("budget", PROD, given))


def test_it_counts_the_environment_and_tells_the_contacts() -> None:
    budget = made()
    channel = f"budget-email-{names.token('a@example.com')}"

    assert budget.names == ["budget-budget", channel]
    assert budget.inputs("budget-budget") == {
        "billingAccount": "0A0A0A-1B1B1B-2C2C2C",
        "displayName": "churn-prod",
        "amount": {"specifiedAmount": {"currencyCode": "EUR", "units": "500"}},
        "budgetFilter": {
            "projects": ["projects/123456789012"],
            "calendarPeriod": "MONTH",
            "creditTypesTreatment": "INCLUDE_ALL_CREDITS",
            "labels": {"environment": "prod"},
        },
        "thresholdRules": [
            {"thresholdPercent": 0.5, "spendBasis": "CURRENT_SPEND"},
            {"thresholdPercent": 0.9, "spendBasis": "CURRENT_SPEND"},
            {"thresholdPercent": 1, "spendBasis": "FORECASTED_SPEND"},
        ],
        "allUpdatesRule": {
            "monitoringNotificationChannels": [f"<{channel}.id>"],
            "disableDefaultIamRecipients": False,
            "schemaVersion": "1.0",
        },
    }
    assert budget.inputs(channel) == {
        "project": "acme-churn",
        "type": "email",
        "displayName": "churn prod: a@example.com",
        "labels": {"email_address": "a@example.com"},
        "userLabels": labels("prod"),
        "enabled": True,
    }


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        (0.5, {"units": "0", "nanos": 500_000_000}),
        (99.99, {"units": "99", "nanos": 990_000_000}),
        (12, {"units": "12"}),
    ],
)
def test_an_amount_is_units_and_billionths(amount: float, written: dict[str, Any]) -> None:
    assert made(amount=amount).inputs("budget-budget")["amount"] == {
        "specifiedAmount": {"currencyCode": "EUR", **written}
    }


def test_without_contacts_those_who_pay_are_told() -> None:
    budget = made(contacts=())

    assert budget.names == ["budget-budget"]
    assert "allUpdatesRule" not in budget.inputs("budget-budget")


def test_an_address_given_twice_is_told_once_and_six_are_too_many() -> None:
    assert len(made(contacts=("a@example.com", "a@example.com")).names) == 2

    with pytest.raises(UsageError) as raised:
        made(contacts=tuple(f"{number}@example.com" for number in range(6)))
    assert raised.value.message == "the budget names 6 contacts; Google Cloud tells 5 at most"


def test_google_would_take_it() -> None:
    assert refused(made().resources) == []
    assert refused(made(contacts=(), amount=0.01).resources) == []
