"""A key is renewed without anybody having to think of it.

What: an entry of ``properties.rotationPolicy.lifetimeActions`` has the action rotate.

Why: a key that people renew by hand is renewed late or never, and the day it ends everything stops.

Fix: write ``encryption.rotation`` in groundplan.yaml, or give the key a ``rotationPolicy`` with an action rotate.

Decided: some published rules take any policy. One that only sends a warning renews nothing, so it fails.
"""

from ..rule import ResourceRule, Severity, example
from ..vault_keys import KEY, example_of, renews

RULE = ResourceRule(
    id="KV-11",
    title="Key in a vault renews itself",
    severity=Severity.MEDIUM,
    types=(KEY,),
    check=renews,
    covers=(
        "azp:Keys_KeyRotationPolicy_MaximumDaysToRotate",
        "Azure.KeyVault.AutoRotationPolicy",
        "keyvault_key_rotation_enabled",
    ),
    packs=("hardened",),
    remedy="encryption.rotation: 90d",
    failing=(example("no policy", KEY, {"properties": {"kty": "RSA"}}), example_of("it only warns", "notify")),
    passing=(example_of("renews itself", "rotate"),),
)
