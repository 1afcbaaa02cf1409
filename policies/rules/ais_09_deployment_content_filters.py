"""What a generative model is asked and what it answers is filtered.

What: the content filter that ``properties.raiPolicyName`` of a deployment names blocks each of ``categories`` in
prompts and in completions, from one of ``thresholds`` on, before the text goes on (``mode`` is not asynchronous). A
deployment that names none gets Azure's default filter, which does so.

Why: without a filter a model can be led to write what harms its users, and does so in the company's name.

Fix: leave ``raiPolicyName`` away, or name a ``RaiPolicy`` whose ``contentFilters`` are all enabled and blocking.

Decided: the published rules are previews that name a filter as approved. Here the filter itself is judged. A category
that a policy does not name fails, since nothing says what then holds. A policy that is not at hand is unknown.
"""

from collections.abc import Iterator, Mapping

from ..conditions import folded, judged
from ..outcome import Outcome, failed, passed, unknown, worst
from ..paths import get
from ..resource import Resource
from ..rule import Example, Facts, Option, ResourceRule, Said, Severity
from ..values import ABSENT, SECRET, Unknown

DEPLOYMENT = "azure-native:cognitiveservices:Deployment"
POLICY = "azure-native:cognitiveservices:RaiPolicy"
NAME = "properties.raiPolicyName"
FILTERS = "properties.contentFilters"


def _check(deployment: Resource, facts: Facts) -> Said:
    name = deployment.get(NAME)
    if folded("Microsoft.Default" if name in (ABSENT, "") else name) in ("microsoft.default", "microsoft.defaultv2"):
        return passed(NAME, name)
    policies = facts.graph.targets(deployment, NAME, POLICY)
    outcomes = [outcome for policy in policies for outcome in _judged(policy, facts)]
    return outcomes or unknown(NAME, "a content filter that is at hand")


def _judged(policy: Resource, facts: Facts) -> Iterator[Outcome]:
    mode = policy.get("properties.mode")
    yield judged(
        f"{policy.name}: properties.mode",
        mode,
        lambda found: folded(found) not in ("deferred", "asynchronous_filter"),
        "Blocking or Default",
        absent="Default",
    )
    for category in facts.texts("categories"):
        for source in ("Prompt", "Completion"):
            yield _filtered(policy, category, source, facts)


def _filtered(policy: Resource, category: str, source: str, facts: Facts) -> Outcome:
    """Whether one category is filtered on one side."""
    path = f"{policy.name}: {FILTERS}"
    expected = f"{category} blocked in {source.lower()}s from {' or '.join(facts.texts('thresholds'))} on"
    entries = [value for _place, value in policy.each(f"{FILTERS}[]")]
    meant = [one for one in entries if _plain(get(one, "name")) == _plain(category) and _is_of(one, source)]
    if not meant:
        hidden = any(isinstance(one, Unknown) or one is SECRET for one in entries)
        return unknown(path, expected) if hidden else failed(path, "not named", expected)
    return worst(_blocks(one, path, expected, facts) for one in meant)


def _blocks(entry: object, path: str, expected: str, facts: Facts) -> Outcome:
    thresholds = {one.lower() for one in facts.texts("thresholds")}
    level = "severityThreshold" if get(entry, "allowedContentLevel") is ABSENT else "allowedContentLevel"
    return worst(
        [
            judged(f"{path}.enabled", get(entry, "enabled"), _is_true, expected),
            judged(f"{path}.blocking", get(entry, "blocking"), _is_true, expected),
            judged(f"{path}.{level}", get(entry, level), lambda found: folded(found) in thresholds, expected),
        ]
    )


def _is_of(entry: object, source: str) -> bool:
    return folded(get(entry, "source")) == source.lower()


def _is_true(value: object) -> bool:
    return folded(value) == "true"


def _plain(name: object) -> str:
    """A category as it is compared: Selfharm, self-harm and self_harm alike."""
    return "".join(letter for letter in str(name).lower() if letter.isalnum())


_HARMS = ("Hate", "Sexual", "Violence", "Selfharm")


def _policy(mode: str = "Blocking", without: str = "", **changes: object) -> Mapping[str, object]:
    filters = [
        {"name": harm, "source": side, "enabled": True, "blocking": True, "severityThreshold": "Medium"}
        for harm in _HARMS
        for side in ("Prompt", "Completion")
        if harm != without
    ]
    properties = {"mode": mode, "contentFilters": [{**filters[0], **changes}, *filters[1:]]}
    return {"type": POLICY, "name": "strict", "properties": {"properties": properties}}


def _deployment(**properties: object) -> Mapping[str, object]:
    return {"type": DEPLOYMENT, "name": "chat", "properties": {"properties": properties}}


_FILTERED = _deployment(raiPolicyName="${strict.name}")

RULE = ResourceRule(
    id="AIS-09",
    title="Prompts and completions filtered",
    severity=Severity.HIGH,
    scope="graph",
    types=(DEPLOYMENT,),
    check=_check,
    options={
        "categories": Option(default=_HARMS, help="The categories of content that must be blocked on both sides."),
        "thresholds": Option(default=("Low", "Medium"), help="The levels from which on content may be blocked."),
    },
    covers=(
        "azp:f3a9c2e0-7b4d-4d8f-9c3a-2e1f6b9a8d4e",
        "azp:af253d37-136a-42f8-a1fc-30010c083d41",
        "azp:930f48f9-f07e-427c-9494-52603581c6a9",
    ),
    packs=("baseline", "hardened"),
    failing=(
        Example(name="a filter that does not block", resources=[_FILTERED, _policy(blocking=False)]),
        Example(name="a filter that is off", resources=[_FILTERED, _policy(enabled=False)]),
        Example(name="only the worst is filtered", resources=[_FILTERED, _policy(severityThreshold="High")]),
        Example(name="a category left out", resources=[_FILTERED, _policy(without="Violence")]),
        Example(name="filtered too late", resources=[_FILTERED, _policy("Asynchronous_filter")]),
    ),
    passing=(
        Example(name="Azure's default filter", resources=[_deployment()]),
        Example(
            name="Azure's default filter by its name", resources=[_deployment(raiPolicyName="Microsoft.DefaultV2")]
        ),
        Example(name="a filter of one's own", resources=[_FILTERED, _policy()]),
        Example(name="a filter by its name", resources=[_deployment(raiPolicyName="strict"), _policy()]),
    ),
)
