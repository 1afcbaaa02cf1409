"""What no network rule allows does not reach a key vault.

What: ``properties.networkAcls.defaultAction`` is Deny, or ``properties.publicNetworkAccess`` is Disabled, which
overrides the firewall. Where the action is absent Azure allows.

Why: a vault that allows by default is open to every network, whatever its list of addresses says.

Fix: set ``network.access: private`` in groundplan.yaml, or ``networkAcls.defaultAction: Deny`` with the addresses
that need it.

Decided: some published rules want the firewall even where the vault is closed to the public. Azure does not look at
it then, so a closed vault passes.
"""

from ..conditions import any_of, equals
from ..rule import ResourceRule, Severity, example

VAULT = "azure-native:keyvault:Vault"


RULE = ResourceRule(
    id="KV-04",
    title="Key vault's firewall denies by default",
    severity=Severity.HIGH,
    types=(VAULT,),
    check=any_of(
        equals("properties.networkAcls.defaultAction", "Deny", absent="Allow"),
        equals("properties.publicNetworkAccess", "Disabled", absent="enabled"),
    ),
    covers=(
        "CKV_AZURE_109",
        "azp:FirewallEnabled_Audit",
        "Azure.KeyVault.Firewall",
        "AZU-0013",
    ),
    packs=("baseline", "hardened"),
    remedy="network.access: private",
    failing=(
        example("Azure's default", VAULT, {"properties": {}}),
        example("allows", VAULT, {"properties": {"networkAcls": {"defaultAction": "Allow"}}}),
    ),
    passing=(
        example("denies", VAULT, {"properties": {"networkAcls": {"defaultAction": "Deny"}}}),
        example("closed, so the firewall has no say", VAULT, {"properties": {"publicNetworkAccess": "Disabled"}}),
    ),
)
