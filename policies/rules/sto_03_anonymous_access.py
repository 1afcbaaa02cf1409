"""Nobody reads blobs of a storage account without saying who they are.

What: ``allowBlobPublicAccess`` is false. Where the property is absent Azure takes false.

Why: with it on, one container that is set to public hands its data to everybody who guesses the name, and a training
set is copied once and for ever.

Fix: set ``allowBlobPublicAccess: false``; groundplan always does.

Decided: some published rules fail an absent property, because accounts that were made before 2024 may allow it then.
Azure takes false for every new account, so absence passes; write the property for an account that is older.
"""

from ..conditions import equals
from ..rule import Remediation, ResourceRule, Severity, example

ACCOUNT = "azure-native:storage:StorageAccount"


RULE = ResourceRule(
    id="STO-03",
    title="Storage account allows no anonymous access to blobs",
    severity=Severity.HIGH,
    types=(ACCOUNT,),
    check=equals("allowBlobPublicAccess", False, absent=False),
    covers=(
        "CKV_AZURE_190",
        "CKV2_AZURE_47",
        "azp:ASC_Storage_DisallowPublicBlobAccess_Audit",
        "Azure.Storage.BlobPublicAccess",
        "AZU-0007",
        "storage_blob_public_access_level_is_disabled",
    ),
    packs=("baseline", "hardened"),
    remediation=Remediation(properties={"allowBlobPublicAccess": False}),
    failing=(example("allowed", ACCOUNT, {"allowBlobPublicAccess": True}),),
    passing=(
        example("refused", ACCOUNT, {"allowBlobPublicAccess": False}),
        example("Azure's default", ACCOUNT, {}),
    ),
)
