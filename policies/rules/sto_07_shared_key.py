"""A storage account asks for an identity, never for a shared key.

What: ``allowSharedKeyAccess`` is false. Where the property is absent Azure takes true.

Why: a key opens everything in the account, names nobody in the log, and is in use until somebody renews it.

Fix: set ``allowSharedKeyAccess: false`` and give identities a role on the data; groundplan always does.
"""

from ..conditions import equals
from ..rule import ResourceRule, Severity, example

ACCOUNT = "azure-native:storage:StorageAccount"


RULE = ResourceRule(
    id="STO-07",
    title="Storage account takes no shared key",
    severity=Severity.HIGH,
    types=(ACCOUNT,),
    check=equals("allowSharedKeyAccess", False, absent=True),
    covers=(
        "CKV2_AZURE_40",
        "azp:StorageAccountAllowSharedKeyAccess_Audit",
        "storage_account_key_access_disabled",
    ),
    packs=("baseline", "hardened"),
    failing=(
        example("Azure's default", ACCOUNT, {}),
        example("allowed", ACCOUNT, {"allowSharedKeyAccess": True}),
    ),
    passing=(example("refused", ACCOUNT, {"allowSharedKeyAccess": False}),),
)
