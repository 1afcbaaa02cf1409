"""Nobody uses a search service with a key.

What: ``disableLocalAuth`` is true. Where it is absent Azure hands out administrator and query keys.

Why: an administrator key reads and replaces every index, belongs to nobody and never runs out.

Fix: set ``disableLocalAuth: true``, leave ``authOptions`` away (Azure refuses both at once), and give callers a role
such as Search Index Data Reader.
"""

from ..conditions import equals
from ..rule import ResourceRule, Severity, example

SEARCH = "azure-native:search:Service"

RULE = ResourceRule(
    id="AIS-11",
    title="Search local authentication disabled",
    severity=Severity.MEDIUM,
    types=(SEARCH,),
    check=equals("disableLocalAuth", True, absent=False),
    covers=("azp:6300012e-e9a4-4649-b41f-a85f5c43be91",),
    packs=("baseline", "hardened"),
    failing=(
        example("Azure's default", SEARCH, {}),
        example("keys besides tokens", SEARCH, {"disableLocalAuth": False, "authOptions": {"aadOrApiKey": {}}}),
    ),
    passing=(example("no keys", SEARCH, {"disableLocalAuth": True}),),
)
