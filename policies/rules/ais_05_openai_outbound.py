"""An account with OpenAI models calls named hosts only.

What: on accounts of the kinds OpenAI and AIServices ``properties.restrictOutboundNetworkAccess`` is true and
``properties.allowedFqdnList`` names at least one host.

Why: a prompt can make the service fetch an address, and so carry data out in it.

Fix: set both properties; name the hosts of the storage and search services that the account reads.

Decided: the published rule looks at the kind OpenAI alone, but AIServices serves the same models, so both are judged.
What an empty list means is not documented, so a list is asked for, as the published rule does.
"""

from ..conditions import all_of, equals, is_set, when
from ..rule import ResourceRule, Severity, example

ACCOUNT = "azure-native:cognitiveservices:Account"


def _account(kind: str, **properties: object) -> dict[str, object]:
    return {"kind": kind, "properties": properties}


RULE = ResourceRule(
    id="AIS-05",
    title="OpenAI outbound traffic restricted to named hosts",
    severity=Severity.MEDIUM,
    types=(ACCOUNT,),
    check=when(
        equals("kind", "OpenAI", "AIServices"),
        all_of(
            equals("properties.restrictOutboundNetworkAccess", True, absent=False),
            is_set("properties.allowedFqdnList", "at least one host"),
        ),
        "it serves no OpenAI models",
    ),
    covers=("CKV_AZURE_247",),
    packs=("hardened",),
    failing=(
        example("Azure's default", ACCOUNT, _account("OpenAI")),
        example("a list that nothing enforces", ACCOUNT, _account("AIServices", allowedFqdnList=["example.com"])),
        example("no list", ACCOUNT, _account("OpenAI", restrictOutboundNetworkAccess=True, allowedFqdnList=[])),
    ),
    passing=(
        example(
            "one host",
            ACCOUNT,
            _account("OpenAI", restrictOutboundNetworkAccess=True, allowedFqdnList=["stchurn.blob.core.windows.net"]),
        ),
    ),
)
