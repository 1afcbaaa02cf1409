"""What Google Cloud asks of alerts, channels, dashboards, metrics of logs, and budgets."""

from __future__ import annotations

from ...contract.rules import NameRule, TypeRules

_SOURCE = "monitoring v3, logging v2; terraform-provider-google-beta 7.45"
_COMPARISONS = frozenset({"COMPARISON_GT", "COMPARISON_GE", "COMPARISON_LT", "COMPARISON_LE"})

RULES = {
    "gcp:logging/metric:Metric": TypeRules(
        source=_SOURCE,
        name=NameRule(property="name", pattern=r"[\w\-.,+!*',()%/]+", minimum=1, maximum=100, unique="account"),
        replaced_by=frozenset({"project"}),
        choices={
            "metricDescriptor.metricKind": frozenset({"DELTA", "GAUGE", "CUMULATIVE"}),
            "metricDescriptor.valueType": frozenset({"BOOL", "INT64", "DOUBLE", "STRING", "DISTRIBUTION", "MONEY"}),
        },
    ),
    "gcp:monitoring/notificationChannel:NotificationChannel": TypeRules(
        source=_SOURCE,
        replaced_by=frozenset({"project"}),
        patterns={"labels.email_address": r"[^@\s]+@[^@\s]+", "displayName": r"[\s\S]{1,512}"},
    ),
    "gcp:monitoring/alertPolicy:AlertPolicy": TypeRules(
        source=_SOURCE,
        replaced_by=frozenset({"project"}),
        patterns={"displayName": r"[\s\S]{1,512}"},
        choices={
            "combiner": frozenset({"AND", "OR", "AND_WITH_MATCHING_RESOURCE"}),
            "severity": frozenset({"CRITICAL", "ERROR", "WARNING"}),
            "conditions.conditionThreshold.comparison": _COMPARISONS,
        },
    ),
    "gcp:monitoring/dashboard:Dashboard": TypeRules(
        source=_SOURCE,
        replaced_by=frozenset({"project"}),
        patterns={"dashboardJson": r"\{[\s\S]*\}"},
    ),
    "gcp:billing/budget:Budget": TypeRules(
        source="billingbudgets v1 Budget; terraform-provider-google-beta 7.45",
        replaced_by=frozenset({"billingAccount"}),
        exactly_one=(frozenset({"amount.lastPeriodAmount", "amount.specifiedAmount"}),),
        patterns={
            "billingAccount": r"[0-9A-F]{6}(-[0-9A-F]{6}){2}",
            "displayName": r"[\s\S]{0,60}",
            "amount.specifiedAmount.currencyCode": r"[A-Z]{3}",
        },
        ranges={"thresholdRules.thresholdPercent": (0, 10)},
        choices={"thresholdRules.spendBasis": frozenset({"CURRENT_SPEND", "FORECASTED_SPEND"})},
    ),
}
"""By type token."""
