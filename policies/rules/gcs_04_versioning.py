"""A bucket keeps what is overwritten or deleted.

What: ``versioning.enabled`` is true. Google leaves it off.

Why: with versions a deleted data set or a model that somebody overwrote can be had back, and a run can name what it
read.

Fix: set ``versioning: {enabled: true}``, with a lifecycle rule that ends old versions; groundplan's buckets have
both.
"""

from ..conditions import equals
from ..rule import ResourceRule, Severity, example

BUCKET = "gcp:storage/bucket:Bucket"

RULE = ResourceRule(
    id="GCS-04",
    title="Bucket with versions",
    severity=Severity.LOW,
    types=(BUCKET,),
    check=equals("versioning.enabled", True, absent=False),
    covers=(
        "CKV_GCP_78",
        "GCP-0078",
        "custom.storageRequireBucketObjectVersionning",
        "cloudstorage_bucket_versioning_enabled",
    ),
    packs=("baseline", "hardened"),
    failing=(
        example("Google's default", BUCKET, {"location": "EUROPE-WEST4"}),
        example("off", BUCKET, {"versioning": {"enabled": False}}),
    ),
    passing=(example("on", BUCKET, {"versioning": {"enabled": True}}),),
)
