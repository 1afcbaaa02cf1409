"""Evidence is fresh.

What: in staging and production the evidence of a version is not older than the config's ``evaluation.max_age``, and
not older than the setting ``max_age_days`` either, whatever the config allows. Evidence that claims to come from
tomorrow or later has no age.

Why: the world that a model was measured in moves on; a good number of last year says little about today.

Fix: evaluate the version again (a run of its pipeline does) and promote it with the new evidence.
"""

from collections.abc import Mapping

from ..config import ProjectConfig
from ..durations import days
from ..outcome import Outcome, failed, not_applicable, passed
from ..project import rubric
from ..rule import ConfigRule, Example, Facts, Option, Said, Severity
from ..versions import Version, age_in_days, not_at_hand, versions


def _check(config: ProjectConfig, facts: Facts) -> Said:
    if config.tier not in ("staging", "production"):
        return not_applicable("it is asked of staging and production")
    found = versions(config)
    if found is None:
        return not_at_hand("fresh evidence")
    return [_of_version(config, facts, one) for one in found] or not_applicable("no version is there")


def _of_version(config: ProjectConfig, facts: Facts, version: Version) -> Outcome:
    path = f"models.{version.model}"
    asked = days(rubric(config, version.model)[1].get("max_age"))
    most = min(facts.number("max_age_days"), asked)
    expected = f"evidence of the last {most:g} days"
    age = age_in_days(version.text("evidence.made"), facts.today)
    if -1 <= age <= most:
        return passed(path, f"{age:g} days")
    said = f"of {version.text('evidence.made') or 'no day'}"
    return failed(path, f"the evidence of {version.name} is {said}", expected)


_CONFIG: Mapping[str, object] = {"models": {"churn": {}}, "evaluation": {"max_age": "30d"}}


def _made(day: str) -> dict[str, Mapping[str, object]]:
    return {"churn": {"version": "3", "evidence": {"made": f"{day}T10:00:00Z"}}}


RULE = ConfigRule(
    id="MLG-002",
    title="Evaluation evidence is fresh",
    severity=Severity.HIGH,
    scope="evidence",
    check=_check,
    relates_to=("NIST-AI-RMF MEASURE 2.4", "ISO-42001 9.1", "ISO-42001 A.6.2.6"),
    packs=("governance",),
    remedy="evaluation: {max_age: 30d}",
    options={"max_age_days": Option(default=30, help="the age in days that evidence must not exceed in any case")},
    failing=(
        Example(name="a year old", config=_CONFIG, evidence=_made("2025-11-28")),
        Example(
            name="a config that allows too much",
            config={**_CONFIG, "evaluation": {"max_age": "365d"}},
            evidence=_made("2026-08-01"),
            environment="staging",
        ),
        Example(name="from the future", config=_CONFIG, evidence=_made("2027-11-28")),
    ),
    passing=(
        Example(name="of last week", config=_CONFIG, evidence=_made("2026-11-21")),
        Example(name="of its last day", config=_CONFIG, evidence=_made("2026-10-29")),
    ),
)
