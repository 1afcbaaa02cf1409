"""A storage account is encrypted with a key that its owner holds.

What: ``encryption.keySource`` is Microsoft.Keyvault and ``encryption.keyVaultProperties.keyName`` names the key.
Where the source is absent Azure takes a key of Microsoft's.

Why: with a key of your own, who may read the data is decided twice, and taking the key away closes it.

Fix: write ``encryption: {}`` in groundplan.yaml, which makes a key in the shared stack, or name a key of yours in
``encryption.keyVaultProperties``.
"""

from ..conditions import all_of, equals, is_set
from ..rule import ResourceRule, Severity, example

ACCOUNT = "azure-native:storage:StorageAccount"


RULE = ResourceRule(
    id="STO-09",
    title="Storage account is encrypted with a key of your own",
    severity=Severity.MEDIUM,
    types=(ACCOUNT,),
    check=all_of(
        equals("encryption.keySource", "Microsoft.Keyvault", absent="Microsoft.Storage"),
        is_set("encryption.keyVaultProperties.keyName", "the name of a key"),
    ),
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
