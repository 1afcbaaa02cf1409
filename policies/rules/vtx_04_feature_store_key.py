"""A feature store of Vertex AI is encrypted with a key of your own.

What: ``encryptionSpec.kmsKeyName`` names a key, on an online store as on a store of the older kind.

Why: with Google's own key nobody but Google can take the data out of reach; a key of your own can be revoked, its use
is logged, and its rotation is yours.

Fix: set ``encryption: {}`` in groundplan.yaml, or ``encryptionSpec.kmsKeyName`` on the store; it cannot be changed
afterwards without making the store anew.

Decided: the published rule knows the older type only; today's online store holds the same data, so it is asked too.
"""

from ..conditions import is_set
from ..rule import ResourceRule, Severity, example

STORE = "gcp:vertex/aiFeatureOnlineStore:AiFeatureOnlineStore"
LEGACY = "gcp:vertex/aiFeatureStore:AiFeatureStore"

KEY = {"encryptionSpec": {"kmsKeyName": "projects/p/locations/europe-west4/keyRings/r/cryptoKeys/k"}}

RULE = ResourceRule(
    id="VTX-04",
    title="Feature store encrypted with a key of your own",
    severity=Severity.MEDIUM,
    types=(
        STORE,
        LEGACY,
    ),
    check=is_set("encryptionSpec.kmsKeyName", "a key of Cloud KMS"),
    covers=("CKV2_GCP_25",),
    packs=("hardened",),
    remedy="encryption: {}",
    failing=(
        example("Google's own key", STORE, {}),
        example("an empty name", STORE, {"encryptionSpec": {"kmsKeyName": ""}}),
        example("a store of the older kind", LEGACY, {}),
    ),
    passing=(
        example("a key by its name", STORE, KEY),
        example("a key of the same program", STORE, {"encryptionSpec": {"kmsKeyName": "${key.id}"}}),
        example("a store of the older kind", LEGACY, KEY),
    ),
)
