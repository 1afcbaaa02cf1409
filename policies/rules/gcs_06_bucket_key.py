"""A bucket is encrypted with a key of your own.

What: ``encryption.defaultKmsKeyName`` names a key: new objects are encrypted with it unless they ask for another.

Why: with Google's own key nobody but Google can take the data out of reach; a key of your own can be revoked, its use
is logged, and its rotation is yours.

Fix: set ``encryption: {}`` in groundplan.yaml, or ``encryption.defaultKmsKeyName`` on the bucket. Objects that are
there already keep the key that they were written with.
"""

from ..conditions import is_set
from ..rule import ResourceRule, Severity, example

BUCKET = "gcp:storage/bucket:Bucket"

KEY = {"encryption": {"defaultKmsKeyName": "projects/p/locations/europe-west4/keyRings/r/cryptoKeys/k"}}

RULE = ResourceRule(
    id="GCS-06",
    title="Bucket encrypted with a key of your own",
    severity=Severity.MEDIUM,
    types=(BUCKET,),
    check=is_set("encryption.defaultKmsKeyName", "a key of Cloud KMS"),
    covers=(
        "GCP-0066",
        "gcp_storage_cmek_encryption_v1",
        "constraints/gcp.restrictNonCmekServices",
    ),
    packs=("hardened",),
    remedy="encryption: {}",
    failing=(
        example("Google's own key", BUCKET, {}),
        example("an empty name", BUCKET, {"encryption": {"defaultKmsKeyName": ""}}),
    ),
    passing=(
        example("a key by its name", BUCKET, KEY),
        example("a key of the same program", BUCKET, {"encryption": {"defaultKmsKeyName": "${key.id}"}}),
    ),
)
