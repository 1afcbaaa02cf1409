"""A managed online endpoint is not reached from the public network.

What: ``properties.publicNetworkAccess`` is Disabled. Where it is absent Azure enables it. An endpoint on a Kubernetes
cluster of one's own (``properties.compute``) has no such switch: what reaches it is the cluster's to say.

Why: an endpoint that everybody reaches is one stolen token away from everybody's questions, and can be flooded.

Fix: keep ``network.access: private`` in groundplan.yaml, or set ``publicNetworkAccess: Disabled`` on the endpoint.
"""

from ..conditions import equals, is_not_set, when
from ..rule import ResourceRule, Severity, example

ENDPOINT = "azure-native:machinelearningservices:OnlineEndpoint"


def _endpoint(**properties: object) -> dict[str, object]:
    return {"properties": {"authMode": "AADToken", **properties}}


RULE = ResourceRule(
    id="AML-18",
    title="Online endpoint private",
    severity=Severity.HIGH,
    types=(ENDPOINT,),
    check=when(
        is_not_set("properties.compute"),
        equals("properties.publicNetworkAccess", "Disabled", absent="Enabled"),
        "an endpoint on Kubernetes is as private as its cluster",
    ),
    packs=("baseline", "hardened"),
    remedy="network.access: private",
    failing=(
        example("Azure's default", ENDPOINT, _endpoint()),
        example("open", ENDPOINT, _endpoint(publicNetworkAccess="Enabled")),
    ),
    passing=(example("closed", ENDPOINT, _endpoint(publicNetworkAccess="Disabled")),),
)
