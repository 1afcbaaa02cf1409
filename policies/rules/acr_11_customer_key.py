"""A container registry is encrypted with a key that its owner holds.

What: ``encryption.status`` is enabled. Where it is absent Azure takes a key of Microsoft's.

Why: with a key of your own, who may read the images is decided twice, and taking the key away closes the registry.

Fix: write ``encryption: {}`` in groundplan.yaml, or name a key of yours in ``encryption.keyVaultProperties``. A
registry that is there must be replaced. It takes the sku Premium.
"""

from ..conditions import equals
from ..rule import ResourceRule, Severity, example

REGISTRY = "azure-native:containerregistry:Registry"


RULE = ResourceRule(
    id="ACR-11",
    title="Container registry is encrypted with a key of your own",
    severity=Severity.LOW,
    types=(REGISTRY,),
    check=equals("encryption.status", "enabled", absent="disabled"),
    covers=("azp:ACR_CMKEncryptionEnabled_Audit",),
    packs=("hardened",),
    remedy="encryption: {}",
    failing=(
        example("Azure's default", REGISTRY, {}),
        example("off", REGISTRY, {"encryption": {"status": "disabled"}}),
    ),
    passing=(
        example(
            "a key",
            REGISTRY,
            {
                "encryption": {
                    "status": "enabled",
                    "keyVaultProperties": {"keyIdentifier": "https://kv-churn.vault.azure.net/keys/key-churn"},
                }
            },
        ),
    ),
)
