"""A bucket cannot be opened to the public.

What: ``publicAccessPrevention`` is enforced. Otherwise a bucket inherits what its project says, which is nothing by
default.

Why: with it no grant and no list can make an object public, not even by mistake.

Fix: set ``publicAccessPrevention: enforced``; groundplan's buckets have it.

Decided: an organisation may enforce it for all buckets. A plan does not show that, and a bucket may move; so it must
stand on the bucket.
"""

from ..conditions import equals
from ..rule import ResourceRule, Severity, example

BUCKET = "gcp:storage/bucket:Bucket"

RULE = ResourceRule(
    id="GCS-02",
    title="Bucket cannot be made public",
    severity=Severity.CRITICAL,
    types=(BUCKET,),
    check=equals("publicAccessPrevention", "enforced", absent="inherited"),
    covers=(
        "CKV_GCP_114",
        "constraints/storage.publicAccessPrevention",
        "gcp-storage-bucket-enforce-public-access-prevention",
    ),
    packs=("baseline", "hardened"),
    failing=(
        example("Google's default", BUCKET, {"location": "EUROPE-WEST4"}),
        example("inherited", BUCKET, {"publicAccessPrevention": "inherited"}),
    ),
    passing=(example("enforced", BUCKET, {"publicAccessPrevention": "enforced"}),),
)
