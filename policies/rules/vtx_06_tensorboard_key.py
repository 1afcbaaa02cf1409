"""A TensorBoard of Vertex AI is encrypted with a key of your own.

What: ``encryptionSpec.kmsKeyName`` names a key.

Why: with Google's own key nobody but Google can take the data out of reach; a key of your own can be revoked, its use
is logged, and its rotation is yours.

Fix: set ``encryption: {}`` in groundplan.yaml, or ``encryptionSpec.kmsKeyName`` on the TensorBoard; it cannot be
changed afterwards without making the TensorBoard anew.
"""

from ..conditions import is_set
from ..rule import ResourceRule, Severity, example

TENSORBOARD = "gcp:vertex/aiTensorboard:AiTensorboard"

KEY = {"encryptionSpec": {"kmsKeyName": "projects/p/locations/europe-west4/keyRings/r/cryptoKeys/k"}}

RULE = ResourceRule(
    id="VTX-06",
    title="TensorBoard encrypted with a key of your own",
    severity=Severity.MEDIUM,
    types=(TENSORBOARD,),
    check=is_set("encryptionSpec.kmsKeyName", "a key of Cloud KMS"),
    covers=("CKV2_GCP_26",),
    packs=("hardened",),
    remedy="encryption: {}",
    failing=(
        example("Google's own key", TENSORBOARD, {}),
        example("an empty name", TENSORBOARD, {"encryptionSpec": {"kmsKeyName": ""}}),
    ),
    passing=(
        example("a key by its name", TENSORBOARD, KEY),
        example("a key of the same program", TENSORBOARD, {"encryptionSpec": {"kmsKeyName": "${key.id}"}}),
    ),
)
