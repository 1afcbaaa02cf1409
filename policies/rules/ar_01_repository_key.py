"""A repository of Artifact Registry is encrypted with a key of your own.

What: ``kmsKeyName`` names a key.

Why: images hold code and models; a key of your own can be revoked, and its use is logged.

Fix: set ``encryption: {}`` in groundplan.yaml, or ``kmsKeyName`` on the repository; it cannot be changed afterwards.
"""

from ..conditions import is_set
from ..rule import ResourceRule, Severity, example

REPOSITORY = "gcp:artifactregistry/repository:Repository"

RULE = ResourceRule(
    id="AR-01",
    title="Artifact Registry encrypted with a key of your own",
    severity=Severity.LOW,
    types=(REPOSITORY,),
    check=is_set("kmsKeyName", "a key of Cloud KMS"),
    covers=("CKV_GCP_84",),
    packs=("hardened",),
    remedy="encryption: {}",
    failing=(
        example("Google's own key", REPOSITORY, {"format": "DOCKER"}),
        example("an empty name", REPOSITORY, {"kmsKeyName": ""}),
    ),
    passing=(
        example("a key", REPOSITORY, {"kmsKeyName": "projects/p/locations/europe-west4/keyRings/r/cryptoKeys/k"}),
        example("a key of the same program", REPOSITORY, {"kmsKeyName": "${key.id}"}),
    ),
)
