"""A storage account answers over HTTPS only.

What: ``enableHttpsTrafficOnly`` is true. Where the property is absent Azure takes true, as every API version since
2019-04-01 does.

Why: over plain HTTP whoever is on the way reads the data and the tokens that ask for it.

Fix: remove ``enableHttpsTrafficOnly`` or set it to true; groundplan always does. A share that is mounted over NFS 3.0
needs an account of its own, with an exemption.
"""

from ..conditions import equals
from ..rule import ResourceRule, Severity, example

ACCOUNT = "azure-native:storage:StorageAccount"


RULE = ResourceRule(
    id="STO-01",
    title="Storage account takes HTTPS only",
    severity=Severity.HIGH,
    types=(ACCOUNT,),
    check=equals("enableHttpsTrafficOnly", True, absent=True),
    covers=(
        "CKV_AZURE_3",
        "Azure.Storage.SecureTransfer",
        "AZU-0008",
        "AC_AZURE_0373",
        "storage_secure_transfer_required_is_enabled",
    ),
    packs=("baseline", "hardened"),
    failing=(example("plain HTTP", ACCOUNT, {"enableHttpsTrafficOnly": False}),),
    passing=(
        example("HTTPS", ACCOUNT, {"enableHttpsTrafficOnly": True}),
        example("Azure's default", ACCOUNT, {}),
    ),
)
