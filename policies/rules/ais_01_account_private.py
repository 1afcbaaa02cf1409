"""An Azure AI services account is not open to the whole internet.

What: ``properties.publicNetworkAccess`` is Disabled, or ``properties.networkAcls.defaultAction`` is Deny and no rule
lets every address in. Where both are absent Azure lets everybody in.

Why: whoever holds a stolen key or token can otherwise use the models, and read what was uploaded, from anywhere.

Fix: set ``publicNetworkAccess: Disabled`` and reach the account over a private endpoint.

Decided: one of the published rules takes nothing but Disabled, another Deny as well. A firewall that refuses all but
named addresses restricts too, so either will do; a rule for the range of all addresses undoes it.
"""

from ..conditions import all_of, any_of, equals, every
from ..rule import ResourceRule, Severity, example

ACCOUNT = "azure-native:cognitiveservices:Account"


def _account(**properties: object) -> dict[str, object]:
    return {"kind": "OpenAI", "properties": properties}


RULE = ResourceRule(
    id="AIS-01",
    title="AI services public access restricted",
    severity=Severity.HIGH,
    types=(ACCOUNT,),
    check=any_of(
        equals("properties.publicNetworkAccess", "Disabled", absent="Enabled"),
        all_of(
            equals("properties.networkAcls.defaultAction", "Deny", absent="Allow"),
            every(
                "properties.networkAcls.ipRules[].value",
                lambda address: not str(address).endswith("/0"),
                "a range that is not the whole internet",
            ),
        ),
    ),
    covers=(
        "CKV_AZURE_134",
        "azp:037eea7a-bd0a-46c5-9a66-03aea78705d3",
        "Azure.AI.PublicAccess",
        "openai/accountPublicAccessDisabled",
    ),
    packs=("baseline", "hardened"),
    failing=(
        example("Azure's default", ACCOUNT, _account()),
        example("open", ACCOUNT, _account(publicNetworkAccess="Enabled", networkAcls={"defaultAction": "Allow"})),
        example(
            "every address let in",
            ACCOUNT,
            _account(networkAcls={"defaultAction": "Deny", "ipRules": [{"value": "0.0.0.0/0"}]}),
        ),
    ),
    passing=(
        example("closed", ACCOUNT, _account(publicNetworkAccess="Disabled")),
        example(
            "named addresses only",
            ACCOUNT,
            _account(networkAcls={"defaultAction": "Deny", "ipRules": [{"value": "203.0.113.7"}]}),
        ),
    ),
)
