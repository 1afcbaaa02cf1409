"""Nobody copies images out of a registry behind its network.

What: ``policies.exportPolicy.status`` is disabled. Where it is absent Azure takes enabled.

Why: whoever may write to the registry can otherwise export or import it into another one, past every private
endpoint.

Fix: set ``exportPolicy.status: disabled``, which Azure takes only together with ``publicNetworkAccess: Disabled``;
groundplan does both when ``network.access`` is private. It takes the sku Premium.
"""

from ..conditions import equals
from ..rule import ResourceRule, Severity, example

REGISTRY = "azure-native:containerregistry:Registry"


RULE = ResourceRule(
    id="ACR-10",
    title="Images cannot be exported from a container registry",
    severity=Severity.MEDIUM,
    types=(REGISTRY,),
    check=equals("policies.exportPolicy.status", "disabled", absent="enabled"),
    covers=(
        "azp:ACR_ExportPolicy_AuditDeny",
        "Azure.ACR.ExportPolicy",
    ),
    packs=("hardened",),
    remedy="network.access: private",
    failing=(
        example("Azure's default", REGISTRY, {}),
        example("allowed", REGISTRY, {"policies": {"exportPolicy": {"status": "enabled"}}}),
    ),
    passing=(
        example(
            "refused",
            REGISTRY,
            {"publicNetworkAccess": "Disabled", "policies": {"exportPolicy": {"status": "disabled"}}},
        ),
    ),
)
