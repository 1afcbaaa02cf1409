"""What is deleted from a storage account can be brought back for a week or longer.

What: the account has ``BlobServiceProperties`` with ``deleteRetentionPolicy.enabled`` true and ``days`` at least the
setting ``days``. Without them Azure deletes at once. Accounts of files alone are left alone.

Why: a wrong script, or somebody who means harm, otherwise takes data and models away for good.

Fix: give the account ``BlobServiceProperties`` with a ``deleteRetentionPolicy``; groundplan always keeps deleted
blobs for 30 days.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..conditions import all_of, at_least, differs, equals, referenced, when
from ..resource import Resource
from ..rule import Example, Facts, Option, ResourceRule, Said, Severity

ACCOUNT = "azure-native:storage:StorageAccount"
BLOBS = "azure-native:storage:BlobServiceProperties"

_STORE: Mapping[str, object] = {"type": ACCOUNT, "name": "store", "properties": {"accountName": "stchurn"}}


def _keeps(blobs: Resource, facts: Facts) -> Said:
    kept = all_of(
        equals("deleteRetentionPolicy.enabled", True, absent=False),
        at_least("deleteRetentionPolicy.days", facts.number("days")),
    )
    return kept(blobs, facts)


def _blobs(account: object = "stchurn", **properties: object) -> Mapping[str, object]:
    return {"type": BLOBS, "name": "blobs", "properties": {"accountName": account, **properties}}


RULE = ResourceRule(
    id="STO-12",
    title="Deleted blobs can be brought back",
    severity=Severity.MEDIUM,
    scope="graph",
    types=(ACCOUNT,),
    check=when(
        differs("kind", "FileStorage"),
        referenced(BLOBS, "accountName", "blob service properties that keep deleted blobs", by=_keeps),
        "an account of files alone has no blobs",
    ),
    covers=(
        "CKV2_AZURE_38",
        "Azure.Storage.SoftDelete",
        "AZU-0056",
        "storage_ensure_soft_delete_is_enabled",
    ),
    packs=("baseline", "hardened"),
    options={"days": Option(default=7, help="how many days deleted blobs are kept at least")},
    failing=(
        Example(name="nothing is said of blobs", resources=[_STORE]),
        Example(name="off", resources=[_STORE, _blobs(deleteRetentionPolicy={"enabled": False})]),
        Example(name="too short", resources=[_STORE, _blobs(deleteRetentionPolicy={"enabled": True, "days": 6})]),
        Example(
            name="kept in another account",
            resources=[_STORE, _blobs("stother", deleteRetentionPolicy={"enabled": True, "days": 30})],
        ),
    ),
    passing=(
        Example(name="a week", resources=[_STORE, _blobs(deleteRetentionPolicy={"enabled": True, "days": 7})]),
        Example(
            name="by reference",
            resources=[_STORE, _blobs("${store.name}", deleteRetentionPolicy={"enabled": True, "days": 30})],
        ),
        Example(
            name="shorter, as the setting allows",
            resources=[_STORE, _blobs(deleteRetentionPolicy={"enabled": True, "days": 3})],
            settings={"days": 3},
        ),
    ),
)
