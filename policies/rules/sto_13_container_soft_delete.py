"""A container that is deleted from a storage account can be brought back.

What: the account has ``BlobServiceProperties`` with ``containerDeleteRetentionPolicy.enabled`` true. Without them
Azure deletes at once. Accounts of files alone are left alone.

Why: keeping deleted blobs does not help when the container goes with all that is in it.

Fix: give the account ``BlobServiceProperties`` with a ``containerDeleteRetentionPolicy``; groundplan always keeps
deleted containers for 30 days.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..conditions import differs, equals, referenced, when
from ..rule import Example, ResourceRule, Severity

ACCOUNT = "azure-native:storage:StorageAccount"
BLOBS = "azure-native:storage:BlobServiceProperties"

_STORE: Mapping[str, object] = {"type": ACCOUNT, "name": "store", "properties": {"accountName": "stchurn"}}


def _blobs(account: object = "stchurn", **properties: object) -> Mapping[str, object]:
    return {"type": BLOBS, "name": "blobs", "properties": {"accountName": account, **properties}}


RULE = ResourceRule(
    id="STO-13",
    title="Deleted containers can be brought back",
    severity=Severity.MEDIUM,
    scope="graph",
    types=(ACCOUNT,),
    check=when(
        differs("kind", "FileStorage"),
        referenced(
            BLOBS,
            "accountName",
            "blob service properties that keep deleted containers",
            by=equals("containerDeleteRetentionPolicy.enabled", True, absent=False),
        ),
        "an account of files alone has no blobs",
    ),
    covers=("Azure.Storage.ContainerSoftDelete",),
    packs=("baseline", "hardened"),
    failing=(
        Example(name="nothing is said of blobs", resources=[_STORE]),
        Example(name="blobs alone", resources=[_STORE, _blobs(deleteRetentionPolicy={"enabled": True, "days": 7})]),
        Example(name="off", resources=[_STORE, _blobs(containerDeleteRetentionPolicy={"enabled": False})]),
    ),
    passing=(
        Example(name="kept", resources=[_STORE, _blobs(containerDeleteRetentionPolicy={"enabled": True, "days": 7})]),
        Example(
            name="by reference",
            resources=[_STORE, _blobs("${store.name}", containerDeleteRetentionPolicy={"enabled": True})],
        ),
    ),
)
