"""Every resource stands in a region where its data may be.

What: ``location``, ``region`` and each of ``regionDetails`` is one of the regions that the settings name for the
data's classification (``regions_restricted``, ``regions_confidential``), else one of ``regions``, else the config's
own ``region``. Multi-regions such as EU or eur4 count only when they are named. What serves models from anywhere, such
as a global deployment of Azure OpenAI, is refused.

Why: where data lies decides which law it is under; a copy in another region has left.

Fix: set ``region`` in groundplan.yaml, or name the regions: ``policies.settings.MLG-014.regions``.

Decided: a resource of the location global holds settings, not data (DNS zones, alerts, action groups), and passes;
except those that work on data: Vertex AI, BigQuery, Azure AI services and Azure ML. Without a config and without named
regions nothing says where data may be, and the rule is silent.
"""

from collections.abc import Iterator

from ..outcome import Outcome, failed, not_applicable, passed, unknown
from ..project import entries, is_hidden, mapping
from ..resource import Resource
from ..rule import Facts, Option, ResourceRule, Said, Severity, example
from ..values import ABSENT

DEPLOYMENT = "azure-native:cognitiveservices:Deployment"
BUCKET = "gcp:storage/bucket:Bucket"
WORKSPACE = "azure-native:machinelearningservices:Workspace"
REGISTRY = "azure-native:machinelearningservices:Registry"
_DATA = ("gcp:vertex/", "gcp:bigquery/", "azure-native:cognitiveservices:", "azure-native:machinelearningservices:")
_ANYWHERE = ("global", "datazone")
_CLASSES = ("restricted", "confidential")


def _check(resource: Resource, facts: Facts) -> Said:
    allowed = _allowed(resource, facts)
    if not allowed:
        return not_applicable("no regions are named")
    return [_judged(resource, path, one, allowed) for path, one in _places(resource)] or not_applicable(
        "it has no place"
    )


def _allowed(resource: Resource, facts: Facts) -> tuple[str, ...]:
    own = facts.config.get("governance.data_classification") if facts.config is not None else ABSENT
    words = {str(own), str(mapping(resource.tags).get("data-classification", ""))}
    named = [facts.texts(f"regions_{one}") for one in _CLASSES if one in words]
    for regions in (*named, facts.texts("regions")):
        if regions:
            return tuple(_plain(one) for one in regions)
    region = facts.config.get("region") if facts.config is not None else ABSENT
    return (_plain(region),) if isinstance(region, str) else ()


def _places(resource: Resource) -> Iterator[tuple[str, object]]:
    for path in ("location", "region"):
        if resource.get(path) is not ABSENT:
            yield path, resource.get(path)
    for index, one in enumerate(entries(resource.get("regionDetails"))):
        yield f"regionDetails[{index}].location", one.get("location", ABSENT)
    if resource.type == DEPLOYMENT and resource.get("sku.name") is not ABSENT:
        yield "sku.name", resource.get("sku.name")


def _judged(resource: Resource, path: str, value: object, allowed: tuple[str, ...]) -> Outcome:
    expected = ", ".join(allowed)
    if is_hidden(value):
        return unknown(path, expected)
    place = _plain(value)
    if path == "sku.name":
        anywhere = place.startswith(_ANYWHERE)
        return failed(path, value, f"a deployment in {expected}") if anywhere else passed(path, value)
    if place == "global" and not resource.type.startswith(_DATA):
        return passed(path, value)
    return passed(path, value) if _inside(place, allowed) else failed(path, value, expected)


def _inside(place: str, allowed: tuple[str, ...]) -> bool:
    """Whether a region, or the region of a zone such as europe-west4-a, is allowed."""
    return place in allowed or (place[-2:-1] == "-" and place[:-2] in allowed)


def _plain(region: object) -> str:
    return str(region).lower().replace(" ", "")


_HERE = {"region": "westeurope"}
_EU = {"regions": ("europe-west4",)}

RULE = ResourceRule(
    id="MLG-014",
    title="Resources only in regions approved for their data",
    severity=Severity.CRITICAL,
    types=("*",),
    check=_check,
    relates_to=("GDPR Ch.V", "EU-AI-Act 10", "DORA 28", "ISO-42001 A.7.3"),
    packs=("governance",),
    remedy="region: westeurope",
    options={
        "regions": Option(default=(), help="where data may be; none: in the config's region"),
        "regions_confidential": Option(default=(), help="where confidential data may be; none: as regions"),
        "regions_restricted": Option(default=(), help="where restricted data may be; none: as regions"),
    },
    failing=(
        example("another region", WORKSPACE, {"location": "eastus"}, config=_HERE),
        example("a multi-region that is not named", BUCKET, {"location": "EU"}, settings=_EU),
        example(
            "a copy elsewhere",
            REGISTRY,
            {"location": "westeurope", "regionDetails": [{"location": "eastus"}]},
            config=_HERE,
        ),
        example("served from anywhere", DEPLOYMENT, {"sku": {"name": "GlobalStandard"}}, config=_HERE),
        example(
            "restricted data where only internal data may be",
            BUCKET,
            {"location": "europe-west4", "labels": {"data-classification": "restricted"}},
            settings={"regions": ("europe-west4",), "regions_restricted": ("europe-west3",)},
        ),
        example("a global endpoint", "gcp:vertex/aiEndpoint:AiEndpoint", {"location": "global"}, settings=_EU),
    ),
    passing=(
        example("the config's region", WORKSPACE, {"location": "West Europe"}, config=_HERE),
        example(
            "a zone of the region", "gcp:workbench/instance:Instance", {"location": "europe-west4-a"}, settings=_EU
        ),
        example("a multi-region that is named", BUCKET, {"location": "EU"}, settings={"regions": ("EU",)}),
        example("an alert", "azure-native:monitor:MetricAlert", {"location": "global"}, config=_HERE),
        example("served where it stands", DEPLOYMENT, {"sku": {"name": "Standard"}}, config=_HERE),
    ),
)
