"""Storage at Google Cloud: buckets of data and of artifacts, BigQuery datasets of features and of logged requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pulumi
from pulumi_gcp import bigquery, storage

from ..contract.component import Component
from ..contract.context import AfterUp, Context
from ..contract.encryption import EncryptionKey
from ..contract.identity import workloads
from ..contract.storage import StorageArguments, StorageOutputs
from . import encryption, names, roles
from .labels import labels

_DAY: Final = 86400
_SOFT_DELETE_DAYS: Final = 7
_OLD_VERSION_DAYS: Final = 30
_TEMPORARY_DAYS: Final = 30
_REQUESTS_DAYS: Final = 180


class Storage(Component):
    """Makes what keeps data: never public, versioned, and open to the environment's own identities only."""

    platform = "vertex"

    def __init__(
        self,
        name: str,
        context: Context,
        arguments: StorageArguments,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, context, opts)
        self._encryption = arguments.encryption
        self._before = (
            *arguments.foundation.ready,
            *encryption.grants(self, arguments.encryption, arguments.foundation, "storage", "bigquery"),
        )
        data = self._bucket("data", names.data_bucket(context), [_old_versions()])
        artifacts = self._bucket(
            "artifacts",
            names.artifacts_bucket(context),
            [
                _old_versions(),
                _expiry(_TEMPORARY_DAYS, "cache/", "staging/"),
                _expiry(arguments.artifact_retention_days, "runs/"),
            ],
        )
        features = self._dataset("features", names.features_dataset(context), "Tables that hold features")
        ready: list[pulumi.Resource] = [data, artifacts, features]
        if arguments.log_requests:
            requests = self._dataset(
                "requests", names.requests_dataset(context), "Requests that endpoints log", days=_REQUESTS_DAYS
            )
            ready.append(requests)
        ready += self._grants(arguments, data, artifacts, features)
        self.outputs = StorageOutputs(
            artifacts_uri=f"gs://{names.artifacts_bucket(context)}/artifacts",
            cache_uri=f"gs://{names.artifacts_bucket(context)}/cache",
            data_uri=f"gs://{names.data_bucket(context)}",
            requests_uri=_big_query(context) if arguments.log_requests else "",
            name=names.artifacts_bucket(context),
            id=artifacts.id,
            ready=tuple(ready),
        )
        if self._encryption is not None:
            self.steps = (_agents(context),)
        self.done({"artifacts_uri": self.outputs.artifacts_uri, "data_uri": self.outputs.data_uri})

    def _bucket(self, purpose: str, name: str, rules: Sequence[storage.BucketLifecycleRuleArgsDict]) -> storage.Bucket:
        return storage.Bucket(
            f"{self.name}-{purpose}",
            project=self.context.account.project,
            name=name,
            location=self.context.region.upper(),
            storage_class="STANDARD",
            uniform_bucket_level_access=True,
            public_access_prevention="enforced",
            versioning={"enabled": True},
            soft_delete_policy={"retention_duration_seconds": _SOFT_DELETE_DAYS * _DAY},
            lifecycle_rules=list(rules),
            encryption=_key_of_bucket(self._encryption),
            force_destroy=False,
            labels=labels(self.context, purpose=purpose),
            opts=self.child(stateful=True, depends_on=list(self._before)),
        )

    def _dataset(self, purpose: str, name: str, description: str, days: int | None = None) -> bigquery.Dataset:
        """Partitions, and tables that have none, go after ``days``; without it they stay."""
        milliseconds = None if days is None else days * _DAY * 1000
        return bigquery.Dataset(
            f"{self.name}-{purpose}",
            project=self.context.account.project,
            dataset_id=name,
            location=self.context.region,
            description=description,
            default_table_expiration_ms=milliseconds,
            default_partition_expiration_ms=milliseconds,
            max_time_travel_hours="168",
            delete_contents_on_destroy=False,
            default_encryption_configuration=_key_of_dataset(self._encryption),
            labels=labels(self.context, purpose=purpose),
            opts=self.child(stateful=True, depends_on=list(self._before)),
        )

    def _grants(
        self,
        arguments: StorageArguments,
        data: storage.Bucket,
        artifacts: storage.Bucket,
        features: bigquery.Dataset,
    ) -> list[pulumi.Resource]:
        """Pipelines read and write, endpoints read what they answer with, people's machines read data."""
        who = workloads(arguments.identity)
        on_buckets = (
            ("pipeline-data", data, roles.STORAGE_OBJECT_USER, who.pipeline),
            ("pipeline-artifacts", artifacts, roles.STORAGE_OBJECT_USER, who.pipeline),
            ("endpoint-artifacts", artifacts, roles.STORAGE_OBJECT_VIEWER, who.endpoint),
            ("workspace-data", data, roles.STORAGE_OBJECT_VIEWER, who.workspace),
            ("workspace-artifacts", artifacts, roles.STORAGE_OBJECT_USER, who.workspace),
        )
        on_features = (
            ("pipeline-features", roles.BIGQUERY_DATA_EDITOR, who.pipeline),
            ("endpoint-features", roles.BIGQUERY_DATA_VIEWER, who.endpoint),
            ("workspace-features", roles.BIGQUERY_DATA_VIEWER, who.workspace),
        )
        return [
            *(
                roles.bucket_member(self, name, bucket.name, role, one.principal)
                for name, bucket, role, one in on_buckets
            ),
            *(
                roles.dataset_member(self, name, features.dataset_id, role, one.principal)
                for name, role, one in on_features
            ),
        ]


def _agents(context: Context) -> AfterUp:
    """Cloud Storage and BigQuery make the agents that use the key when somebody first asks for them by name."""
    project = context.account.project
    return AfterUp(
        title="Have Cloud Storage and BigQuery make their service agents, before the first up",
        reason="no resource makes them, and to an agent that does not exist the key cannot be given",
        command=f"gcloud storage service-agent --project={project} && bq show --encryption_service_account "
        f"--project_id={project}",
    )


def _big_query(context: Context) -> str:
    return f"bq://{context.account.project}.{names.requests_dataset(context)}"


def _old_versions() -> storage.BucketLifecycleRuleArgsDict:
    """What was overwritten or deleted stays for a while, and then no longer costs."""
    return {
        "action": {"type": "Delete"},
        "condition": {"days_since_noncurrent_time": _OLD_VERSION_DAYS, "with_state": "ARCHIVED"},
    }


def _expiry(days: int, *folders: str) -> storage.BucketLifecycleRuleArgsDict:
    return {
        "action": {"type": "Delete"},
        "condition": {"age": days, "matches_prefixes": list(folders), "with_state": "LIVE"},
    }


def _key_of_bucket(encryption: EncryptionKey | None) -> storage.BucketEncryptionArgs | None:
    return None if encryption is None else storage.BucketEncryptionArgs(default_kms_key_name=encryption.key_id)


def _key_of_dataset(encryption: EncryptionKey | None) -> bigquery.DatasetDefaultEncryptionConfigurationArgs | None:
    if encryption is None:
        return None
    return bigquery.DatasetDefaultEncryptionConfigurationArgs(kms_key_name=encryption.key_id)
