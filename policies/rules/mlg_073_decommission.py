"""What production cannot do without is not deleted by accident, and every model has an end.

What: in production an endpoint, a workspace, an online feature store, an index and a Workbench instance are protected:
by Pulumi's ``protect``, by ``deletionPolicy`` PREVENT or by ``enableDeletionProtection``. The model that an endpoint
serves has ``models.<name>.retirement`` in the config.

Why: a renamed key in a config deletes what has that name; and a model that nobody retires answers long after anybody
stands by it.

Fix: groundplan protects production by itself; write ``models.<name>.retirement: "2027-12-31"`` in groundplan.yaml.

Decided: a day of retirement that has passed fails too: either it is retired, or somebody decides anew.
"""

from collections.abc import Iterator, Mapping

from ..conditions import folded
from ..environments import only_in_production
from ..outcome import Outcome, failed, passed, unknown
from ..project import endpoint_of, is_hidden, served, text
from ..resource import Resource
from ..rule import Example, Facts, ResourceRule, Said, Severity

VERTEX = "gcp:vertex/aiEndpoint:AiEndpoint"
AZURE = "azure-native:machinelearningservices:OnlineEndpoint"
WORKBENCH = "gcp:workbench/instance:Instance"
TYPES = (
    VERTEX,
    AZURE,
    WORKBENCH,
    "azure-native:machinelearningservices:BatchEndpoint",
    "azure-native:machinelearningservices:Workspace",
    "gcp:vertex/aiFeatureOnlineStore:AiFeatureOnlineStore",
    "gcp:vertex/aiIndex:AiIndex",
)


def _check(resource: Resource, facts: Facts) -> Said:
    return [_protected(resource), *_retired(resource, facts)]


def _protected(resource: Resource) -> Outcome:
    by_policy = folded(resource.get("deletionPolicy")) == "prevent"
    if resource.protect or by_policy or resource.get("enableDeletionProtection") is True:
        return passed("", "protected")
    expected = "protect, or deletionPolicy PREVENT"
    if any(is_hidden(resource.get(path)) for path in ("deletionPolicy", "enableDeletionProtection")):
        return unknown("", expected)
    return failed("", "not protected", expected)


def _retired(resource: Resource, facts: Facts) -> Iterator[Outcome]:
    endpoint = endpoint_of(facts.config, resource)
    if facts.config is None or not endpoint:
        return
    path = f"models.{served(facts.config, endpoint)}.retirement"
    day = text(facts.config, path)
    if not day:
        yield failed(path, "not set", "the day on which it is retired, or that is decided anew")
    elif day < facts.today:
        yield failed(path, day, "a day that has not passed")
    else:
        yield passed(path, day)


def _endpoint(name: str, type: str, properties: Mapping[str, object], *, protect: bool = False) -> Example:
    return Example(name=name, resources=[{"type": type, "name": "churn", "properties": properties, "protect": protect}])


def _served(name: str, model: Mapping[str, object]) -> Example:
    resource: Mapping[str, object] = {
        "type": VERTEX,
        "name": "churn",
        "cause": "endpoints.churn",
        "protect": True,
        "properties": {},
    }
    config = {"models": {"churn": model}, "endpoints": {"churn": {"model": "churn"}}}
    return Example(name=name, resources=[resource], config=config)


RULE = ResourceRule(
    id="MLG-073",
    title="Deletion protection and a planned end",
    severity=Severity.LOW,
    types=TYPES,
    check=only_in_production(_check),
    relates_to=("NIST-AI-RMF GOVERN 1.7", "NIST-AI-RMF MANAGE 2.4", "ISO-42001 A.6.2.6"),
    packs=("governance",),
    remedy='models: {churn: {retirement: "2027-12-31"}}',
    failing=(
        _endpoint("not protected", AZURE, {}),
        _endpoint("a policy that deletes", VERTEX, {"deletionPolicy": "DELETE"}),
        _served("a model without an end", {}),
        _served("a model that has outlived it", {"retirement": "2026-11-27"}),
    ),
    passing=(
        _endpoint("by Pulumi", AZURE, {}, protect=True),
        _endpoint("by its policy", VERTEX, {"deletionPolicy": "PREVENT"}),
        _endpoint("by the instance itself", WORKBENCH, {"enableDeletionProtection": True}),
        _served("a model with an end", {"retirement": "2027-12-31"}),
    ),
)
