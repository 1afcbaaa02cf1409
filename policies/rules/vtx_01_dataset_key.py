"""A Vertex AI dataset is encrypted with a key of your own.

What: ``encryptionSpec.kmsKeyName`` names a key. Everything below the dataset is then encrypted with it.

Why: with Google's own key nobody but Google can take the data out of reach; a key of your own can be revoked, its use
is logged, and its rotation is yours.

Fix: set ``encryption: {}`` in groundplan.yaml, or ``encryptionSpec.kmsKeyName`` on the dataset; it cannot be changed
afterwards without making the dataset anew.
"""

from ..conditions import is_set
from ..rule import ResourceRule, Severity, example

DATASET = "gcp:vertex/aiDataset:AiDataset"

KEY = {"encryptionSpec": {"kmsKeyName": "projects/p/locations/europe-west4/keyRings/r/cryptoKeys/k"}}

RULE = ResourceRule(
    id="VTX-01",
    title="Dataset encrypted with a key of your own",
    severity=Severity.MEDIUM,
    types=(DATASET,),
    check=is_set("encryptionSpec.kmsKeyName", "a key of Cloud KMS"),
    covers=(
        "CKV_GCP_92",
        "vertexai/vertexAIDatasetEncryption",
    ),
    packs=("hardened",),
    remedy="encryption: {}",
    failing=(
        example("Google's own key", DATASET, {}),
        example("an empty name", DATASET, {"encryptionSpec": {"kmsKeyName": ""}}),
    ),
    passing=(
        example("a key by its name", DATASET, KEY),
        example("a key of the same program", DATASET, {"encryptionSpec": {"kmsKeyName": "${key.id}"}}),
    ),
)
