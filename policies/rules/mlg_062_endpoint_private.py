"""A production endpoint is reached from inside only, and what it runs does not reach out.

What: in production an online endpoint of Azure ML has ``publicNetworkAccess`` Disabled; each deployment has
``egressPublicNetworkAccess`` Disabled, or its workspace lets out only what is approved. A Vertex AI endpoint has
private service connect or a network.

Why: an endpoint on the internet is asked by everybody who finds it, and one that reaches the internet can be made to
send out what it knows.

Fix: set ``network.access: private`` in groundplan.yaml.

Decided: a published rule accepts only ``network`` of a Vertex AI endpoint; private service connect is as closed, and
newer.
"""

from collections.abc import Mapping

from ..conditions import any_of, equals, is_set, outcomes_of
from ..environments import only_in_production
from ..outcome import Outcome, Verdict, passed, worst
from ..resource import Resource
from ..rule import Example, Facts, ResourceRule, Said, Severity, example

ENDPOINT = "azure-native:machinelearningservices:OnlineEndpoint"
DEPLOYMENT = "azure-native:machinelearningservices:OnlineDeployment"
WORKSPACE = "azure-native:machinelearningservices:Workspace"
VERTEX = "gcp:vertex/aiEndpoint:AiEndpoint"

_closed = equals("properties.publicNetworkAccess", "Disabled", absent="Enabled")
_no_way_out = equals("properties.egressPublicNetworkAccess", "Disabled", absent="Enabled")
_managed = equals("managedNetwork.isolationMode", "AllowOnlyApprovedOutbound", absent="Disabled")
_private = any_of(
    equals("privateServiceConnectConfig.enablePrivateServiceConnect", True, absent=False),
    is_set("network", "a network"),
)


def _check(resource: Resource, facts: Facts) -> Said:
    if resource.type == VERTEX:
        return _private(resource, facts)
    return _closed(resource, facts) if resource.type == ENDPOINT else _of_deployment(resource, facts)


def _of_deployment(resource: Resource, facts: Facts) -> Outcome:
    own = worst(outcomes_of(_no_way_out(resource, facts)))
    if own.verdict is Verdict.PASS:
        return own
    workspaces = facts.graph.targets(resource, "workspaceName", WORKSPACE)
    closed = [worst(outcomes_of(_managed(one, facts))).verdict is Verdict.PASS for one in workspaces]
    return passed("workspaceName", "its workspace") if closed and all(closed) else own


def _deployed(mode: str) -> Example:
    workspace = {"workspaceName": "mlw-churn", "managedNetwork": {"isolationMode": mode}}
    return Example(
        name=f"in a workspace with {mode}",
        resources=[
            {
                "type": DEPLOYMENT,
                "name": "blue",
                "properties": {"workspaceName": "mlw-churn", "properties": dict[str, str]()},
            },
            {"type": WORKSPACE, "name": "ml", "properties": workspace},
        ],
    )


_PSC: Mapping[str, object] = {"privateServiceConnectConfig": {"enablePrivateServiceConnect": True}}

RULE = ResourceRule(
    id="MLG-062",
    title="Production endpoint is not public",
    severity=Severity.CRITICAL,
    scope="graph",
    types=(ENDPOINT, DEPLOYMENT, VERTEX),
    check=only_in_production(_check),
    relates_to=("MCSB NS-2", "EU-AI-Act 15(5)", "NIST-800-53r5 SC-7"),
    packs=("governance",),
    remedy="network: {access: private}",
    failing=(
        example("Azure's default", ENDPOINT, {"properties": {"authMode": "AADToken"}}),
        example("open", ENDPOINT, {"properties": {"publicNetworkAccess": "Enabled"}}),
        example("a way out", DEPLOYMENT, {"properties": {"egressPublicNetworkAccess": "Enabled"}}),
        _deployed("AllowInternetOutbound"),
        example("Google's default", VERTEX, {"displayName": "churn"}),
    ),
    passing=(
        example("closed", ENDPOINT, {"properties": {"publicNetworkAccess": "Disabled"}}),
        example("no way out", DEPLOYMENT, {"properties": {"egressPublicNetworkAccess": "Disabled"}}),
        _deployed("AllowOnlyApprovedOutbound"),
        example("private service connect", VERTEX, _PSC),
        example("a network", VERTEX, {"network": "projects/1/global/networks/vpc"}),
    ),
)
