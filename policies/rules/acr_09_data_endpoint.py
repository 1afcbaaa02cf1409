"""What is pulled from a registry comes from a name of its own.

What: ``dataEndpointEnabled`` is true. Where the property is absent Azure takes false.

Why: the layers otherwise come from names that all customers share; who allows those in a firewall allows data to be
carried to anybody's storage.

Fix: set ``dataEndpointEnabled: true``; groundplan always does. It takes the sku Premium.
"""

from ..conditions import equals
from ..rule import ResourceRule, Severity, example

REGISTRY = "azure-native:containerregistry:Registry"


RULE = ResourceRule(
    id="ACR-09",
    title="Container registry has a data endpoint of its own",
    severity=Severity.LOW,
    types=(REGISTRY,),
    check=equals("dataEndpointEnabled", True, absent=False),
    covers=("CKV_AZURE_237",),
    packs=("hardened",),
    failing=(
        example("Azure's default", REGISTRY, {}),
        example("off", REGISTRY, {"dataEndpointEnabled": False}),
    ),
    passing=(example("on", REGISTRY, {"dataEndpointEnabled": True}),),
)
