"""A model registry is not reached from the public network.

What: ``publicNetworkAccess`` of an Azure ML registry is Disabled. Where the property is absent Azure enables it.

Why: a registry holds every model that production serves; who can write to it decides what is served.

Fix: keep ``network.access: private`` in groundplan.yaml, or set ``publicNetworkAccess: Disabled`` on the registry.
"""

from ..conditions import equals
from ..rule import ResourceRule, Severity, example

REGISTRY = "azure-native:machinelearningservices:Registry"

RULE = ResourceRule(
    id="AML-17",
    title="Registry public network access disabled",
    severity=Severity.MEDIUM,
    types=(REGISTRY,),
    check=equals("publicNetworkAccess", "Disabled", absent="Enabled"),
    covers=("machinelearning/mlRegistryPublicAccess",),
    packs=("baseline", "hardened"),
    remedy="network.access: private",
    failing=(
        example("Azure's default", REGISTRY, {}),
        example("open", REGISTRY, {"publicNetworkAccess": "Enabled"}),
    ),
    passing=(example("closed", REGISTRY, {"publicNetworkAccess": "Disabled"}),),
)
