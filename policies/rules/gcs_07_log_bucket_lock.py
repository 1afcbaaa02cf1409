"""Logs in a bucket cannot be deleted before their time.

What: a bucket that a log sink writes to has ``retentionPolicy.isLocked`` true. Other buckets are not judged.

Why: who breaks in deletes the logs next; a locked retention stops even an owner.

Fix: set ``retentionPolicy: {retentionPeriod: …, isLocked: true}`` on the bucket. A lock cannot be taken back and its
period only grows, so choose the period with care.
"""

from ..conditions import any_of, equals, referenced, when
from ..rule import Example, ResourceRule, Severity

BUCKET = "gcp:storage/bucket:Bucket"
SINKS = tuple(
    f"gcp:logging/{name[0].lower()}{name[1:]}:{name}"
    for name in ("ProjectSink", "FolderSink", "OrganizationSink", "BillingAccountSink")
)


def _bucket(**properties: object) -> dict[str, object]:
    return {"type": BUCKET, "name": "logs", "properties": {"name": "acme-logs", **properties}}


def _sink(destination: str, type: str = SINKS[0]) -> dict[str, object]:
    return {"type": type, "name": "sink", "properties": {"destination": destination}}


_TO_IT = _sink("storage.googleapis.com/acme-logs")

RULE = ResourceRule(
    id="GCS-07",
    title="Log bucket with a locked retention",
    severity=Severity.LOW,
    scope="graph",
    types=(BUCKET,),
    check=when(
        any_of(*(referenced(one, "destination", "a sink that writes here") for one in SINKS)),
        equals("retentionPolicy.isLocked", True, absent=False),
        "no log sink writes to it",
    ),
    covers=("CKV2_GCP_4", "cloudstorage_bucket_log_retention_policy_lock"),
    packs=("hardened",),
    failing=(
        Example(name="no retention", resources=[_bucket(), _TO_IT]),
        Example(name="not locked", resources=[_bucket(retentionPolicy={"retentionPeriod": "2592000"}), _TO_IT]),
        Example(
            name="a sink of an organisation, by reference",
            resources=[_bucket(), _sink("storage.googleapis.com/${logs.name}", SINKS[2])],
        ),
    ),
    passing=(
        Example(
            name="locked",
            resources=[_bucket(retentionPolicy={"retentionPeriod": "2592000", "isLocked": True}), _TO_IT],
        ),
    ),
)
