"""What Azure asks of alerts, of who is told, and of workbooks."""

from __future__ import annotations

from ...contract.rules import NameRule, TypeRules

_NAMES = "learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules"
_RULE = NameRule(property="ruleName", pattern=r"[^*#&+:<>?@%{}\\/]*[^*#&+:<>?@%{}\\/ .]", minimum=1, maximum=260)
_ADDRESS = r"[^@\s]+@[^@\s]+\.[^@\s]+"

RULES = {
    "azure-native:monitor:ActionGroup": TypeRules(
        source=f"{_NAMES}, learn.microsoft.com/azure/azure-monitor/alerts/action-groups",
        name=NameRule(property="actionGroupName", pattern=r"[^:<>+/&%\\?|]*[^:<>+/&%\\?| .]", minimum=1, maximum=260),
        replaced_by=frozenset({"actionGroupName", "location", "resourceGroupName"}),
        patterns={"groupShortName": r".{1,12}", "emailReceivers.emailAddress": _ADDRESS},
    ),
    "azure-native:monitor:MetricAlert": TypeRules(
        source=f"{_NAMES}, learn.microsoft.com/azure/templates/microsoft.insights/2018-03-01/metricalerts",
        name=_RULE,
        replaced_by=frozenset({"ruleName", "resourceGroupName"}),
        ranges={"severity": (0, 4)},
        choices={
            "evaluationFrequency": frozenset({"PT1M", "PT5M", "PT15M", "PT30M", "PT1H"}),
            "windowSize": frozenset({"PT1M", "PT5M", "PT15M", "PT30M", "PT1H", "PT6H", "PT12H", "P1D"}),
        },
    ),
    "azure-native:monitor:ScheduledQueryRule": TypeRules(
        source=f"{_NAMES}, learn.microsoft.com/azure/azure-monitor/alerts/alerts-create-log-alert-rule",
        name=_RULE,
        replaced_by=frozenset({"ruleName", "location", "resourceGroupName", "kind"}),
        ranges={"severity": (0, 4)},
        # The SDK shows the operators of another type of resource here, whose enum has the same name.
        choices={
            "criteria.allOf.operator": frozenset(
                {"Equals", "GreaterThan", "GreaterThanOrEqual", "LessThan", "LessThanOrEqual"}
            )
        },
    ),
    "azure-native:applicationinsights:Workbook": TypeRules(
        source="learn.microsoft.com/azure/templates/microsoft.insights/2023-06-01/workbooks",
        name=NameRule(
            property="resourceName", pattern=r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", minimum=36, maximum=36
        ),
        replaced_by=frozenset({"resourceName", "location", "resourceGroupName"}),
    ),
}
"""By type token."""
