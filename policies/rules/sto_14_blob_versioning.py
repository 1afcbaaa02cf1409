"""A storage account keeps what a blob was before it was overwritten.

What: the account has ``BlobServiceProperties`` with ``isVersioningEnabled`` true. Without them Azure keeps none.
Accounts of files alone, and hierarchical ones, which cannot keep versions, are left alone.

Why: a training set or a model that is overwritten changes under the name that the lineage has written down.

Fix: give the account ``BlobServiceProperties`` with ``isVersioningEnabled: true``; groundplan always does.

Decided: published rules ask it of hierarchical accounts too, where Azure refuses it.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..conditions import all_of, differs, equals, referenced, when
from ..rule import Example, ResourceRule, Severity

ACCOUNT = "azure-native:storage:StorageAccount"
BLOBS = "azure-native:storage:BlobServiceProperties"

_STORE: Mapping[str, object] = {"type": ACCOUNT, "name": "store", "properties": {"accountName": "stchurn"}}


def _blobs(account: object = "stchurn", **properties: object) -> Mapping[str, object]:
    return {"type": BLOBS, "name": "blobs", "properties": {"accountName": account, **properties}}


RULE = ResourceRule(
    id="STO-14",
    title="Blobs keep their versions",
    severity=Severity.MEDIUM,
    scope="graph",
    types=(ACCOUNT,),
    check=when(
        all_of(differs("kind", "FileStorage"), differs("isHnsEnabled", True, absent=False)),
        referenced(
            BLOBS,
            "accountName",
            "blob service properties that keep versions",
            by=equals("isVersioningEnabled", True, absent=False),
        ),
        "an account that is hierarchical, or of files alone, cannot keep versions",
    ),
    covers=(
        "azp:StorageAccountEnableBlobVersion_Audit",
        "storage_blob_versioning_is_enabled",
    ),
    packs=("baseline", "hardened"),
    failing=(
        Example(name="nothing is said of blobs", resources=[_STORE]),
        Example(name="off", resources=[_STORE, _blobs(isVersioningEnabled=False)]),
        Example(name="of another account", resources=[_STORE, _blobs("stother", isVersioningEnabled=True)]),
    ),
    passing=(
        Example(name="kept", resources=[_STORE, _blobs(isVersioningEnabled=True)]),
        Example(name="by reference", resources=[_STORE, _blobs("${store.name}", isVersioningEnabled=True)]),
    ),
)
