"""Application Insights keeps its telemetry in a Log Analytics workspace and takes it from known senders only.

What: ``workspaceResourceId`` names a workspace and ``disableLocalAuth`` is true. Where that is absent whoever knows the
instrumentation key can send.

Why: a component without a workspace is of a kind that Azure has retired, with retention and access of its own. An
instrumentation key is found in every client; with it anybody can fill the telemetry that alerts are built on.

Fix: groundplan does so by itself. Elsewhere set both properties, and give senders the role Monitoring Metrics
Publisher.
"""

from ..conditions import all_of, equals, is_set
from ..rule import ResourceRule, Severity, example

COMPONENT = "azure-native:applicationinsights:Component"

RULE = ResourceRule(
    id="OBS-01",
    title="Application Insights in a workspace, local authentication off",
    severity=Severity.MEDIUM,
    types=(COMPONENT,),
    check=all_of(
        is_set("workspaceResourceId", "a Log Analytics workspace"),
        equals("disableLocalAuth", True, absent=False),
    ),
    covers=("Azure.AppInsights.Workspace", "azp:Monitoring"),
    packs=("baseline", "hardened"),
    failing=(
        example("a classic one", COMPONENT, {"kind": "web", "disableLocalAuth": True}),
        example("keys by default", COMPONENT, {"workspaceResourceId": "/subscriptions/s/workspaces/law"}),
        example("keys", COMPONENT, {"workspaceResourceId": "law", "disableLocalAuth": False}),
    ),
    passing=(example("workspace and tokens", COMPONENT, {"workspaceResourceId": "law", "disableLocalAuth": True}),),
)
