"""Nobody pulls an image without saying who they are.

What: ``anonymousPullEnabled`` is not true. Where the property is absent Azure takes false.

Why: images hold code, models and sometimes what nobody meant to put there, and everybody could read them.

Fix: remove ``anonymousPullEnabled`` or set it to false; groundplan always does.
"""

from ..conditions import equals
from ..rule import Remediation, ResourceRule, Severity, example

REGISTRY = "azure-native:containerregistry:Registry"


RULE = ResourceRule(
    id="ACR-02",
    title="Container registry gives no image to the anonymous",
    severity=Severity.HIGH,
    types=(REGISTRY,),
    check=equals("anonymousPullEnabled", False, absent=False),
    covers=(
        "CKV_AZURE_138",
        "azp:ACR_AnonymousPullDisabled_AuditDeny",
        "Azure.ACR.AnonymousAccess",
    ),
    packs=("baseline", "hardened"),
    remediation=Remediation(properties={"anonymousPullEnabled": False}),
    failing=(example("on", REGISTRY, {"anonymousPullEnabled": True}),),
    passing=(
        example("off", REGISTRY, {"anonymousPullEnabled": False}),
        example("Azure's default", REGISTRY, {}),
    ),
)
