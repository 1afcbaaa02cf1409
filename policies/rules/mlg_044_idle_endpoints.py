"""What serves outside of production ends by itself, or costs nothing while nobody asks.

What: in an environment that is known not to be production, an online deployment or a Vertex AI endpoint has a tag or
label ``ttl`` with a day that has not passed (a deployment may have it on its endpoint), or a deployment scales to 0.

Why: an endpoint for a demonstration is forgotten the day after, and its machine runs for years.

Fix: write ``environments.<name>.governance.tags: {ttl: "2027-01-31"}`` in groundplan.yaml.
"""

from collections.abc import Mapping
from datetime import date

from ..conditions import number
from ..environments import tier
from ..outcome import failed, not_applicable, passed, unknown
from ..project import is_hidden, mapping
from ..resource import Resource
from ..rule import Example, Facts, ResourceRule, Said, Severity
from ..values import ABSENT

DEPLOYMENT = "azure-native:machinelearningservices:OnlineDeployment"
ONLINE = "azure-native:machinelearningservices:OnlineEndpoint"
VERTEX = "gcp:vertex/aiEndpoint:AiEndpoint"
EXPECTED = "the last day on which it is needed, such as 2027-01-31"
_LEAST = "properties.scaleSettings.minInstances"


def _check(resource: Resource, facts: Facts) -> Said:
    if tier(resource, facts) not in ("development", "staging"):
        return not_applicable("it is not known to be outside of production")
    if resource.get(_LEAST) is not ABSENT and number(resource.get(_LEAST)) == 0:
        return passed(_LEAST, 0)
    owners = facts.graph.targets(resource, "endpointName", ONLINE) if resource.type == DEPLOYMENT else []
    found = [_ttl(one) for one in (resource, *owners)]
    path = "labels.ttl" if resource.type == VERTEX else "tags.ttl"
    if any(is_hidden(one) for one in (*found, resource.get(_LEAST))):
        return unknown(path, EXPECTED)
    day = next((one for one in found if one is not ABSENT), ABSENT)
    return passed(path, day) if _is_ahead(str(day), facts.today) else failed(path, day, EXPECTED)


def _ttl(resource: Resource) -> object:
    tags = resource.tags
    return tags if is_hidden(tags) else mapping(tags).get("ttl", ABSENT)


def _is_ahead(day: str, today: str) -> bool:
    try:
        return date.fromisoformat(day).isoformat() >= today
    except ValueError:
        return False


def _dev(name: str, type: str, properties: Mapping[str, object], *more: Mapping[str, object]) -> Example:
    return Example(
        name=name, environment="dev", resources=[{"type": type, "name": "churn", "properties": properties}, *more]
    )


_BLUE: Mapping[str, object] = {"endpointName": "churn-1", "properties": {}}
_ENDPOINT = {"type": ONLINE, "name": "online", "properties": {"endpointName": "churn-1", "tags": {"ttl": "2027-01-31"}}}

RULE = ResourceRule(
    id="MLG-044",
    title="Endpoints outside of production scale to zero or end",
    severity=Severity.MEDIUM,
    scope="graph",
    types=(DEPLOYMENT, VERTEX),
    check=_check,
    relates_to=("FinOps waste",),
    packs=("governance",),
    remedy='environments: {dev: {governance: {tags: {ttl: "2027-01-31"}}}}',
    failing=(
        _dev("a deployment for ever", DEPLOYMENT, _BLUE),
        _dev("an endpoint for ever", VERTEX, {"labels": {"owner": "sales"}}),
        _dev("a day that has passed", VERTEX, {"labels": {"ttl": "2026-11-27"}}),
        _dev("no day", VERTEX, {"labels": {"ttl": "soon"}}),
    ),
    passing=(
        _dev("an endpoint until today", VERTEX, {"labels": {"ttl": "2026-11-28"}}),
        _dev("the endpoint of a deployment says it", DEPLOYMENT, _BLUE, _ENDPOINT),
        _dev("scales to 0", DEPLOYMENT, {"properties": {"scaleSettings": {"minInstances": 0}}}),
    ),
)
