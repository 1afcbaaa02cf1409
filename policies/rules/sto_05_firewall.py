"""What no network rule allows does not reach a storage account.

What: ``networkRuleSet.defaultAction`` is Deny, or ``publicNetworkAccess`` is Disabled, which overrides the firewall.
Where the action is absent Azure allows.

Why: an account that allows by default is open to every network, whatever its list of addresses says.

Fix: set ``network.access: private`` in groundplan.yaml, or ``networkRuleSet.defaultAction: Deny`` with the addresses
that need it.
"""

from ..conditions import any_of, equals
from ..rule import ResourceRule, Severity, example

ACCOUNT = "azure-native:storage:StorageAccount"


RULE = ResourceRule(
    id="STO-05",
    title="Storage account's firewall denies by default",
    severity=Severity.HIGH,
    types=(ACCOUNT,),
    check=any_of(
        equals("networkRuleSet.defaultAction", "Deny", absent="Allow"),
        equals("publicNetworkAccess", "Disabled", absent="Enabled"),
    ),
    covers=(
        "CKV_AZURE_35",
        "Azure.Storage.Firewall",
        "AZU-0012",
        "storage_default_network_access_rule_is_denied",
    ),
    packs=("baseline", "hardened"),
    remedy="network.access: private",
    failing=(
        example("Azure's default", ACCOUNT, {}),
        example("allows", ACCOUNT, {"networkRuleSet": {"defaultAction": "Allow"}}),
    ),
    passing=(
        example("denies", ACCOUNT, {"networkRuleSet": {"defaultAction": "Deny"}}),
        example("closed, so the firewall has no say", ACCOUNT, {"publicNetworkAccess": "Disabled"}),
    ),
)
