"""An index endpoint of Vertex AI's vector search is reached privately.

What: ``publicEndpointEnabled`` is not true, and the endpoint is offered over Private Service Connect or peered with a
network.

Why: vectors can be turned back into much of what they were made of; a public index endpoint answers whoever holds a
token, from anywhere.

Fix: set ``privateServiceConnectConfig.enablePrivateServiceConnect`` or ``network``, and leave ``publicEndpointEnabled``
out.
"""

from ..conditions import all_of, any_of, differs, equals, is_set
from ..rule import ResourceRule, Severity, example

ENDPOINT = "gcp:vertex/aiIndexEndpoint:AiIndexEndpoint"
CONNECTED = {"privateServiceConnectConfig": {"enablePrivateServiceConnect": True}}

RULE = ResourceRule(
    id="VTX-07",
    title="Index endpoint private",
    severity=Severity.HIGH,
    types=(ENDPOINT,),
    check=all_of(
        differs("publicEndpointEnabled", True, absent=False),
        any_of(
            equals("privateServiceConnectConfig.enablePrivateServiceConnect", True, absent=False),
            is_set("network", "a peered network"),
        ),
    ),
    covers=("CKV2_GCP_34",),
    packs=("baseline", "hardened"),
    failing=(
        example("public", ENDPOINT, {"publicEndpointEnabled": True}),
        example("public beside a private way", ENDPOINT, {"publicEndpointEnabled": True, **CONNECTED}),
        example("no private way", ENDPOINT, {}),
    ),
    passing=(
        example("Private Service Connect", ENDPOINT, CONNECTED),
        example(
            "a peered network",
            ENDPOINT,
            {"publicEndpointEnabled": False, "network": "projects/1/global/networks/ml"},
        ),
    ),
)
