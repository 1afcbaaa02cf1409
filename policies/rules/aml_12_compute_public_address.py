"""The nodes of a compute have no public address.

What: ``properties.properties.enableNodePublicIp`` is false on clusters and compute instances. Where it is absent Azure
gives each node one.

Why: a node with a public address can be reached from the internet, and what it sends does not pass the firewall.

Fix: keep ``network.access: private`` in groundplan.yaml; elsewhere set ``enableNodePublicIp: false``, which needs a
managed network, or a subnet and a private endpoint of the workspace.
"""

from ..conditions import equals, when
from ..rule import ResourceRule, Severity, example

COMPUTE = "azure-native:machinelearningservices:Compute"


def _compute(type: str, **inner: object) -> dict[str, object]:
    return {"properties": {"computeType": type, "properties": inner}}


RULE = ResourceRule(
    id="AML-12",
    title="Compute nodes without a public IP address",
    severity=Severity.HIGH,
    types=(COMPUTE,),
    check=when(
        equals("properties.computeType", "AmlCompute", "ComputeInstance"),
        equals("properties.properties.enableNodePublicIp", False, absent=True),
        "only clusters and compute instances have nodes of their own",
    ),
    packs=("baseline", "hardened"),
    remedy="network.access: private",
    failing=(
        example("Azure's default", COMPUTE, _compute("AmlCompute")),
        example("an instance with an address", COMPUTE, _compute("ComputeInstance", enableNodePublicIp=True)),
    ),
    passing=(
        example("a cluster", COMPUTE, _compute("AmlCompute", enableNodePublicIp=False)),
        example("an instance", COMPUTE, _compute("ComputeInstance", enableNodePublicIp=False)),
    ),
)
