"""An endpoint serves a model of an approved registry.

What: ``properties.model`` of an online deployment lies in a registry; with the setting ``registries``, in one of those.

Why: what is in a registry came there through evaluation and approval. A model of a workspace, or one that is baked into
an image, may have come from anybody's notebook.

Fix: promote the model with groundplan, or give ``pinned.uri`` of the endpoint in groundplan.yaml a model of a registry;
name the approved registries in the rule's settings.

Decided: a deployment without ``model`` serves what its image holds, which no registry vouches for, so it fails. Without
a list every registry will do, also Microsoft's open catalogues: which of them are trusted is for the company to say.
The published rules are previews that look at the data plane; here the resource itself is judged, before it exists.
"""

from ..conditions import either, judged
from ..resource import Resource
from ..rule import Facts, Option, ResourceRule, Said, Severity, example

DEPLOYMENT = "azure-native:machinelearningservices:OnlineDeployment"
PATH = "properties.model"
_MODEL = "azureml://registries/mlr-churn/models/churn/versions/3"


def _check(deployment: Resource, facts: Facts) -> Said:
    registries = facts.texts("registries")
    allowed = {one.lower() for one in registries}
    expected = f"a model of the registry {either(registries)}" if registries else "a model of a registry"
    return judged(PATH, deployment.get(PATH), lambda model: _is_of(_registry(model), allowed), expected)


def _is_of(registry: str, allowed: set[str]) -> bool:
    return registry in allowed if allowed else registry != ""


def _registry(model: object) -> str:
    """The registry of a model's id, in lower case, as in ``azureml://registries/NAME/models/…``; "" without one."""
    pieces = str(model).lower().split("/")
    place = pieces.index("registries") if "registries" in pieces else len(pieces)
    return pieces[place + 1] if pieces[place + 2 : place + 3] == ["models"] else ""


def _deployment(**properties: object) -> dict[str, object]:
    return {"properties": {"endpointComputeType": "Managed", **properties}}


RULE = ResourceRule(
    id="AML-16",
    title="Only models of approved registries deployed",
    severity=Severity.HIGH,
    types=(DEPLOYMENT,),
    check=_check,
    options={"registries": Option(default=(), help="The registries whose models may be deployed; without any, all.")},
    covers=(
        "azp:12e5dd16-d201-47ff-849b-8454061c293d",
        "azp:19539b54-c61e-4196-9a38-67598701be90",
        "MCSB:AI-1",
    ),
    packs=("hardened",),
    remedy="endpoints.<name>.pinned.uri: azureml://registries/<registry>/models/<model>/versions/<version>",
    failing=(
        example("a model of a workspace", DEPLOYMENT, _deployment(model="azureml:churn:3")),
        example("baked into the image", DEPLOYMENT, _deployment(environmentId="azureml:serve:1")),
        example(
            "a workspace's model by its id",
            DEPLOYMENT,
            _deployment(
                model="/subscriptions/s/resourceGroups/g/providers/p/workspaces/registries/models/m/versions/1"
            ),
        ),
        example(
            "a registry that is not approved",
            DEPLOYMENT,
            _deployment(model="azureml://registries/HuggingFace/models/gpt2/versions/1"),
            settings={"registries": ("mlr-churn",)},
        ),
    ),
    passing=(
        example("a registry's model", DEPLOYMENT, _deployment(model=_MODEL)),
        example("an approved registry", DEPLOYMENT, _deployment(model=_MODEL), settings={"registries": ("MLR-churn",)}),
        example(
            "a registry's model by its id",
            DEPLOYMENT,
            _deployment(model="/subscriptions/s/resourceGroups/g/providers/p/registries/mlr/models/m/versions/1"),
        ),
    ),
)
