"""A compute lies in a virtual network: one's own, or the one that its workspace manages.

What: a cluster or a compute instance names a subnet, or ``managedNetwork.isolationMode`` of its workspace is anything
but Disabled. A project's computes lie in its hub's network.

Why: outside of a network nothing bounds what reaches the nodes and what they reach.

Fix: keep ``network.access: private`` in groundplan.yaml; elsewhere give the workspace a managed network or the compute
a subnet.

Decided: published rules ask for a subnet alone, and so fail every compute in a managed network, which can have none.
Either will do. Where the workspace is not among the resources at hand the verdict is unknown.
"""

from ..conditions import any_of, equals, folded, is_set, judged, when
from ..outcome import unknown
from ..resource import Resource
from ..rule import Example, Facts, ResourceRule, Said, Severity

COMPUTE = "azure-native:machinelearningservices:Compute"
WORKSPACE = "azure-native:machinelearningservices:Workspace"
EXPECTED = "AllowOnlyApprovedOutbound or AllowInternetOutbound on its workspace"


def _in_managed_network(compute: Resource, facts: Facts) -> Said:
    workspaces = facts.graph.targets(compute, "workspaceName", WORKSPACE)
    owners = [owner for one in workspaces for owner in facts.graph.targets(one, "hubResourceId", WORKSPACE) or [one]]
    if not owners or any(folded(one.get("kind")) == "project" for one in owners):
        return unknown("workspaceName", EXPECTED)
    return [
        judged(
            f"{one.name}: managedNetwork.isolationMode",
            one.get("managedNetwork.isolationMode"),
            lambda mode: folded(mode) in ("allowonlyapprovedoutbound", "allowinternetoutbound"),
            EXPECTED,
            absent="Disabled",
        )
        for one in owners
    ]


def _compute(**inner: object) -> dict[str, object]:
    properties = {"computeType": "AmlCompute", "properties": inner}
    return {"type": COMPUTE, "name": "cluster", "properties": {"workspaceName": "${ml.name}", "properties": properties}}


def _workspace(mode: str = "", name: str = "ml", **properties: object) -> dict[str, object]:
    network = {"managedNetwork": {"isolationMode": mode}} if mode else {}
    return {"type": WORKSPACE, "name": name, "properties": {**network, **properties}}


RULE = ResourceRule(
    id="AML-11",
    title="Compute in a virtual network",
    severity=Severity.HIGH,
    scope="graph",
    types=(COMPUTE,),
    check=when(
        equals("properties.computeType", "AmlCompute", "ComputeInstance"),
        any_of(is_set("properties.properties.subnet.id", "a subnet"), _in_managed_network),
        "only clusters and compute instances are made by Azure ML",
    ),
    covers=(
        "azp:7804b5c7-01dc-4723-969b-ae300cc07ff1",
        "Azure.ML.ComputeVnet",
        "MCSB:NS-1",
        "MCSB:NS-2",
    ),
    packs=("baseline", "hardened"),
    remedy="network.access: private",
    failing=(
        Example(name="no network at all", resources=[_compute(), _workspace()]),
        Example(name="the managed network is off", resources=[_compute(), _workspace("Disabled")]),
        Example(
            name="the hub of its project has no network",
            resources=[
                _compute(),
                _workspace(kind="Project", hubResourceId="${hub.id}"),
                _workspace(name="hub", kind="Hub"),
            ],
        ),
    ),
    passing=(
        Example(name="a subnet", resources=[_compute(subnet={"id": "/subscriptions/s/subnets/train"}), _workspace()]),
        Example(name="a managed network", resources=[_compute(), _workspace("AllowOnlyApprovedOutbound")]),
        Example(
            name="its hub's managed network",
            resources=[
                _compute(),
                _workspace(kind="Project", hubResourceId="${hub.id}"),
                _workspace("AllowInternetOutbound", name="hub", kind="Hub"),
            ],
        ),
    ),
)
