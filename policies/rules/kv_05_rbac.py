"""Who may use a key vault is said by roles, not by the vault's own list.

What: ``properties.enableRbacAuthorization`` is true. Where the property is absent the API that azure-native speaks
takes false.

Why: access policies know no single secret and no end, and whoever may change the vault may give themselves access.

Fix: set ``enableRbacAuthorization: true`` and assign roles such as Key Vault Secrets User; groundplan always does.
"""

from ..conditions import equals
from ..rule import ResourceRule, Severity, example

VAULT = "azure-native:keyvault:Vault"


RULE = ResourceRule(
    id="KV-05",
    title="Key vault is opened by roles",
    severity=Severity.MEDIUM,
    types=(VAULT,),
    check=equals("properties.enableRbacAuthorization", True, absent=False),
    covers=(
        "azp:Should_Use_RBAC",
        "Azure.KeyVault.RBAC",
        "keyvault_rbac_enabled",
    ),
    packs=("baseline", "hardened"),
    failing=(
        example("Azure's default", VAULT, {"properties": {}}),
        example("policies", VAULT, {"properties": {"enableRbacAuthorization": False}}),
    ),
    passing=(example("roles", VAULT, {"properties": {"enableRbacAuthorization": True}}),),
)
