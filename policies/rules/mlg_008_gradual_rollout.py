"""A new version gets a part of production's requests first, or a copy of them.

What: an endpoint of production that answers requests has ``rollout`` in the config with the strategy canary,
blue-green, ab or shadow; the first step of a canary or ab takes at most the setting ``first_step`` percent. In a
preview, an endpoint that is there already does not send all its requests to a deployment that the same update makes,
unless ``mirrorTraffic`` sends it a copy first.

Why: what goes wrong with a new version goes wrong for everybody at once when everybody gets it at once.

Fix: write ``endpoints.<name>.rollout.strategy: canary`` in groundplan.yaml, with a first step of 25 percent or less.

Decided: a plan alone does not tell a first deployment from a later one; only a resource whose id is known is there. On
Vertex AI ``trafficSplit`` names deployed models by numbers that the cloud gives, so there only the config is judged.
Blue-green sends everything at once, but only after a copy was watched, and the version before stands by. It reads
``strategy`` and ``steps[].traffic`` of ``endpoints.<name>.rollout``; an endpoint of a config without that section is
judged by the plan alone.
"""

from collections.abc import Iterator, Mapping

from ..conditions import number
from ..environments import only_in_production
from ..outcome import Outcome, failed, not_applicable, passed
from ..project import endpoint_of, entries, is_hidden, mapping
from ..resource import Resource
from ..rule import Example, Facts, Option, ResourceRule, Said, Severity

ENDPOINT = "azure-native:machinelearningservices:OnlineEndpoint"
DEPLOYMENT = "azure-native:machinelearningservices:OnlineDeployment"
VERTEX = "gcp:vertex/aiEndpoint:AiEndpoint"
GRADUAL = ("canary", "blue-green", "ab", "shadow")


def _check(resource: Resource, facts: Facts) -> Said:
    return [*_of_config(resource, facts), *_of_plan(resource, facts)] or not_applicable("nothing replaces anything")


def _of_config(resource: Resource, facts: Facts) -> Iterator[Outcome]:
    name = endpoint_of(facts.config, resource)
    if facts.config is None or not name or "rollout" not in facts.config.section("endpoints")[name]:
        return
    path = f"endpoints.{name}.rollout"
    rollout = mapping(facts.config.get(path))
    strategy = rollout.get("strategy")
    if strategy not in GRADUAL:
        yield failed(f"{path}.strategy", strategy or "not set", " or ".join(GRADUAL))
        return
    most = facts.number("first_step")
    steps = entries(rollout.get("steps"))
    if strategy in ("canary", "ab"):
        first = steps[0].get("traffic") if steps else None
        if not number(first) <= most:
            yield failed(f"{path}.steps", f"{first} percent first" if steps else "no steps", f"at most {most:g} first")
            return
    yield passed(f"{path}.strategy", strategy)


def _of_plan(resource: Resource, facts: Facts) -> Iterator[Outcome]:
    traffic = resource.get("properties.traffic")
    if resource.type != ENDPOINT or not resource.id or is_hidden(traffic):
        return
    whole = {name.lower() for name, share in mapping(traffic).items() if number(share) >= 100}
    for one in facts.graph.referring(resource, DEPLOYMENT, "endpointName"):
        names = {name.lower() for name in one.names}
        if names & whole and not one.id and not mapping(resource.get("properties.mirrorTraffic")):
            yield failed("properties.traffic", f"100 percent to {one.name}, which is new", "a smaller share first")
        elif not one.id:
            yield passed("properties.traffic", traffic)


_ROLLOUT = {
    "strategy": "canary",
    "steps": [{"traffic": 10, "bake": "1h"}, {"traffic": 100, "bake": "1h"}],
}


def _config(name: str, rollout: object, type: str = ENDPOINT) -> Example:
    resource: Mapping[str, object] = {"type": type, "name": "churn", "cause": "endpoints.churn", "properties": {}}
    return Example(name=name, resources=[resource], config={"endpoints": {"churn": {"rollout": rollout}}})


def _plan(name: str, traffic: dict[str, int], **more: object) -> Example:
    properties = {"endpointName": "churn-1", "properties": {"traffic": traffic, **more}}
    made = [
        {"type": DEPLOYMENT, "name": one, "properties": {"endpointName": "churn-1", "deploymentName": one}, "id": id}
        for one, id in (("blue", "/deployments/blue"), ("green", ""))
    ]
    return Example(
        name=name, resources=[{"type": ENDPOINT, "name": "churn", "id": "/e/churn-1", "properties": properties}, *made]
    )


RULE = ResourceRule(
    id="MLG-008",
    title="Canary or shadow before all of production's traffic",
    severity=Severity.HIGH,
    scope="graph",
    types=(ENDPOINT, VERTEX),
    check=only_in_production(_check),
    relates_to=("EU-AI-Act 15(4)", "NIST-AI-RMF MANAGE 2.4", "NIST-AI-RMF MEASURE 2.5", "ISO-42001 A.6.2.5"),
    packs=("governance",),
    remedy="endpoints: {churn: {rollout: {strategy: canary, steps: [{traffic: 10, bake: 1h}]}}}",
    options={"first_step": Option(default=25, help="the largest share, in percent, that a new version may get first")},
    failing=(
        _config("all at once", {"strategy": "direct"}),
        _config("half of it first", {**_ROLLOUT, "steps": [{"traffic": 50, "bake": "1h"}]}, VERTEX),
        _config("no steps", {**_ROLLOUT, "steps": []}),
        _config("nothing said", None),
        _plan("all to a deployment that is new", {"green": 100}),
    ),
    passing=(
        _config("a canary", _ROLLOUT),
        _config("a shadow", {"strategy": "shadow", "steps": []}, VERTEX),
        _plan("a tenth to a deployment that is new", {"blue": 90, "green": 10}),
        _plan("a copy first", {"green": 100}, mirrorTraffic={"green": 10}),
    ),
)
