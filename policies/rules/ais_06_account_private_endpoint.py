"""An Azure AI services account is reached over a private endpoint.

What: a private endpoint with the group ``account`` names the account.

Why: prompts and answers otherwise travel over public addresses, and an account that is closed to the public has no way
in at all.

Fix: add a ``PrivateEndpoint`` that names the account, with the group ``account``.
"""

from ..azure import ENDPOINT, privately_linked
from ..rule import Example, ResourceRule, Severity

ACCOUNT = "azure-native:cognitiveservices:Account"
_ACCOUNT = {"type": ACCOUNT, "name": "ai", "properties": {"accountName": "ai-churn"}}
_ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/ai-churn"


def _endpoint(target: str, group: str = "account") -> dict[str, object]:
    connection = {"privateLinkServiceId": target, "groupIds": [group]}
    return {"type": ENDPOINT, "name": "door", "properties": {"privateLinkServiceConnections": [connection]}}


RULE = ResourceRule(
    id="AIS-06",
    title="AI services reached over a private endpoint",
    severity=Severity.MEDIUM,
    scope="graph",
    types=(ACCOUNT,),
    check=privately_linked("account"),
    covers=("azp:d6759c02-b87f-42b7-892e-71b3f471d782", "Azure.AI.PrivateEndpoints", "EU-AI-Act:15.5"),
    packs=("hardened",),
    failing=(
        Example(name="no endpoint", resources=[_ACCOUNT]),
        Example(name="an endpoint of another group", resources=[_ACCOUNT, _endpoint("${ai.id}", "blob")]),
        Example(name="an endpoint of another account", resources=[_ACCOUNT, _endpoint(_ID.replace("churn", "prices"))]),
    ),
    passing=(
        Example(name="an endpoint in the same program", resources=[_ACCOUNT, _endpoint("${ai.id}")]),
        Example(name="an endpoint by the account's id", resources=[_ACCOUNT, _endpoint(_ID)]),
    ),
)
