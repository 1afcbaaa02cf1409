"""A key vault is not reached from the public network.

What: ``properties.publicNetworkAccess`` is Disabled. Where the property is absent Azure enables it.

Why: whoever holds a stolen token can otherwise read secrets and use keys from anywhere.

Fix: set ``network.access: private`` in groundplan.yaml, or ``publicNetworkAccess: Disabled`` on the vault, and reach
it over a private endpoint.
"""

from ..conditions import equals
from ..rule import ResourceRule, Severity, example

VAULT = "azure-native:keyvault:Vault"


RULE = ResourceRule(
    id="KV-03",
    title="Key vault is closed to the public network",
    severity=Severity.HIGH,
    types=(VAULT,),
    check=equals("properties.publicNetworkAccess", "Disabled", absent="enabled"),
    covers=(
        "CKV_AZURE_189",
        "azp:PublicNetworkAccess_Audit",
    ),
    packs=("baseline", "hardened"),
    remedy="network.access: private",
    failing=(
        example("Azure's default", VAULT, {"properties": {}}),
        example("open", VAULT, {"properties": {"publicNetworkAccess": "Enabled"}}),
    ),
    passing=(example("closed", VAULT, {"properties": {"publicNetworkAccess": "Disabled"}}),),
)
