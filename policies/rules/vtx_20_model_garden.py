"""Only approved models come from Model Garden.

What: ``publisherModelName``, or ``huggingFaceModelId``, matches one of ``models``, in which ``*`` stands for
anything. While that list is empty, the rule says nothing.

Why: a foundation model comes with a licence, a provenance and weights that somebody must have looked at.

Fix: choose a model of the list, or have this one approved and add it to ``models``.
"""

from fnmatch import fnmatchcase

from ..conditions import either, judged
from ..outcome import not_applicable
from ..resource import Resource
from ..rule import Facts, Option, ResourceRule, Said, Severity, example
from ..values import ABSENT

DEPLOYMENT = "gcp:vertex/aiEndpointWithModelGardenDeployment:AiEndpointWithModelGardenDeployment"
ENABLED = "gcp:vertex/aiModelGardenEnableModel:AiModelGardenEnableModel"
GEMMA = {"models": ("publishers/google/models/gemma*",)}


def _check(resource: Resource, facts: Facts) -> Said:
    allowed = facts.texts("models")
    if not allowed:
        return not_applicable("no model is named as allowed")
    path = "publisherModelName"
    if resource.get(path) is ABSENT and resource.get("huggingFaceModelId") is not ABSENT:
        path = "huggingFaceModelId"
    folded = [one.lower() for one in allowed]
    return judged(
        path,
        resource.get(path),
        lambda found: any(fnmatchcase(str(found).lower(), one) for one in folded),
        either(allowed),
    )


RULE = ResourceRule(
    id="VTX-20",
    title="Model Garden: approved models",
    severity=Severity.HIGH,
    types=(DEPLOYMENT, ENABLED),
    check=_check,
    covers=("constraints/vertexai.allowedModels",),
    packs=("baseline", "hardened"),
    options={"models": Option(default=(), help="models that are allowed, by their full names, * for anything")},
    failing=(
        example(
            "another model",
            DEPLOYMENT,
            {"publisherModelName": "publishers/somebody/models/large@001"},
            settings=GEMMA,
        ),
        example("a model of Hugging Face", DEPLOYMENT, {"huggingFaceModelId": "somebody/large"}, settings=GEMMA),
        example("another model enabled", ENABLED, {"publisherModelName": "publishers/x/models/y"}, settings=GEMMA),
        example("no model", DEPLOYMENT, {}, settings=GEMMA),
    ),
    passing=(
        example(
            "an allowed model",
            DEPLOYMENT,
            {"publisherModelName": "publishers/google/models/gemma3@gemma-3-1b-it"},
            settings=GEMMA,
        ),
        example(
            "an allowed model of Hugging Face",
            DEPLOYMENT,
            {"huggingFaceModelId": "Google/gemma-2b"},
            settings={"models": ("google/*",)},
        ),
    ),
)
