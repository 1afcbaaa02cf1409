"""That a type has one token, however it is written. Proves nothing of which tokens a provider's release brings."""

from __future__ import annotations

import pytest
from groundplan.policies.tokens import normalised, type_in


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("azure-native:storage:StorageAccount", "azure-native:storage:StorageAccount"),
        ("azure-native:storage/v20240101:StorageAccount", "azure-native:storage:StorageAccount"),
        ("azure-native:storage/v20240101preview:StorageAccount", "azure-native:storage:StorageAccount"),
        ("azure-native_storage_v20240101:storage:StorageAccount", "azure-native:storage:StorageAccount"),
        ("azure-native_storage_v20240101:storage/v20240101:StorageAccount", "azure-native:storage:StorageAccount"),
        ("azure-native_insights_v20200202:insights:Component", "azure-native:applicationinsights:Component"),
        ("azure-native:insights/v20200202:Component", "azure-native:applicationinsights:Component"),
        ("gcp:storage:Bucket", "gcp:storage/bucket:Bucket"),
        ("gcp:storage/bucket:Bucket", "gcp:storage/bucket:Bucket"),
        ("azure-native_storage:storage:StorageAccount", "azure-native_storage:storage:StorageAccount"),
        ("random:index/randomId:RandomId", "random:index/randomId:RandomId"),
        ("", ""),
    ],
)
def test_a_type_has_one_token_however_it_is_written(written: str, expected: str) -> None:
    assert normalised(written) == expected


@pytest.mark.parametrize(
    ("urn", "expected"),
    [
        ("urn:pulumi:dev::churn::gcp:storage/bucket:Bucket::data", "gcp:storage/bucket:Bucket"),
        (
            "urn:pulumi:dev::churn::team:Storage$gcp:storage/bucket:Bucket::a::b",
            "gcp:storage/bucket:Bucket",
        ),
        ("gcp:storage:Bucket::data", "gcp:storage/bucket:Bucket"),
        ("urn:pulumi:dev::churn", ""),
        ("", ""),
    ],
)
def test_a_urn_tells_its_resources_type(urn: str, expected: str) -> None:
    assert type_in(urn) == expected
