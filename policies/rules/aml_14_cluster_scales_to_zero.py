"""A cluster that does nothing has no nodes.

What: ``properties.properties.scaleSettings.minNodeCount`` of a cluster is 0, which is also Azure's default.

Why: each node that is kept costs as much as one that works, and runs an image that ages.

Fix: write ``min_nodes: 0`` at the cluster in ``compute`` of groundplan.yaml; elsewhere set ``minNodeCount`` to 0.
"""

from ..conditions import at_most, equals, when
from ..rule import ResourceRule, Severity, example

COMPUTE = "azure-native:machinelearningservices:Compute"


def _cluster(**scale: object) -> dict[str, object]:
    return {"properties": {"computeType": "AmlCompute", "properties": {"scaleSettings": scale}}}


RULE = ResourceRule(
    id="AML-14",
    title="Cluster scales to zero",
    severity=Severity.LOW,
    types=(COMPUTE,),
    check=when(
        equals("properties.computeType", "AmlCompute"),
        at_most("properties.properties.scaleSettings.minNodeCount", 0, absent=0),
        "only clusters scale",
    ),
    covers=("CKV_AZURE_150",),
    packs=("baseline", "hardened"),
    remedy="compute.<name>.min_nodes: 0",
    failing=(example("a node is kept", COMPUTE, _cluster(minNodeCount=1, maxNodeCount=4)),),
    passing=(
        example("none is kept", COMPUTE, _cluster(minNodeCount=0, maxNodeCount=4)),
        example("Azure's default", COMPUTE, _cluster(maxNodeCount=4)),
    ),
)
