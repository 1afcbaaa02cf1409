"""A search service is not reached from the public network.

What: ``publicNetworkAccess`` is Disabled or SecuredByPerimeter. Where it is absent Azure enables it.

Why: an index that feeds a model holds the documents themselves; who reads it needs no model to get at them.

Fix: set ``publicNetworkAccess: Disabled`` and reach the service over a private endpoint.
"""

from ..conditions import equals
from ..rule import ResourceRule, Severity, example

SEARCH = "azure-native:search:Service"

RULE = ResourceRule(
    id="AIS-10",
    title="Search public network access disabled",
    severity=Severity.HIGH,
    types=(SEARCH,),
    check=equals("publicNetworkAccess", "Disabled", "SecuredByPerimeter", absent="Enabled"),
    covers=(
        "CKV_AZURE_124",
        "azp:ee980b6d-0eca-4501-8d54-f6290fd512c3",
        "aisearch_service_not_publicly_accessible",
        "EU-AI-Act:15.5",
    ),
    packs=("baseline", "hardened"),
    failing=(
        example("Azure's default", SEARCH, {}),
        example("open", SEARCH, {"publicNetworkAccess": "Enabled"}),
        example(
            "some addresses let in",
            SEARCH,
            {"publicNetworkAccess": "Enabled", "networkRuleSet": {"ipRules": [{"value": "203.0.113.7"}]}},
        ),
    ),
    passing=(
        example("closed", SEARCH, {"publicNetworkAccess": "Disabled"}),
        example("within a perimeter", SEARCH, {"publicNetworkAccess": "SecuredByPerimeter"}),
    ),
)
