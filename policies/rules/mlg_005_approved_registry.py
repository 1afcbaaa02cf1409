"""Production serves what comes from a registry, not from somebody's workspace.

What: in production ``properties.model`` of an online deployment names a model of a registry
(``azureml://registries/…``), one of the setting ``registries`` where it names any. On Vertex AI the model version that
the config pins lies in one of the setting ``projects``; without any the rule says nothing about Vertex AI, whose
registry is the project's own.

Why: in a workspace everybody who may train may register; what lands there has passed no gate of anybody else.

Fix: promote the model to the registry (``groundplan models promote``) and pin that version:
``endpoints.<name>.pinned``.

Decided: a deployment without a model, such as one whose image holds it, is not judged here; MLG-007 asks for its
digest.
"""

from collections.abc import Mapping

from ..conditions import judged
from ..environments import only_in_production
from ..outcome import Outcome, failed, not_applicable, passed
from ..project import endpoint_of
from ..resource import Resource
from ..rule import Example, Facts, Option, ResourceRule, Said, Severity, example
from ..values import ABSENT, Unknown

DEPLOYMENT = "azure-native:machinelearningservices:OnlineDeployment"
ENDPOINT = "gcp:vertex/aiEndpoint:AiEndpoint"
LOCAL = "azure-native:machinelearningservices:ModelVersion"
REGISTERED = "azure-native:machinelearningservices:RegistryModelVersion"
_MODEL = "properties.model"


def _check(resource: Resource, facts: Facts) -> Said:
    return _of_vertex(resource, facts) if resource.type == ENDPOINT else _of_azure(resource, facts)


def _of_azure(resource: Resource, facts: Facts) -> Outcome:
    model = resource.get(_MODEL)
    names = facts.texts("registries")
    expected = f"a model of the registry {' or '.join(names)}" if names else "a model of a registry"
    if model is ABSENT:
        return not_applicable("it names no model")
    if isinstance(model, Unknown) and facts.graph.targets(resource, _MODEL, LOCAL):
        return failed(_MODEL, "a model of the workspace", expected)
    if isinstance(model, Unknown) and not names and facts.graph.targets(resource, _MODEL, REGISTERED):
        return passed(_MODEL, "a model of a registry")
    starts = tuple(f"azureml://registries/{name}/".lower() for name in names) or ("azureml://registries/",)
    return judged(_MODEL, model, lambda found: str(found).lower().startswith(starts), expected)


def _of_vertex(resource: Resource, facts: Facts) -> Outcome:
    projects = facts.texts("projects")
    name = endpoint_of(facts.config, resource)
    if not projects or facts.config is None or not name:
        return not_applicable("no project of a registry is named")
    path = f"endpoints.{name}.pinned.uri"
    pinned = facts.config.get(path)
    if pinned is ABSENT:
        return not_applicable("the config pins no version")
    starts = tuple(f"projects/{project}/" for project in projects)
    return judged(path, pinned, lambda found: str(found).startswith(starts), f"a model of {' or '.join(projects)}")


def _deployment(model: str) -> Mapping[str, object]:
    return {"properties": {"model": model}}


def _vertex(uri: str) -> Mapping[str, object]:
    endpoint: Mapping[str, object] = {"type": ENDPOINT, "name": "churn", "cause": "endpoints.churn", "properties": {}}
    config = {"endpoints": {"churn": {"pinned": {"uri": uri}}}}
    return {"resources": [endpoint], "config": config, "settings": {"projects": ("acme-models",)}}


RULE = ResourceRule(
    id="MLG-005",
    title="Production serves models of an approved registry",
    severity=Severity.HIGH,
    scope="graph",
    types=(DEPLOYMENT, ENDPOINT),
    check=only_in_production(_check),
    relates_to=("NIST-AI-RMF GOVERN 6.1", "NIST-AI-RMF MAP 4.1", "ISO-42001 A.10.3", "MCSBv2 AI-1"),
    packs=("governance",),
    remedy='endpoints: {churn: {pinned: {uri: "azureml://registries/mlr-churn/models/churn/versions/3"}}}',
    options={
        "registries": Option(default=(), help="Azure ML: the registries that production may serve from; none: any"),
        "projects": Option(default=(), help="Vertex AI: the projects whose models production may serve"),
    },
    failing=(
        example("of the workspace", DEPLOYMENT, _deployment("azureml:churn:3")),
        example(
            "of a registry that is not approved",
            DEPLOYMENT,
            _deployment("azureml://registries/play/models/churn/versions/3"),
            settings={"registries": ("mlr-churn",)},
        ),
        Example(
            name="made in the workspace by the same program",
            resources=[
                {"type": DEPLOYMENT, "name": "blue", "properties": _deployment("${churn.id}")},
                {"type": LOCAL, "name": "churn", "properties": {"name": "churn", "version": "3"}},
            ],
        ),
        Example(name="of another project", **_vertex("projects/play/locations/europe-west4/models/churn@3")),  # pyright: ignore[reportArgumentType]
    ),
    passing=(
        example("of a registry", DEPLOYMENT, _deployment("azureml://registries/mlr-churn/models/churn/versions/3")),
        Example(name="of the project", **_vertex("projects/acme-models/locations/europe-west4/models/churn@3")),  # pyright: ignore[reportArgumentType]
    ),
)
