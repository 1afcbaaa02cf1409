"""A deployment names one version of a model, not whatever is newest.

What: ``properties.model`` of an online deployment ends in a version (``/versions/3``, ``azureml:churn:3``); on Vertex
AI the model that the config pins ends in ``@3``. ``latest``, ``default``, a label or no version at all is refused.

Why: what a name points at today it need not point at tomorrow; then nobody can tell what answered, or go back to it.

Fix: write the version in ``endpoints.<name>.pinned.uri``, or let the lifecycle deploy what was promoted.
"""

import re
from collections.abc import Mapping

from ..conditions import judged, matches, when
from ..outcome import Outcome, not_applicable, passed
from ..project import endpoint_of
from ..resource import Resource
from ..rule import Example, Facts, ResourceRule, Said, Severity, example
from ..values import ABSENT

DEPLOYMENT = "azure-native:machinelearningservices:OnlineDeployment"
ENDPOINT = "gcp:vertex/aiEndpoint:AiEndpoint"
EXPECTED = "one version of a model, such as …/versions/3"
_AZURE = r"(?i)(.*/versions/|azureml:[^:/]+:)(?!latest$|default$)[\w.-]+"
_GOOGLE = re.compile(r".*/models/[^@/]+@\d+")


def _named(resource: Resource, _facts: Facts) -> Said:
    return not_applicable() if resource.get("properties.model") is ABSENT else passed()


def _check(resource: Resource, facts: Facts) -> Said:
    if resource.type == ENDPOINT:
        return _of_vertex(resource, facts)
    return when(_named, matches("properties.model", _AZURE, EXPECTED), "it names no model")(resource, facts)


def _of_vertex(resource: Resource, facts: Facts) -> Outcome:
    path = f"endpoints.{endpoint_of(facts.config, resource)}.pinned.uri"
    pinned = ABSENT if facts.config is None else facts.config.get(path)
    if pinned is ABSENT:
        return not_applicable("the config pins no version")
    return judged(path, pinned, lambda found: _GOOGLE.fullmatch(str(found)) is not None, "a model that ends in @3")


def _vertex(uri: str) -> Example:
    endpoint: Mapping[str, object] = {"type": ENDPOINT, "name": "churn", "cause": "endpoints.churn", "properties": {}}
    config = {"endpoints": {"churn": {"pinned": {"uri": uri}}}}
    return Example(name=f"Vertex AI: {uri}", resources=[endpoint], config=config)


def _azure(model: str) -> Example:
    return example(f"Azure ML: {model}", DEPLOYMENT, {"properties": {"model": model}})


RULE = ResourceRule(
    id="MLG-006",
    title="Model version pinned, no latest or default alias",
    severity=Severity.HIGH,
    types=(DEPLOYMENT, ENDPOINT),
    check=_check,
    relates_to=("NIST-AI-RMF MANAGE 4.1", "ISO-42001 A.6.2.6", "SOC2 CC8.1"),
    packs=("governance",),
    remedy='endpoints: {churn: {pinned: {uri: "azureml://registries/mlr-churn/models/churn/versions/3"}}}',
    failing=(
        _azure("azureml://registries/mlr-churn/models/churn/labels/latest"),
        _azure("azureml:churn@latest"),
        _azure("azureml:churn:latest"),
        _azure("azureml:churn"),
        _vertex("projects/acme/locations/europe-west4/models/churn@default"),
        _vertex("projects/acme/locations/europe-west4/models/churn"),
    ),
    passing=(
        _azure("azureml://registries/mlr-churn/models/churn/versions/3"),
        _azure("azureml:churn:3"),
        _vertex("projects/acme/locations/europe-west4/models/churn@3"),
    ),
)
