"""A secret says what kind of thing it holds.

What: ``properties.contentType`` is set.

Why: who must renew a secret has to know whether it is a password, a connection string or a certificate, without
opening it.

Fix: set ``contentType``, such as password or application/x-pem-file.
"""

from ..conditions import is_set
from ..rule import ResourceRule, Severity, example

TYPE = "azure-native:keyvault:Secret"


RULE = ResourceRule(
    id="KV-09",
    title="Secret in a vault says what it is",
    severity=Severity.LOW,
    types=(TYPE,),
    check=is_set("properties.contentType", "what kind of thing the secret is"),
    covers=(
        "CKV_AZURE_114",
        "azp:Secrets_ContentTypeSet",
        "AZU-0015",
    ),
    packs=("hardened",),
    failing=(
        example("nothing is said", TYPE, {"properties": {"value": "x"}}),
        example("an empty text", TYPE, {"properties": {"value": "x", "contentType": ""}}),
    ),
    passing=(example("a password", TYPE, {"properties": {"value": "x", "contentType": "password"}}),),
)
