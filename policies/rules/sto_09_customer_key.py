"""A storage account is encrypted with a key that its owner holds.

What: ``encryption.keySource`` is Microsoft.Keyvault and ``encryption.keyVaultProperties.keyName`` names the key.
Where the source is absent Azure takes a key of Microsoft's.

Why: with a key of your own, who may read the data is decided twice, and taking the key away closes it.

Fix: write ``encryption: {}`` in groundplan.yaml, which makes a key in the shared stack, or name a key of yours in
``encryption.keyVaultProperties``.
"""

from __future__ import annotations

from ..conditions import equals, is_set, outcomes_of
from ..outcome import Verdict, worst
from ..resource import Resource
from ..rule import Facts, ResourceRule, Said, Severity, example

ACCOUNT = "azure-native:storage:StorageAccount"

_own_key = equals("encryption.keySource", "Microsoft.Keyvault", absent="Microsoft.Storage")
_named_key = is_set("encryption.keyVaultProperties.keyName", "the name of a key")


def _check(account: Resource, facts: Facts) -> Said:
    own = worst(outcomes_of(_own_key(account, facts)))
    return _named_key(account, facts) if own.verdict is Verdict.PASS else own


RULE = ResourceRule(
    id="STO-09",
    title="Storage account is encrypted with a key of your own",
    severity=Severity.MEDIUM,
    types=(ACCOUNT,),
    check=_check,
    covers=(
        "CKV2_AZURE_1",
        "azp:StorageAccountCustomerManagedKeyEnabled_Audit",
        "AZU-0060",
        "storage_ensure_encryption_with_customer_managed_keys",
    ),
    packs=("hardened",),
    remedy="encryption: {}",
    failing=(
        example("Azure's default", ACCOUNT, {}),
        example(
            "no key is named", ACCOUNT, {"encryption": {"keySource": "Microsoft.Keyvault", "keyVaultProperties": {}}}
        ),
    ),
    passing=(
        example(
            "a key",
            ACCOUNT,
            {"encryption": {"keySource": "Microsoft.Keyvault", "keyVaultProperties": {"keyName": "key-churn"}}},
        ),
    ),
)
