"""What Azure asks of budgets."""

from __future__ import annotations

from ...contract.rules import NameRule, TypeRules

RULES = {
    "azure-native:consumption:Budget": TypeRules(
        source="learn.microsoft.com/rest/api/consumption/budgets/create-or-update",
        name=NameRule(property="budgetName", pattern=r"[a-zA-Z0-9_-]+", minimum=1, maximum=63, unique="parent"),
        replaced_by=frozenset({"budgetName", "scope", "timeGrain", "timePeriod.startDate"}),
        patterns={"timePeriod.startDate": r"\d{4}-\d{2}-01T00:00:00Z"},
        ranges={"amount": (0.01, 1e12), "notifications.*.threshold": (0.01, 1000)},
    ),
}
"""By type token."""
