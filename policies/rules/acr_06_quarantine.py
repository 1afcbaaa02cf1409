"""Nobody pulls an image before it was scanned.

What: ``policies.quarantinePolicy.status`` is enabled. Where it is absent Azure takes disabled.

Why: an image that brings a known hole is otherwise in use before the scanner has spoken.

Fix: enable ``quarantinePolicy`` once a scanner is there that releases what it has found clean; without one nothing
can be pulled any more, Azure ML's own images neither. It takes the sku Premium.
"""

from ..conditions import equals
from ..rule import ResourceRule, Severity, example

REGISTRY = "azure-native:containerregistry:Registry"


RULE = ResourceRule(
    id="ACR-06",
    title="New images wait in quarantine until they are scanned",
    severity=Severity.LOW,
    types=(REGISTRY,),
    check=equals("policies.quarantinePolicy.status", "enabled", absent="disabled"),
    covers=(
        "CKV_AZURE_166",
        "Azure.ACR.Quarantine",
    ),
    packs=("hardened",),
    failing=(
        example("Azure's default", REGISTRY, {}),
        example("off", REGISTRY, {"policies": {"quarantinePolicy": {"status": "disabled"}}}),
    ),
    passing=(example("on", REGISTRY, {"policies": {"quarantinePolicy": {"status": "enabled"}}}),),
)
