"""An Azure AI services account encrypts what it keeps with a key of the customer's own.

What: ``properties.encryption.keySource`` is Microsoft.KeyVault. Where it is absent Microsoft's own keys are used.

Why: training files, fine-tuned models and stored answers can hold sensitive data; with a key of one's own they can be
locked at once, also against the provider.

Fix: set ``encryption`` with ``keySource: Microsoft.KeyVault`` and ``keyVaultProperties``, and let the account's
identity use the key.
"""

from ..conditions import equals
from ..rule import ResourceRule, Severity, example

ACCOUNT = "azure-native:cognitiveservices:Account"


def _account(source: str) -> dict[str, object]:
    return {"properties": {"encryption": {"keySource": source}}}


RULE = ResourceRule(
    id="AIS-04",
    title="AI services encrypted with a customer-managed key",
    severity=Severity.LOW,
    types=(ACCOUNT,),
    check=equals("properties.encryption.keySource", "Microsoft.KeyVault", absent="Microsoft.CognitiveServices"),
    covers=("CKV2_AZURE_22", "azp:67121cc7-ff39-4ab8-b7e3-95b84dab487d", "openai/accountCMKEncrypted"),
    packs=("hardened",),
    failing=(
        example("Azure's default", ACCOUNT, {"properties": {}}),
        example("Microsoft's keys", ACCOUNT, _account("Microsoft.CognitiveServices")),
    ),
    passing=(example("a key of its own", ACCOUNT, _account("Microsoft.KeyVault")),),
)
