"""The portal signs people in to a storage account with their own identity.

What: ``defaultToOAuthAuthentication`` is true. Where the property is absent Azure takes false.

Why: the portal otherwise asks for the account's key, which opens everything and names nobody in the log.

Fix: set ``defaultToOAuthAuthentication: true``; groundplan always does.
"""

from ..conditions import equals
from ..rule import Remediation, ResourceRule, Severity, example

ACCOUNT = "azure-native:storage:StorageAccount"


RULE = ResourceRule(
    id="STO-19",
    title="The portal opens a storage account with the person's identity",
    severity=Severity.LOW,
    types=(ACCOUNT,),
    check=equals("defaultToOAuthAuthentication", True, absent=False),
    covers=("storage_default_to_entra_authorization_enabled",),
    packs=("baseline", "hardened"),
    remediation=Remediation(properties={"defaultToOAuthAuthentication": True}),
    failing=(
        example("Azure's default", ACCOUNT, {}),
        example("by key", ACCOUNT, {"defaultToOAuthAuthentication": False}),
    ),
    passing=(example("by identity", ACCOUNT, {"defaultToOAuthAuthentication": True}),),
)
