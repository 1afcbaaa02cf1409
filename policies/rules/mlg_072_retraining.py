"""It is said what starts a retraining, and how old a model may become.

What: ``retraining.max_age`` is written; ``retraining.schedule``, ``on_drift``, ``on_performance`` or ``new_rows`` says
what starts one, else a person does, who must know the age. In production the version that is there is not older.

Why: without an age a model stays until somebody complains.

Fix: write ``retraining: {schedule: "0 4 * * 1", max_age: 30d}`` in groundplan.yaml; run the pipeline again and
promote.
"""

from collections.abc import Mapping

from ..config import ProjectConfig
from ..durations import days
from ..outcome import Outcome, failed, passed
from ..project import text
from ..rule import ConfigRule, Example, Facts, Said, Severity
from ..values import ABSENT
from ..versions import Version, age_in_days, not_at_hand, versions

PATH = "retraining.max_age"
_TRIGGERS = {
    "schedule": "by schedule",
    "on_drift": "on drift",
    "on_performance": "on performance",
    "new_rows": "on new rows",
}


def _check(config: ProjectConfig, facts: Facts) -> Said:
    most = days(text(config, PATH))
    if not most > 0:
        return failed(PATH, "not set", "the age at which a model must have been trained anew")
    declared = passed(PATH, _trigger(config))
    if config.tier != "production":
        return declared
    found = versions(config)
    if found is None:
        return [declared, not_at_hand(f"a version of the last {most:g} days")]
    return [declared, *(_of_version(one, most, facts) for one in found)]


def _trigger(config: ProjectConfig) -> str:
    for key, said in _TRIGGERS.items():
        if config.get(f"retraining.{key}") not in (ABSENT, False):
            return said
    return "by hand"


def _of_version(version: Version, most: float, facts: Facts) -> Outcome:
    path = f"models.{version.model}"
    age = age_in_days(version.text("created"), facts.today)
    if age <= most:
        return passed(path, f"{age:g} days")
    return failed(path, f"{version.name} of {version.text('created') or 'no day'}", f"at most {most:g} days")


def _config(**retraining: object) -> Mapping[str, object]:
    return {"models": {"churn": {}}, "retraining": retraining}


def _created(day: str) -> Mapping[str, Mapping[str, object]]:
    return {"churn": {"version": "3", "created": f"{day}T04:00:00Z"}}


RULE = ConfigRule(
    id="MLG-072",
    title="Retraining trigger and age declared",
    severity=Severity.LOW,
    scope="evidence",
    check=_check,
    relates_to=("NIST-AI-RMF MANAGE 4.1", "SR-11-7 VI", "ISO-42001 A.6.2.6"),
    packs=("governance",),
    remedy='retraining: {schedule: "0 4 * * 1", max_age: 30d}',
    failing=(
        Example(name="nothing said", config=_config(schedule=None, max_age=None), evidence={}),
        Example(name="a schedule without an age", config=_config(schedule="0 4 * * 1"), evidence={}),
        Example(name="too old", config=_config(max_age="30d"), evidence=_created("2026-10-28")),
        Example(name="of no day", config=_config(max_age="30d"), evidence={"churn": {"version": "3"}}),
    ),
    passing=(
        Example(name="young enough", config=_config(on_drift=True, max_age="30d"), evidence=_created("2026-10-29")),
        Example(name="old, but not in production", config=_config(max_age="30d"), environment="dev"),
    ),
)
