"""A production endpoint asks for tokens of Entra, not for a key.

What: in production ``properties.authMode`` of an online endpoint of Azure ML is AADToken.

Why: a key belongs to nobody, never ends by itself and opens everything; a token is somebody's and ends within the
hour.

Fix: groundplan sets it; take a change out of ``overrides``, or set ``authMode: AADToken`` in your own program.
"""

from ..conditions import equals
from ..environments import only_in_production
from ..rule import ResourceRule, Severity, example

ENDPOINT = "azure-native:machinelearningservices:OnlineEndpoint"

RULE = ResourceRule(
    id="MLG-061",
    title="Production endpoint authenticates with Entra, not with a key",
    severity=Severity.HIGH,
    types=(ENDPOINT,),
    check=only_in_production(equals("properties.authMode", "AADToken")),
    relates_to=("MCSB IM-1", "NIST-800-53r5 IA-2"),
    packs=("governance",),
    failing=(
        example("a key", ENDPOINT, {"properties": {"authMode": "Key"}}),
        example("a token of Azure ML", ENDPOINT, {"properties": {"authMode": "AMLToken"}}),
        example("nothing said", ENDPOINT, {"properties": {}}),
    ),
    passing=(example("Entra", ENDPOINT, {"properties": {"authMode": "AADToken"}}),),
)
