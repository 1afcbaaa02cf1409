"""Who calls an online endpoint shows a token of Entra ID.

What: ``properties.authMode`` is AADToken. An endpoint on a Kubernetes cluster of one's own may use AMLToken too.

Why: a key belongs to nobody, never runs out, and opens the endpoint to whoever finds it. A token names its caller, ends
by itself, and a role decides who gets through.

Fix: groundplan does so by itself. Elsewhere set ``authMode: AADToken`` and give callers a role on the endpoint.

Decided: AMLToken is a key that ends sooner: it says nothing of who calls, so on managed endpoints it fails.
"""

from ..conditions import all_of, equals, is_not_set, is_set, when
from ..rule import ResourceRule, Severity, example

ENDPOINT = "azure-native:machinelearningservices:OnlineEndpoint"
MODE = "properties.authMode"
_CLUSTER = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w/computes/aks"

RULE = ResourceRule(
    id="AML-19",
    title="Online endpoint uses Entra tokens",
    severity=Severity.HIGH,
    types=(ENDPOINT,),
    check=all_of(
        when(is_not_set("properties.compute"), equals(MODE, "AADToken", absent="Key")),
        when(is_set("properties.compute"), equals(MODE, "AADToken", "AMLToken", absent="Key")),
    ),
    packs=("baseline", "hardened"),
    failing=(
        example("keys", ENDPOINT, {"properties": {"authMode": "Key"}}),
        example("tokens of the workspace", ENDPOINT, {"properties": {"authMode": "AMLToken"}}),
        example("keys on Kubernetes", ENDPOINT, {"properties": {"authMode": "Key", "compute": _CLUSTER}}),
    ),
    passing=(
        example("tokens of Entra ID", ENDPOINT, {"properties": {"authMode": "AADToken"}}),
        example("on Kubernetes", ENDPOINT, {"properties": {"authMode": "AMLToken", "compute": _CLUSTER}}),
    ),
)
