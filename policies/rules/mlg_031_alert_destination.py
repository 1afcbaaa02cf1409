"""An alert reaches somebody.

What: a monitor of Azure ML names e-mail addresses; a metric alert and a log alert name an action group; an action
group that is enabled has a receiver; an alert policy of Google Cloud names a notification channel.

Why: an alert that nobody gets is a number in a table.

Fix: write ``monitoring.alerts`` with addresses in groundplan.yaml.
"""

from collections.abc import Mapping

from ..conditions import equals, is_set, when
from ..outcome import failed, not_applicable, passed, unknown
from ..project import entries, hides
from ..resource import Resource
from ..rule import Check, Facts, ResourceRule, Said, Severity, example

SCHEDULE = "azure-native:machinelearningservices:Schedule"
METRIC = "azure-native:monitor:MetricAlert"
LOG = "azure-native:monitor:ScheduledQueryRule"
GROUP = "azure-native:monitor:ActionGroup"
POLICY = "gcp:monitoring/alertPolicy:AlertPolicy"
EMAILS = "properties.action.monitorDefinition.alertNotificationSettings.emailNotificationSettings.emails"
_RECEIVERS = (
    "armRoleReceivers",
    "automationRunbookReceivers",
    "azureAppPushReceivers",
    "azureFunctionReceivers",
    "emailReceivers",
    "eventHubReceivers",
    "incidentReceivers",
    "itsmReceivers",
    "logicAppReceivers",
    "smsReceivers",
    "voiceReceivers",
    "webhookReceivers",
)


def _receives(resource: Resource, _facts: Facts) -> Said:
    if resource.get("enabled") is False:
        return failed("enabled", False, "true")
    found = [resource.get(name) for name in _RECEIVERS]
    if any(entries(one) for one in found):
        return passed("emailReceivers", "somebody")
    if any(hides(one) for one in found):
        return unknown("emailReceivers", "a receiver")
    return failed("emailReceivers", "nobody", "a receiver of any kind")


def _off(resource: Resource, _facts: Facts) -> Said:
    return failed("enabled", False, "true") if resource.get("enabled") is False else passed()


_CHECKS: Mapping[str, Check] = {
    SCHEDULE: when(
        equals("properties.action.actionType", "CreateMonitor"), is_set(EMAILS, "an address"), "it is no monitor"
    ),
    METRIC: when(_off, is_set("actions", "an action group"), "it is off"),
    LOG: when(_off, is_set("actions.actionGroups", "an action group"), "it is off"),
    GROUP: _receives,
    POLICY: when(_off, is_set("notificationChannels", "a notification channel"), "it is off"),
}


def _check(resource: Resource, facts: Facts) -> Said:
    check = _CHECKS.get(resource.type)
    return check(resource, facts) if check else not_applicable()


def _monitor(emails: list[str]) -> Mapping[str, object]:
    settings = {"emailNotificationSettings": {"emails": emails}}
    definition = {"alertNotificationSettings": settings}
    return {"properties": {"action": {"actionType": "CreateMonitor", "monitorDefinition": definition}}}


RULE = ResourceRule(
    id="MLG-031",
    title="Monitor alerts have a destination",
    severity=Severity.HIGH,
    types=tuple(_CHECKS),
    check=_check,
    relates_to=("NIST-AI-RMF MANAGE 4.3", "EU-AI-Act 73", "ISO-42001 A.8.4"),
    packs=("governance",),
    remedy="monitoring: {alerts: [oncall@example.com]}",
    failing=(
        example("a monitor that tells nobody", SCHEDULE, _monitor([])),
        example("a metric alert without an action", METRIC, {"severity": 2}),
        example("a log alert without an action", LOG, {"actions": {"actionGroups": []}}),
        example("a group of nobody", GROUP, {"enabled": True, "emailReceivers": []}),
        example("a group that is off", GROUP, {"enabled": False, "emailReceivers": [{"name": "a"}]}),
        example("a policy without a channel", POLICY, {"notificationChannels": []}),
    ),
    passing=(
        example("a monitor", SCHEDULE, _monitor(["oncall@example.com"])),
        example("a metric alert", METRIC, {"actions": [{"actionGroupId": "/subscriptions/s/actionGroups/ag"}]}),
        example("a group with a hook", GROUP, {"enabled": True, "webhookReceivers": [{"serviceUri": "https://x"}]}),
        example("a policy", POLICY, {"notificationChannels": ["projects/p/notificationChannels/1"]}),
    ),
)
