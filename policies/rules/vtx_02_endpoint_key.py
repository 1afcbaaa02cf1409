"""A Vertex AI endpoint is encrypted with a key of your own.

What: ``encryptionSpec.kmsKeyName`` names a key. What the endpoint holds is then encrypted with it.

Why: with Google's own key nobody but Google can take the data out of reach; a key of your own can be revoked, its use
is logged, and its rotation is yours.

Fix: set ``encryption: {}`` in groundplan.yaml, or ``encryptionSpec.kmsKeyName`` on the endpoint; it cannot be changed
afterwards without making the endpoint anew.
"""

from ..conditions import is_set
from ..rule import ResourceRule, Severity, example

ENDPOINT = "gcp:vertex/aiEndpoint:AiEndpoint"

KEY = {"encryptionSpec": {"kmsKeyName": "projects/p/locations/europe-west4/keyRings/r/cryptoKeys/k"}}

RULE = ResourceRule(
    id="VTX-02",
    title="Endpoint encrypted with a key of your own",
    severity=Severity.MEDIUM,
    types=(ENDPOINT,),
    check=is_set("encryptionSpec.kmsKeyName", "a key of Cloud KMS"),
    covers=("CKV2_GCP_24",),
    packs=("hardened",),
    remedy="encryption: {}",
    failing=(
        example("Google's own key", ENDPOINT, {}),
        example("an empty name", ENDPOINT, {"encryptionSpec": {"kmsKeyName": ""}}),
    ),
    passing=(
        example("a key by its name", ENDPOINT, KEY),
        example("a key of the same program", ENDPOINT, {"encryptionSpec": {"kmsKeyName": "${key.id}"}}),
    ),
)
