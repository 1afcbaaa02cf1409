"""What is deleted from a key vault, or the vault itself, is kept until its time is over.

What: ``properties.enablePurgeProtection`` is true. Where the property is absent Azure lets people purge.

Why: when the key is gone, all that it encrypts is gone too: storage, registry and workspace at once.

Fix: set ``enablePurgeProtection: true``; groundplan always does. It cannot be taken back, and the name of a deleted
vault stays taken.
"""

from ..conditions import equals
from ..rule import ResourceRule, Severity, example

VAULT = "azure-native:keyvault:Vault"


RULE = ResourceRule(
    id="KV-01",
    title="Key vault cannot be purged",
    severity=Severity.HIGH,
    types=(VAULT,),
    check=equals("properties.enablePurgeProtection", True, absent=False),
    covers=(
        "CKV_AZURE_110",
        "CKV_AZURE_42",
        "azp:Recoverable_Audit",
        "Azure.KeyVault.PurgeProtect",
        "AZU-0016",
        "keyvault_recoverable",
    ),
    packs=("baseline", "hardened"),
    failing=(
        example("Azure's default", VAULT, {"properties": {}}),
        example("off", VAULT, {"properties": {"enablePurgeProtection": False}}),
    ),
    passing=(example("on", VAULT, {"properties": {"enablePurgeProtection": True}}),),
)
