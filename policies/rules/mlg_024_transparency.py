"""People are told that they deal with a machine, and what it makes is marked.

What: where ``governance.user_facing`` is true, ``governance.disclosure`` says how people are told; where
``governance.generates`` names anything, ``governance.content_marking`` says how what it generates is marked. An
environment in which the plan deploys a model of Azure AI services that is no embedding has ``generates``.

Why: who does not know that a machine answers cannot doubt it, and what is not marked spreads as if a person had made
it.

Fix: write ``governance.disclosure`` and ``governance.content_marking`` in groundplan.yaml.

Decided: the EU AI Act asks for the notice of any system that meets people, and for the marking of any that generates,
so each is asked for by itself.
"""

from collections.abc import Iterator, Mapping

from ..config import ProjectConfig
from ..outcome import Outcome, failed, not_applicable, passed
from ..project import text, texts
from ..rule import ConfigRule, Example, Facts, Said, Severity

DEPLOYMENT = "azure-native:cognitiveservices:Deployment"


def _check(config: ProjectConfig, facts: Facts) -> Said:
    return list(_of(config, facts)) or not_applicable("it meets nobody and generates nothing")


def _of(config: ProjectConfig, facts: Facts) -> Iterator[Outcome]:
    if config.get("governance.user_facing") is True:
        yield _said(config, "governance.disclosure", "how people are told that they deal with a machine")
    made = texts(config.get("governance.generates"))
    if made:
        yield _said(config, "governance.content_marking", f"how generated {' and '.join(made)} is marked")
        return
    for one in facts.graph.of(DEPLOYMENT):
        model = str(one.get("properties.model.name"))
        if one.environment == config.environment and "embedding" not in model.lower():
            yield failed("governance.generates", f"nothing, but {one.name} deploys {model}", "what it generates")


def _said(config: ProjectConfig, path: str, expected: str) -> Outcome:
    return passed(path, text(config, path)) if text(config, path) else failed(path, "nothing", expected)


def _deployed(model: str) -> list[Mapping[str, object]]:
    return [{"type": DEPLOYMENT, "name": "chat", "properties": {"properties": {"model": {"name": model}}}}]


RULE = ConfigRule(
    id="MLG-024",
    title="Transparency notice and marking of generated content",
    severity=Severity.MEDIUM,
    check=_check,
    relates_to=("EU-AI-Act 50", "ISO-42001 A.8.2"),
    packs=("governance",),
    remedy='governance: {user_facing: true, disclosure: "Answers come from a machine.", content_marking: C2PA}',
    failing=(
        Example(name="nobody is told", config={"governance": {"user_facing": True, "disclosure": None}}),
        Example(name="images without a mark", config={"governance": {"generates": ["image"]}}),
        Example(name="it generates and does not say so", config={"governance": {}}, resources=_deployed("gpt-4o")),
    ),
    passing=(
        Example(
            name="told and marked",
            config={
                "governance": {
                    "user_facing": True,
                    "disclosure": "Answers come from a machine.",
                    "generates": ["text"],
                    "content_marking": "a watermark",
                }
            },
            resources=_deployed("gpt-4o"),
        ),
        Example(
            name="it meets people and generates nothing",
            config={"governance": {"user_facing": True, "disclosure": "https://example.com/how-we-decide"}},
        ),
    ),
)
