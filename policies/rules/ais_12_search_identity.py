"""A search service acts as a managed identity.

What: ``identity.type`` is anything but None. Where it is absent the service has no identity.

Why: without one its indexers and vectorizers reach data and models with stored keys.

Fix: set ``identity: {type: SystemAssigned}``, or UserAssigned with an identity of one's own.
"""

from ..conditions import differs
from ..rule import ResourceRule, Severity, example

SEARCH = "azure-native:search:Service"

RULE = ResourceRule(
    id="AIS-12",
    title="Search uses a managed identity",
    severity=Severity.MEDIUM,
    types=(SEARCH,),
    check=differs("identity.type", "None", absent="None"),
    covers=("CKV_AZURE_207", "Azure.Search.ManagedIdentity"),
    packs=("baseline", "hardened"),
    failing=(
        example("Azure's default", SEARCH, {}),
        example("none", SEARCH, {"identity": {"type": "None"}}),
    ),
    passing=(
        example("system-assigned", SEARCH, {"identity": {"type": "SystemAssigned"}}),
        example("user-assigned", SEARCH, {"identity": {"type": "UserAssigned", "userAssignedIdentities": ["id"]}}),
    ),
)
