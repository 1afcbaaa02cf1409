"""No secret is in use for ever.

What: ``properties.attributes.expires`` is set.

Why: a password or token that has leaked works until somebody renews it, and without an end nobody does.

Fix: set ``attributes.expires``, in seconds since 1970, and renew the secret before. groundplan makes no secrets: what
it can, it does without one.
"""

from ..conditions import is_set
from ..rule import ResourceRule, Severity, example

TYPE = "azure-native:keyvault:Secret"


RULE = ResourceRule(
    id="KV-08",
    title="Secret in a vault expires",
    severity=Severity.HIGH,
    types=(TYPE,),
    check=is_set("properties.attributes.expires", "a time, in seconds since 1970"),
    covers=(
        "CKV_AZURE_41",
        "azp:Secrets_ExpirationSet",
        "AZU-0017",
        "keyvault_rbac_secret_expiration_set",
    ),
    packs=("hardened",),
    failing=(example("no end", TYPE, {"properties": {"value": "x"}}),),
    passing=(example("an end", TYPE, {"properties": {"value": "x", "attributes": {"expires": 1798761600}}}),),
)
