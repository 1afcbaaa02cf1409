"""An endpoint logs requests and answers.

What: ``predictRequestResponseLoggingConfig.enabled`` is true. Google logs none otherwise.

Why: drift, misuse and a wrong answer that somebody complains about can only be looked into where the request is on
record.

Fix: set ``endpoints.NAME.log_sample`` above 0 in groundplan.yaml, or the property, with a table of BigQuery to write
to. What is logged may be personal data: it needs the same care.
"""

from ..conditions import equals
from ..rule import ResourceRule, Severity, example

ENDPOINT = "gcp:vertex/aiEndpoint:AiEndpoint"

RULE = ResourceRule(
    id="VTX-22",
    title="Endpoint request and response logging",
    severity=Severity.MEDIUM,
    types=(ENDPOINT,),
    check=equals("predictRequestResponseLoggingConfig.enabled", True, absent=False),
    packs=("hardened",),
    remedy="endpoints.NAME.log_sample: 0.1",
    failing=(
        example("Google's default", ENDPOINT, {}),
        example("off", ENDPOINT, {"predictRequestResponseLoggingConfig": {"enabled": False, "samplingRate": 0.1}}),
    ),
    passing=(
        example(
            "a tenth of the requests",
            ENDPOINT,
            {"predictRequestResponseLoggingConfig": {"enabled": True, "samplingRate": 0.1}},
        ),
    ),
)
