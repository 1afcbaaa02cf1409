"""What Google Cloud asks of buckets, their folders, and BigQuery datasets."""

from __future__ import annotations

from ...contract.rules import NameRule, TypeRules

_BUCKET = "cloud.google.com/storage/docs/json_api/v1/buckets"
_DATASET = "cloud.google.com/bigquery/docs/reference/rest/v2/datasets"

RULES = {
    "gcp:storage/bucket:Bucket": TypeRules(
        source=f"{_BUCKET}, cloud.google.com/storage/docs/buckets#naming",
        name=NameRule(
            property="name",
            pattern=r"(?!goog)(?!.*g[o0]{2}g[l1]e)[a-z0-9][a-z0-9_-]*[a-z0-9]",
            minimum=3,
            maximum=63,
            unique="global",
        ),
        stateful=True,
        loses="every object in the bucket, models and data",
        replaced_by=frozenset({"project", "name", "location", "enableObjectRetention", "hierarchicalNamespace"}),
        choices={
            "publicAccessPrevention": frozenset({"enforced", "inherited"}),
            "storageClass": frozenset({"STANDARD", "NEARLINE", "COLDLINE", "ARCHIVE"}),
            "lifecycleRules.action.type": frozenset({"Delete", "SetStorageClass", "AbortIncompleteMultipartUpload"}),
            "lifecycleRules.condition.withState": frozenset({"LIVE", "ARCHIVED", "ANY"}),
        },
        ranges={"softDeletePolicy.retentionDurationSeconds": (0, 7776000), "lifecycleRules.condition.age": (0, 36500)},
    ),
    "gcp:storage/managedFolder:ManagedFolder": TypeRules(
        source="cloud.google.com/storage/docs/json_api/v1/managedFolders",
        name=NameRule(property="name", pattern=r"([^/]+/){1,15}", minimum=2, maximum=1024, unique="parent"),
        replaced_by=frozenset({"bucket", "name"}),
    ),
    "gcp:storage/bucketIAMMember:BucketIAMMember": TypeRules(
        source="cloud.google.com/storage/docs/access-control/iam-roles",
        replaced_by=frozenset({"bucket", "role", "member", "condition"}),
    ),
    "gcp:bigquery/dataset:Dataset": TypeRules(
        source=_DATASET,
        name=NameRule(property="datasetId", pattern=r"[A-Za-z0-9_]+", minimum=1, maximum=1024, unique="account"),
        stateful=True,
        loses="every table in the dataset",
        replaced_by=frozenset({"project", "datasetId", "location"}),
        ranges={
            "defaultTableExpirationMs": (3600000, float("inf")),
            "defaultPartitionExpirationMs": (0, float("inf")),
        },
        choices={"maxTimeTravelHours": frozenset({"48", "72", "96", "120", "144", "168"})},
    ),
    "gcp:bigquery/datasetIamMember:DatasetIamMember": TypeRules(
        source=f"{_DATASET}/get",
        replaced_by=frozenset({"project", "datasetId", "role", "member", "condition"}),
    ),
}
"""By type token."""
