"""A Vertex AI endpoint is reached privately.

What: the endpoint is offered over Private Service Connect
(``privateServiceConnectConfig.enablePrivateServiceConnect``), or peered with a network (``network``). With neither,
Google serves it at a public address.

Why: at a public address a stolen token is all that somebody needs to ask the model, from anywhere.

Fix: set ``network.access: private`` in groundplan.yaml, or one of the two properties; neither can be changed
afterwards.

Decided: the published rule accepts a peered network only. Private Service Connect is as private and is what Google
recommends today, so either passes.
"""

from ..conditions import any_of, equals, is_set
from ..rule import ResourceRule, Severity, example

ENDPOINT = "gcp:vertex/aiEndpoint:AiEndpoint"

RULE = ResourceRule(
    id="VTX-03",
    title="Endpoint private",
    severity=Severity.HIGH,
    types=(ENDPOINT,),
    check=any_of(
        equals("privateServiceConnectConfig.enablePrivateServiceConnect", True, absent=False),
        is_set("network", "a peered network"),
    ),
    covers=("CKV2_GCP_33",),
    packs=("baseline", "hardened"),
    remedy="network.access: private",
    failing=(
        example("Google's default", ENDPOINT, {}),
        example(
            "Private Service Connect off",
            ENDPOINT,
            {"privateServiceConnectConfig": {"enablePrivateServiceConnect": False, "projectAllowlists": ["p"]}},
        ),
        example("a public address of its own", ENDPOINT, {"dedicatedEndpointEnabled": True}),
    ),
    passing=(
        example(
            "Private Service Connect",
            ENDPOINT,
            {"privateServiceConnectConfig": {"enablePrivateServiceConnect": True}},
        ),
        example("a peered network", ENDPOINT, {"network": "projects/1/global/networks/ml"}),
        example("a network of the same program", ENDPOINT, {"network": "${vpc.id}"}),
    ),
)
