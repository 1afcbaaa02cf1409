"""A container registry is not reached from the public network.

What: ``publicNetworkAccess`` is Disabled, which takes the sku Premium. Where the property is absent Azure enables it.

Why: whoever holds a stolen token can otherwise pull images, or push one that production then runs, from anywhere.

Fix: set ``network.access: private`` in groundplan.yaml, or ``publicNetworkAccess: Disabled`` on the registry, and
reach it over a private endpoint.
"""

from ..conditions import equals
from ..rule import ResourceRule, Severity, example

REGISTRY = "azure-native:containerregistry:Registry"


RULE = ResourceRule(
    id="ACR-03",
    title="Container registry is closed to the public network",
    severity=Severity.HIGH,
    types=(REGISTRY,),
    check=equals("publicNetworkAccess", "Disabled", absent="Enabled"),
    covers=(
        "CKV_AZURE_139",
        "azp:ACR_PublicNetworkAccess_AuditDeny",
        "containerregistry_not_publicly_accessible",
    ),
    packs=("baseline", "hardened"),
    remedy="network.access: private",
    failing=(
        example("Azure's default", REGISTRY, {}),
        example("open", REGISTRY, {"publicNetworkAccess": "Enabled"}),
    ),
    passing=(example("closed", REGISTRY, {"publicNetworkAccess": "Disabled"}),),
)
