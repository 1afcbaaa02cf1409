"""A new version is compared with the one that it replaces.

What: in production ``evaluation.champion.enabled`` is true for each model, and where a version replaces another, its
evidence holds a comparison with that one, on the same held-out rows.

Why: a model can meet every threshold and still be worse than what people have today.

Fix: leave ``evaluation.champion.enabled`` true, and evaluate the version while the one that it replaces is registered.
"""

from collections.abc import Iterator, Mapping

from ..config import ProjectConfig
from ..outcome import Outcome, failed, not_applicable, passed
from ..project import mapping, rubric
from ..rule import ConfigRule, Example, Facts, Said, Severity
from ..versions import Version, not_at_hand, versions

COMPARED = "a comparison with the version that it replaces"


def _check(config: ProjectConfig, _facts: Facts) -> Said:
    if config.tier != "production":
        return not_applicable("it is asked of production")
    found = versions(config)
    if found is None:
        return [*_of_rubrics(config), not_at_hand(COMPARED)]
    return [*_of_rubrics(config), *(_of_version(one) for one in found if one.text("replaces"))]


def _of_rubrics(config: ProjectConfig) -> Iterator[Outcome]:
    for model in config.section("models"):
        path, asked = rubric(config, model)
        place = f"{path}.champion.enabled"
        on = mapping(asked.get("champion")).get("enabled", True)
        yield passed(place, on) if on is True else failed(place, on, "true")


def _of_version(version: Version) -> Outcome:
    path, replaces = f"models.{version.model}", version.text("replaces")
    champion = version.text("evidence.comparison.champion_version")
    if champion == replaces:
        return passed(path, f"{version.name} against {champion}")
    found = f"{version.name} was compared with {champion}" if champion else f"{version.name} was compared with none"
    return failed(path, found, f"a comparison with {replaces}, which it replaces")


_CONFIG: Mapping[str, object] = {"models": {"churn": {}}, "evaluation": {"champion": {"enabled": True}}}
_OFF = {**_CONFIG, "evaluation": {"champion": {"enabled": False}}}


def _compared(champion: str) -> dict[str, Mapping[str, object]]:
    comparison = {"champion_version": champion} if champion else None
    return {"churn": {"version": "3", "replaces": "2", "evidence": {"comparison": comparison}}}


RULE = ConfigRule(
    id="MLG-003",
    title="Champion/challenger comparison recorded",
    severity=Severity.MEDIUM,
    scope="evidence",
    check=_check,
    relates_to=("NIST-AI-RMF MEASURE 2.3", "NIST-AI-RMF MANAGE 2.2", "SR-11-7 V"),
    packs=("governance",),
    remedy="evaluation: {champion: {enabled: true}}",
    failing=(
        Example(name="turned off", config=_OFF, evidence={}),
        Example(name="compared with nothing", config=_CONFIG, evidence=_compared("")),
        Example(name="compared with an older one", config=_CONFIG, evidence=_compared("1")),
    ),
    passing=(
        Example(name="compared with the one that it replaces", config=_CONFIG, evidence=_compared("2")),
        Example(name="the first version", config=_CONFIG, evidence={"churn": {"version": "1", "replaces": ""}}),
    ),
)
