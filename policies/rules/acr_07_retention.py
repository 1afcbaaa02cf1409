"""Images without a name do not stay for ever.

What: ``policies.retentionPolicy.status`` is enabled. Where it is absent Azure takes disabled.

Why: every build leaves one behind: they cost, and their holes can still be pulled by digest.

Fix: write ``registry.retention`` in groundplan.yaml, such as 30d, or enable ``retentionPolicy``. It takes the sku
Premium.
"""

from ..conditions import equals
from ..rule import ResourceRule, Severity, example

REGISTRY = "azure-native:containerregistry:Registry"


RULE = ResourceRule(
    id="ACR-07",
    title="Container registry removes images that nobody can name any more",
    severity=Severity.LOW,
    types=(REGISTRY,),
    check=equals("policies.retentionPolicy.status", "enabled", absent="disabled"),
    covers=(
        "CKV_AZURE_167",
        "Azure.ACR.Retention",
    ),
    packs=("hardened",),
    remedy="registry.retention: 30d",
    failing=(
        example("Azure's default", REGISTRY, {}),
        example("off", REGISTRY, {"policies": {"retentionPolicy": {"days": 7, "status": "disabled"}}}),
    ),
    passing=(example("on", REGISTRY, {"policies": {"retentionPolicy": {"days": 30, "status": "enabled"}}}),),
)
