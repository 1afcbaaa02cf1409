"""Only models of approved publishers, or approved by name, are deployed.

What: ``properties.model`` of a deployment has a publisher of the setting ``publishers`` or a name of the setting
``models``. Where ``publisher`` is absent the model's ``format`` says it.

Why: each publisher has its own licence, its own tests and its own handling of data; an account lets everybody with the
role deploy any of them.

Fix: name what is approved in the rule's settings; deploy one of these models.

Decided: which models a company trusts only it can say, so the rule is silent until one of the settings names some.
"""

from ..conditions import either, folded, judged
from ..outcome import not_applicable, passed
from ..resource import Resource
from ..rule import Facts, Option, ResourceRule, Said, Severity, example
from ..values import ABSENT

DEPLOYMENT = "azure-native:cognitiveservices:Deployment"


def _check(deployment: Resource, facts: Facts) -> Said:
    publishers, models = facts.texts("publishers"), facts.texts("models")
    if not publishers and not models:
        return not_applicable("nothing approved is named")
    name = deployment.get("properties.model.name")
    if folded(name) in {one.lower() for one in models}:
        return passed("properties.model.name", name)
    given = deployment.get("properties.model.publisher") is not ABSENT
    path = f"properties.model.{'publisher' if given else 'format'}" if publishers else "properties.model.name"
    allowed = {one.lower() for one in publishers}
    return judged(path, deployment.get(path), lambda value: folded(value) in allowed, either((*publishers, *models)))


def _model(**properties: object) -> dict[str, object]:
    return {"properties": {"model": properties}}


_SETTINGS = {"publishers": ("OpenAI", "Microsoft"), "models": ("Mistral-large-2411",)}

RULE = ResourceRule(
    id="AIS-08",
    title="Only approved models deployed in AI services",
    severity=Severity.HIGH,
    types=(DEPLOYMENT,),
    check=_check,
    options={
        "publishers": Option(default=(), help="The publishers whose models may be deployed."),
        "models": Option(default=(), help="The models that may be deployed, by name, whoever publishes them."),
    },
    covers=("azp:aafe3651-cb78-4f68-9f81-e7e41509110f",),
    packs=("hardened",),
    failing=(
        example("another publisher", DEPLOYMENT, _model(format="DeepSeek", name="DeepSeek-R1"), settings=_SETTINGS),
        example(
            "a publisher that its format hides",
            DEPLOYMENT,
            _model(format="OpenAI", publisher="someone", name="gpt-4o"),
            settings=_SETTINGS,
        ),
        example("no model", DEPLOYMENT, {"properties": {}}, settings=_SETTINGS),
        example(
            "a name that is not approved",
            DEPLOYMENT,
            _model(format="OpenAI", name="gpt-4o"),
            settings={"models": ("gpt-4o-mini",)},
        ),
    ),
    passing=(
        example("by its format", DEPLOYMENT, _model(format="OpenAI", name="gpt-4o"), settings=_SETTINGS),
        example("by its publisher", DEPLOYMENT, _model(publisher="microsoft", name="Phi-4"), settings=_SETTINGS),
        example("by its name", DEPLOYMENT, _model(format="Mistral AI", name="Mistral-large-2411"), settings=_SETTINGS),
    ),
)
