"""A storage account is encrypted below its own encryption once more, with another key.

What: ``encryption.requireInfrastructureEncryption`` is true. Where the property is absent Azure encrypts once.

Why: when one key or one algorithm is broken, the other still holds.

Fix: set ``encryption.requireInfrastructureEncryption: true`` before the account is made; groundplan always does. An
account that is there must be replaced.
"""

from ..conditions import equals
from ..rule import ResourceRule, Severity, example

ACCOUNT = "azure-native:storage:StorageAccount"


RULE = ResourceRule(
    id="STO-10",
    title="Storage account is encrypted twice",
    severity=Severity.LOW,
    types=(ACCOUNT,),
    check=equals("encryption.requireInfrastructureEncryption", True, absent=False),
    covers=(
        "azp:StorageAccountInfrastructureEncryptionEnabled_Audit",
        "AZU-0061",
        "storage_infrastructure_encryption_is_enabled",
    ),
    packs=("hardened",),
    failing=(
        example("Azure's default", ACCOUNT, {}),
        example("once", ACCOUNT, {"encryption": {"requireInfrastructureEncryption": False}}),
    ),
    passing=(example("twice", ACCOUNT, {"encryption": {"requireInfrastructureEncryption": True}}),),
)
