"""An Azure AI services account acts as a managed identity.

What: ``identity.type`` is anything but None. Where it is absent the account has no identity.

Why: without one the account reaches storage, search and key vaults with stored keys, or not at all.

Fix: set ``identity: {type: SystemAssigned}``, or UserAssigned with an identity of one's own.
"""

from ..conditions import differs
from ..rule import ResourceRule, Severity, example

ACCOUNT = "azure-native:cognitiveservices:Account"

RULE = ResourceRule(
    id="AIS-03",
    title="AI services use a managed identity",
    severity=Severity.MEDIUM,
    types=(ACCOUNT,),
    check=differs("identity.type", "None", absent="None"),
    covers=(
        "CKV_AZURE_238",
        "azp:fe3fd216-4f83-4fc1-8984-2bbec80a3418",
        "Azure.AI.ManagedIdentity",
        "openai/accountManagedIdentity",
    ),
    packs=("baseline", "hardened"),
    failing=(
        example("Azure's default", ACCOUNT, {}),
        example("none", ACCOUNT, {"identity": {"type": "None"}}),
    ),
    passing=(
        example("system-assigned", ACCOUNT, {"identity": {"type": "SystemAssigned"}}),
        example("user-assigned", ACCOUNT, {"identity": {"type": "UserAssigned", "userAssignedIdentities": ["id"]}}),
    ),
)
