"""A model that generates answers through a filter that blocks.

What: ``properties.raiPolicyName`` of a deployment of Azure AI services is set; where it names a policy of the plan,
its filters for hate, sexual content, violence and self-harm are enabled and block, both for what is asked and for what
is answered, and so is the one for jailbreaks. Microsoft's own policies (``Microsoft.Default…``) pass. Models that only
embed or transcribe are not judged.

Why: a model says what it is talked into saying; the filter is what stands between it and people.

Fix: name a ``RaiPolicy`` with all five filters in ``raiPolicyName``.

Decided: without a name Azure takes its default of the day, which filters too; it is refused all the same, because what
holds should be what was reviewed. A policy that is not in the plan is unknown.
"""

from collections.abc import Iterator, Mapping

from ..conditions import folded
from ..outcome import Outcome, failed, not_applicable, passed, unknown
from ..project import entries, hides
from ..resource import Resource
from ..rule import Example, Facts, ResourceRule, Said, Severity, example
from ..values import ABSENT

DEPLOYMENT = "azure-native:cognitiveservices:Deployment"
POLICY = "azure-native:cognitiveservices:RaiPolicy"
PATH = "properties.raiPolicyName"
NEEDED = (
    *((name, source) for name in ("hate", "sexual", "violence", "selfharm") for source in ("prompt", "completion")),
    ("jailbreak", "prompt"),
)
_SILENT = ("embedding", "whisper", "transcribe")


def _check(resource: Resource, facts: Facts) -> Said:
    model = str(resource.get("properties.model.name")).lower()
    if any(word in model for word in _SILENT):
        return not_applicable("it generates nothing")
    name = resource.get(PATH)
    if name is ABSENT or name == "":
        return failed(PATH, "not set, which means Azure's default of the day", "a policy by its name")
    if str(name).lower().startswith("microsoft.default"):
        return passed(PATH, name)
    policies = facts.graph.targets(resource, PATH, POLICY)
    return list(_of_policy(policies[0])) if policies else unknown(PATH, "a policy whose filters block")


def _of_policy(policy: Resource) -> Iterator[Outcome]:
    filters = policy.get("properties.contentFilters")
    blocking = {_what(one) for one in entries(filters) if one.get("enabled") is True and one.get("blocking") is True}
    missing = [f"{name} in {source}" for name, source in NEEDED if (name, source) not in blocking]
    if missing and hides(filters):
        yield unknown(PATH, "a policy whose filters block")
    elif missing:
        yield failed(PATH, f"{policy.name} lets pass {', '.join(missing)}", "a filter that blocks for each")
    else:
        yield passed(PATH, policy.name)


def _what(filter: Mapping[str, object]) -> tuple[str, str]:
    name = str(folded(filter.get("name"))).replace("-", "").replace("_", "").replace(" ", "")
    return name, str(folded(filter.get("source")))


def _deployed(name: str, filters: list[Mapping[str, object]]) -> Example:
    chat = {"model": {"format": "OpenAI", "name": "gpt-4o"}, "raiPolicyName": "strict"}
    policy = {"raiPolicyName": "strict", "properties": {"contentFilters": filters}}
    return Example(
        name=name,
        resources=[
            {"type": DEPLOYMENT, "name": "chat", "properties": {"properties": chat}},
            {"type": POLICY, "name": "policy", "properties": policy},
        ],
    )


_ALL: list[Mapping[str, object]] = [
    {"name": name, "source": source, "enabled": True, "blocking": True} for name, source in NEEDED
]

RULE = ResourceRule(
    id="MLG-070",
    title="Content filter on generative deployments",
    severity=Severity.HIGH,
    scope="graph",
    types=(DEPLOYMENT,),
    check=_check,
    relates_to=(
        "EU-AI-Act 55",
        "EU-AI-Act 15",
        "NIST-AI-RMF MANAGE 1.3",
        "NIST-AI-RMF MEASURE 2.6",
        "MCSBv2 AI-2",
    ),
    packs=("governance",),
    failing=(
        example("nothing named", DEPLOYMENT, {"properties": {"model": {"name": "gpt-4o"}}}),
        _deployed("no filter for jailbreaks", _ALL[:-1]),
        _deployed("a filter that only tells", [{**_ALL[0], "blocking": False}, *_ALL[1:]]),
        _deployed("a filter that is off", [{**_ALL[0], "enabled": False}, *_ALL[1:]]),
    ),
    passing=(
        _deployed("all of them", _ALL),
        example("Microsoft's own", DEPLOYMENT, {"properties": {"raiPolicyName": "Microsoft.DefaultV2"}}),
    ),
)
