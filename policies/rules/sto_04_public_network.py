"""A storage account is not reached from the public network.

What: ``publicNetworkAccess`` is Disabled. Where the property is absent Azure enables it.

Why: whoever holds a stolen token can otherwise read data and models from anywhere.

Fix: set ``network.access: private`` in groundplan.yaml, or ``publicNetworkAccess: Disabled`` on the account, and
reach it over a private endpoint.

Decided: an account that is SecuredByPerimeter fails: the rules of the perimeter may let the public in, and they are
not part of the account.
"""

from ..conditions import equals
from ..rule import ResourceRule, Severity, example

ACCOUNT = "azure-native:storage:StorageAccount"


RULE = ResourceRule(
    id="STO-04",
    title="Storage account is closed to the public network",
    severity=Severity.HIGH,
    types=(ACCOUNT,),
    check=equals("publicNetworkAccess", "Disabled", absent="Enabled"),
    covers=(
        "CKV_AZURE_59",
        "azp:StoragePublicNetworkAccess_AuditDeny",
        "storage_account_public_network_access_disabled",
    ),
    packs=("baseline", "hardened"),
    remedy="network.access: private",
    failing=(
        example("Azure's default", ACCOUNT, {}),
        example("open", ACCOUNT, {"publicNetworkAccess": "Enabled"}),
    ),
    passing=(example("closed", ACCOUNT, {"publicNetworkAccess": "Disabled"}),),
)
