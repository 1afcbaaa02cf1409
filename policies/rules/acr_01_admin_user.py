"""A container registry has no user of its own beside the directory's.

What: ``adminUserEnabled`` is not true. Where the property is absent Azure takes false.

Why: the admin user is one password for all, may push and delete everything, and names nobody in the log.

Fix: remove ``adminUserEnabled`` or set it to false, and give identities the roles AcrPull and AcrPush; groundplan
always does.
"""

from ..conditions import equals
from ..rule import ResourceRule, Severity, example

REGISTRY = "azure-native:containerregistry:Registry"


RULE = ResourceRule(
    id="ACR-01",
    title="Container registry has no admin user",
    severity=Severity.HIGH,
    types=(REGISTRY,),
    check=equals("adminUserEnabled", False, absent=False),
    covers=(
        "CKV_AZURE_137",
        "azp:ACR_AdminAccountDisabled_AuditDeny",
        "Azure.ACR.AdminUser",
        "containerregistry_admin_user_disabled",
    ),
    packs=("baseline", "hardened"),
    failing=(example("on", REGISTRY, {"adminUserEnabled": True}),),
    passing=(
        example("off", REGISTRY, {"adminUserEnabled": False}),
        example("Azure's default", REGISTRY, {}),
    ),
)
