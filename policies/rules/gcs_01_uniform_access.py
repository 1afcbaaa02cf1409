"""Access to a bucket is decided in one place.

What: ``uniformBucketLevelAccess`` is true. Google leaves it off.

Why: without it every object has a list of its own, which no grant on the bucket shows and no review finds.

Fix: set ``uniformBucketLevelAccess: true``; groundplan's buckets have it. Lists on single objects then count no more,
and after 90 days it cannot be taken back.
"""

from ..conditions import equals
from ..rule import ResourceRule, Severity, example

BUCKET = "gcp:storage/bucket:Bucket"

RULE = ResourceRule(
    id="GCS-01",
    title="Bucket with uniform access",
    severity=Severity.MEDIUM,
    types=(BUCKET,),
    check=equals("uniformBucketLevelAccess", True, absent=False),
    covers=(
        "CKV_GCP_29",
        "GCP-0002",
        "constraints/storage.uniformBucketLevelAccess",
        "cloudstorage_bucket_uniform_bucket_level_access",
    ),
    packs=("baseline", "hardened"),
    failing=(
        example("Google's default", BUCKET, {"location": "EUROPE-WEST4"}),
        example("off", BUCKET, {"uniformBucketLevelAccess": False}),
    ),
    passing=(example("on", BUCKET, {"uniformBucketLevelAccess": True}),),
)
