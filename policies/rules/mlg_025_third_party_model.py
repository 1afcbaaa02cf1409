"""A model that somebody else made is named with its licence, and somebody looked at both.

What: a model with ``source`` has ``licence``, one of the setting ``licences``, and ``approved_by``. A model that the
plan takes from Model Garden or Hugging Face is the ``source`` of one of the models of the config.

Why: a licence may forbid the use, and what is in a model that a stranger trained cannot be seen from outside.

Fix: write ``source``, ``licence`` and ``approved_by`` below ``models.<name>`` in groundplan.yaml.
"""

from collections.abc import Iterator, Mapping

from ..config import ProjectConfig
from ..outcome import Outcome, failed, not_applicable, passed
from ..project import text
from ..rule import ConfigRule, Example, Facts, Option, Said, Severity

GARDEN = "gcp:vertex/aiEndpointWithModelGardenDeployment:AiEndpointWithModelGardenDeployment"
_LICENCES = ("Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "ISC", "CC0-1.0", "CC-BY-4.0")


def _check(config: ProjectConfig, facts: Facts) -> Said:
    return [*_of_models(config, facts), *_of_plan(config, facts)] or not_applicable("no model comes from outside")


def _of_models(config: ProjectConfig, facts: Facts) -> Iterator[Outcome]:
    allowed = {one.lower() for one in facts.texts("licences")}
    for model in config.section("models"):
        path = f"models.{model}"
        if not text(config, f"{path}.source"):
            continue
        licence, person = text(config, f"{path}.licence"), text(config, f"{path}.approved_by")
        if not licence or (allowed and licence.lower() not in allowed):
            yield failed(f"{path}.licence", licence or "none", " or ".join(facts.texts("licences")) or "a licence")
        else:
            yield passed(f"{path}.licence", licence)
        yield passed(f"{path}.approved_by") if person else failed(f"{path}.approved_by", "nobody", "who said yes")


def _of_plan(config: ProjectConfig, facts: Facts) -> Iterator[Outcome]:
    named = {text(config, f"models.{model}.source").lower() for model in config.section("models")} - {""}
    for one in facts.graph.of(GARDEN):
        made = [one.get(key) for key in ("publisherModelName", "huggingFaceModelId")]
        model = next((found for found in made if isinstance(found, str) and found), "")
        if one.environment != config.environment or not model:
            continue
        if any(source == model.lower() or model.lower().startswith(f"{source}@") for source in named):
            yield passed("models", model)
        else:
            yield failed("models", f"{one.name} serves {model}", "a model of the config with this source")


_GEMMA = {
    "source": "publishers/google/models/gemma3",
    "licence": "Apache-2.0",
    "approved_by": "legal@example.com",
}


def _garden(model: str) -> list[Mapping[str, object]]:
    return [{"type": GARDEN, "name": "chat", "properties": {"publisherModelName": model}}]


RULE = ConfigRule(
    id="MLG-025",
    title="Third-party model with licence and origin recorded",
    severity=Severity.MEDIUM,
    check=_check,
    relates_to=(
        "EU-AI-Act 25",
        "EU-AI-Act 53",
        "NIST-AI-RMF GOVERN 6.1",
        "NIST-AI-RMF MAP 4.1",
        "ISO-42001 A.10.3",
    ),
    packs=("governance",),
    remedy="models: {chat: {source: publishers/google/models/gemma3, licence: MIT, approved_by: jo@example.com}}",
    options={"licences": Option(default=_LICENCES, help="the licences that are accepted, by SPDX name; none: any")},
    failing=(
        Example(name="no licence", config={"models": {"chat": {**_GEMMA, "licence": None}}}),
        Example(name="another licence", config={"models": {"chat": {**_GEMMA, "licence": "CC-BY-NC-4.0"}}}),
        Example(name="nobody looked", config={"models": {"chat": {**_GEMMA, "approved_by": None}}}),
        Example(
            name="a model that the config does not name",
            config={"models": {"churn": {}}},
            resources=_garden("publishers/google/models/gemma3@gemma-3-1b-it"),
        ),
    ),
    passing=(
        Example(
            name="named and approved",
            config={"models": {"chat": _GEMMA}},
            resources=_garden("publishers/google/models/gemma3@gemma-3-1b-it"),
        ),
        Example(
            name="any licence will do",
            config={"models": {"chat": {**_GEMMA, "licence": "CC-BY-NC-4.0"}}},
            settings={"licences": ()},
        ),
    ),
)
