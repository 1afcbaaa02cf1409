"""Each model has a card, and its card says what it is for, what not, and whom to ask.

What: in staging and production ``models.<name>`` says ``intended_use``, ``out_of_scope``, ``limitations`` and
``ethical_considerations``; ``owner`` is written, or the model's ``contact``; and the version that is there, or on its
way there, has a card that bears its own name and version. What it was trained on and how it did stands in the card by
itself, from lineage and evidence.

Why: whoever uses a model did not make it; the card is all that they will read.

Fix: write the four texts below ``models.<name>`` in groundplan.yaml, and register the version anew so that its card
holds them.
"""

from collections.abc import Iterator, Mapping

from ..config import ProjectConfig
from ..outcome import Outcome, failed, not_applicable, passed
from ..project import text
from ..rule import ConfigRule, Example, Facts, Said, Severity
from ..versions import Version, not_at_hand, versions

WRITTEN = ("intended_use", "out_of_scope", "limitations", "ethical_considerations")
CARD = "a model card of this version"


def _check(config: ProjectConfig, _facts: Facts) -> Said:
    if config.tier not in ("staging", "production"):
        return not_applicable("it is asked of staging and production")
    found = versions(config)
    judged = [not_at_hand(CARD)] if found is None else [_of_version(one) for one in found]
    return [*_of_config(config), *judged]


def _of_config(config: ProjectConfig) -> Iterator[Outcome]:
    for model in config.section("models"):
        for key in WRITTEN:
            path = f"models.{model}.{key}"
            yield passed(path, "written") if text(config, path) else failed(path, "nothing", "a sentence or more")
        path = f"models.{model}.contact"
        said = text(config, path) or text(config, "owner")
        yield passed(path, said) if said else failed(path, "nobody", "contact, or the product's owner")


def _of_version(version: Version) -> Outcome:
    path = f"models.{version.model}"
    heading = version.text("card.text").strip().split("\n")[0].replace("\\", "").removeprefix("# ")
    if not heading:
        return failed(path, f"{version.name} has no card", CARD)
    if heading != f"{version.model}, version {version.text('version')}":
        return failed(path, f"the card of {heading}", CARD)
    return passed(path, heading)


_MODEL = dict.fromkeys(WRITTEN, "A sentence.")
_CONFIG = {"owner": "ml@example.com", "models": {"churn": _MODEL}}


def _card(heading: str) -> dict[str, Mapping[str, object]]:
    return {"churn": {"version": "3", "card": {"text": f"# {heading}\n\nWho leaves."}}}


_GOOD = _card("churn, version 3")

RULE = ConfigRule(
    id="MLG-020",
    title="Model card present and complete",
    severity=Severity.HIGH,
    scope="evidence",
    check=_check,
    relates_to=(
        "EU-AI-Act 11",
        "EU-AI-Act 13(3)",
        "EU-AI-Act Annex IV",
        "NIST-AI-RMF MAP 1.1",
        "NIST-AI-RMF MAP 2.2",
        "NIST-AI-RMF GOVERN 4.2",
        "ISO-42001 A.6.2.7",
        "ISO-42001 A.8.2",
    ),
    packs=("governance",),
    remedy='models: {churn: {intended_use: "…", out_of_scope: "…", limitations: "…", ethical_considerations: "…"}}',
    failing=(
        Example(
            name="nothing of what it is not for",
            config={**_CONFIG, "models": {"churn": {**_MODEL, "out_of_scope": " "}}},
            evidence=_GOOD,
        ),
        Example(name="nobody to ask", config={"models": {"churn": _MODEL}}, evidence=_GOOD),
        Example(name="no card", config=_CONFIG, evidence={"churn": {"version": "3", "card": None}}),
        Example(name="the card of another version", config=_CONFIG, evidence=_card("churn, version 2")),
    ),
    passing=(
        Example(name="complete", config=_CONFIG, evidence=_GOOD),
        Example(
            name="a contact of its own",
            config={"models": {"churn": {**_MODEL, "contact": "ml@example.com"}}},
            evidence=_GOOD,
            environment="staging",
        ),
    ),
)
