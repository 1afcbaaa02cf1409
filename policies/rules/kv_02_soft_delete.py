"""What is deleted from a key vault can be brought back.

What: ``properties.enableSoftDelete`` is not false. Where the property is absent Azure takes true.

Why: a key that is deleted by mistake otherwise takes all that it encrypts with it.

Fix: remove ``enableSoftDelete`` or set it to true; groundplan always does.
"""

from ..conditions import equals
from ..rule import Remediation, ResourceRule, Severity, example

VAULT = "azure-native:keyvault:Vault"


RULE = ResourceRule(
    id="KV-02",
    title="Key vault keeps what is deleted",
    severity=Severity.MEDIUM,
    types=(VAULT,),
    check=equals("properties.enableSoftDelete", True, absent=True),
    covers=(
        "CKV_AZURE_111",
        "azp:SoftDeleteMustBeEnabled_Audit",
        "Azure.KeyVault.SoftDelete",
    ),
    packs=("baseline", "hardened"),
    remediation=Remediation(properties={"properties.enableSoftDelete": True}),
    failing=(example("off", VAULT, {"properties": {"enableSoftDelete": False}}),),
    passing=(
        example("on", VAULT, {"properties": {"enableSoftDelete": True}}),
        example("Azure's default", VAULT, {"properties": {}}),
    ),
)
