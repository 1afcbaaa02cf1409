"""The metadata store of Vertex AI is encrypted with a key of your own.

What: ``encryptionSpec.kmsKeyName`` names a key. The store holds the lineage of models: names, parameters and metrics.

Why: with Google's own key nobody but Google can take the data out of reach; a key of your own can be revoked, its use
is logged, and its rotation is yours.

Fix: set ``encryption: {}`` in groundplan.yaml, or ``encryptionSpec.kmsKeyName`` on the store; it cannot be changed
afterwards without making the store anew.
"""

from ..conditions import is_set
from ..rule import ResourceRule, Severity, example

STORE = "gcp:vertex/aiMetadataStore:AiMetadataStore"

KEY = {"encryptionSpec": {"kmsKeyName": "projects/p/locations/europe-west4/keyRings/r/cryptoKeys/k"}}

RULE = ResourceRule(
    id="VTX-05",
    title="Metadata store encrypted with a key of your own",
    severity=Severity.MEDIUM,
    types=(STORE,),
    check=is_set("encryptionSpec.kmsKeyName", "a key of Cloud KMS"),
    covers=("CKV_GCP_96",),
    packs=("hardened",),
    remedy="encryption: {}",
    failing=(
        example("Google's own key", STORE, {}),
        example("an empty name", STORE, {"encryptionSpec": {"kmsKeyName": ""}}),
    ),
    passing=(
        example("a key by its name", STORE, KEY),
        example("a key of the same program", STORE, {"encryptionSpec": {"kmsKeyName": "${key.id}"}}),
    ),
)
