"""A key or a key ring is given to nobody in general.

What: no member of a grant on a key or on a ring of keys is ``allUsers`` or ``allAuthenticatedUsers``.

Why: who may use the key reads everything that is encrypted with it.

Fix: name the service agents and people that need it. groundplan grants the key to single service agents.
"""

from .. import principals
from ..rule import ResourceRule, Severity, example

GRANTS = principals.types("gcp:kms:CryptoKeyIAM", "gcp:kms:KeyRingIAM")
ON = {"cryptoKeyId": "k"}

RULE = ResourceRule(
    id="KMS-03",
    title="Keys and key rings not public",
    severity=Severity.CRITICAL,
    types=GRANTS,
    check=principals.private,
    covers=(
        "CKV_GCP_112",
        "CKV2_GCP_6",
        "CKV2_GCP_8",
        "kms_key_not_publicly_accessible",
    ),
    packs=("baseline", "hardened"),
    failing=(
        *principals.open_grants(GRANTS, ON),
        example("a ring", principals.types("gcp:kms:KeyRingIAM")[0], {"keyRingId": "r", "member": "allUsers"}),
    ),
    passing=principals.closed_grants(GRANTS, ON),
)
