"""A key never leaves a hardware module.

What: ``properties.kty`` is RSA-HSM or EC-HSM, which takes a vault of the sku premium.

Why: a key in software can be read by whoever gets into the service; one in a module can only be used.

Fix: write ``encryption.protection: hsm`` in groundplan.yaml, or make the key anew with ``kty: RSA-HSM``.
"""

from ..conditions import equals
from ..rule import ResourceRule, Severity, example

KEY = "azure-native:keyvault:Key"


RULE = ResourceRule(
    id="KV-10",
    title="Key in a vault lives in hardware",
    severity=Severity.LOW,
    types=(KEY,),
    check=equals("properties.kty", "RSA-HSM", "EC-HSM"),
    covers=(
        "CKV_AZURE_112",
        "azp:Keys_HSMBacked",
    ),
    packs=("hardened",),
    remedy="encryption.protection: hsm",
    failing=(
        example("software", KEY, {"properties": {"kty": "RSA"}}),
        example("nothing is said", KEY, {"properties": {}}),
    ),
    passing=(
        example("RSA", KEY, {"properties": {"kty": "RSA-HSM"}}),
        example("elliptic curves", KEY, {"properties": {"kty": "EC-HSM"}}),
    ),
)
