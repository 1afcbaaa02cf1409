"""Signatures that give access to a storage account do not hold for ever.

What: ``sasPolicy.sasExpirationPeriod`` is set, or ``allowSharedKeyAccess`` is false, so that no signature can be made
with a key.

Why: a signature is a password in an address: it lands in logs and mails, and without an end it works years later.

Fix: set ``allowSharedKeyAccess: false``, as groundplan does, or ``sasPolicy`` with a ``sasExpirationPeriod`` such as
1.00:00:00.

Decided: a signature that a person's own identity makes is left alone: Azure ends it after seven days at most.
"""

from ..conditions import any_of, equals, is_set
from ..rule import ResourceRule, Severity, example

ACCOUNT = "azure-native:storage:StorageAccount"

_keyless = equals("allowSharedKeyAccess", False, absent=True)


RULE = ResourceRule(
    id="STO-08",
    title="Shared access signatures of a storage account expire",
    severity=Severity.LOW,
    types=(ACCOUNT,),
    check=any_of(is_set("sasPolicy.sasExpirationPeriod", "a period"), _keyless),
    covers=(
        "CKV2_AZURE_41",
        "azp:StorageAccountSasPolicy_Restrict",
    ),
    packs=("baseline", "hardened"),
    failing=(
        example("keys and no policy", ACCOUNT, {}),
        example("keys are allowed", ACCOUNT, {"allowSharedKeyAccess": True}),
    ),
    passing=(
        example("a policy", ACCOUNT, {"sasPolicy": {"sasExpirationPeriod": "1.00:00:00", "expirationAction": "Block"}}),
        example("no keys", ACCOUNT, {"allowSharedKeyAccess": False}),
    ),
)
