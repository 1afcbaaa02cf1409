"""No key is in use for ever.

What: ``properties.attributes.expires`` is set, or an entry of ``properties.rotationPolicy.lifetimeActions`` has the
action rotate.

Why: the longer a key is in use, the more is lost when it leaks, and a key that nobody must renew is never renewed.

Fix: write ``encryption.rotation`` in groundplan.yaml, which renews the key by itself, or set ``expires`` on a key
that people renew.

Decided: published rules want an end on every key. A key that encrypts storage, registry or workspace takes them with
it when it ends, and one that renews itself is never old, so that passes too.
"""

from ..conditions import any_of, is_set
from ..rule import ResourceRule, Severity, example
from ..vault_keys import KEY, example_of, renews

RULE = ResourceRule(
    id="KV-07",
    title="Key in a vault expires or renews itself",
    severity=Severity.HIGH,
    types=(KEY,),
    check=any_of(is_set("properties.attributes.expires", "a time, in seconds since 1970"), renews),
    covers=(
        "CKV_AZURE_40",
        "azp:Keys_ExpirationSet",
        "AZU-0014",
        "keyvault_rbac_key_expiration_set",
    ),
    packs=("hardened",),
    remedy="encryption.rotation: 90d",
    failing=(example("neither", KEY, {"properties": {"kty": "RSA"}}), example_of("it only warns", "notify")),
    passing=(
        example("expires", KEY, {"properties": {"attributes": {"expires": 1798761600}}}),
        example_of("renews itself", "rotate"),
    ),
)
