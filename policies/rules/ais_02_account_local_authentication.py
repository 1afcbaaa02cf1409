"""Nobody uses an Azure AI services account with a key.

What: ``properties.disableLocalAuth`` is true. Where it is absent Azure hands out two keys.

Why: a key belongs to nobody, never runs out, and opens every model of the account to whoever finds it.

Fix: set ``disableLocalAuth: true`` and a ``customSubDomainName``, and give callers a role such as Cognitive Services
OpenAI User.
"""

from ..conditions import equals
from ..rule import ResourceRule, Severity, example

ACCOUNT = "azure-native:cognitiveservices:Account"

RULE = ResourceRule(
    id="AIS-02",
    title="AI services local authentication disabled",
    severity=Severity.HIGH,
    types=(ACCOUNT,),
    check=equals("properties.disableLocalAuth", True, absent=False),
    covers=("CKV_AZURE_236", "azp:71ef260a-8f18-47b7-abcb-62d0673d94dc", "Azure.AI.DisableLocalAuth"),
    packs=("baseline", "hardened"),
    failing=(
        example("Azure's default", ACCOUNT, {"properties": {}}),
        example("keys", ACCOUNT, {"properties": {"disableLocalAuth": False}}),
    ),
    passing=(example("no keys", ACCOUNT, {"properties": {"disableLocalAuth": True}}),),
)
