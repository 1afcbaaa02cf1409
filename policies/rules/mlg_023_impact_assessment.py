"""What the system may do to people was assessed, and the assessment is not overdue.

What: a system of high risk has an assessment of fundamental rights or of its impact (``FRIA`` or ``AIIA``) in
``governance.assessments``; one that works on personal data has one of data protection (``DPIA``). Each was approved by
today, and its next review has not passed.

Why: whoever is judged by a system cannot look into it; somebody must have asked beforehand what happens when it is
wrong.

Fix: write ``governance.assessments`` with ``type``, ``id``, ``approved`` and ``next_review``.

Decided: the GDPR asks for a DPIA only where the risk to persons is likely to be high. Whoever found that it is not
writes an exemption with that reason.
"""

from collections.abc import Iterator, Mapping

from ..config import ProjectConfig
from ..outcome import Outcome, failed, not_applicable, passed
from ..project import entries, is_high_risk
from ..rule import ConfigRule, Example, Facts, Said, Severity

KEY = "governance.assessments"


def _check(config: ProjectConfig, facts: Facts) -> Said:
    needed = list(_needed(config))
    if not needed:
        return not_applicable("neither of high risk nor about persons")
    found = entries(config.get(KEY))
    return [*(_missing(types, found) for types in needed), *_overdue(found, facts.today)]


def _needed(config: ProjectConfig) -> Iterator[tuple[str, ...]]:
    if is_high_risk(config):
        yield ("FRIA", "AIIA")
    if config.get("governance.personal_data") is True:
        yield ("DPIA",)


def _missing(types: tuple[str, ...], found: list[Mapping[str, object]]) -> Outcome:
    ids = [str(one.get("id")) for one in found if one.get("type") in types]
    return passed(KEY, ", ".join(ids)) if ids else failed(KEY, "none", f"a {' or '.join(types)}")


def _overdue(found: list[Mapping[str, object]], today: str) -> Iterator[Outcome]:
    for index, one in enumerate(found):
        approved, review = str(one.get("approved")), str(one.get("next_review"))
        if approved > today:
            yield failed(f"{KEY}.{index}.approved", approved, "a day that is not in the future")
        if review < today:
            yield failed(f"{KEY}.{index}.next_review", f"{one.get('id')} was due on {review}", "a later day")


_DPIA = {"type": "DPIA", "id": "DPIA-7", "approved": "2026-03-01", "next_review": "2027-03-01"}
_FRIA = {**_DPIA, "type": "FRIA", "id": "FRIA-2"}


def _config(*assessments: dict[str, str], **governance: object) -> Mapping[str, object]:
    return {"governance": {"assessments": list(assessments), **governance}}


RULE = ConfigRule(
    id="MLG-023",
    title="Impact assessment named and not overdue",
    severity=Severity.HIGH,
    check=_check,
    relates_to=(
        "GDPR Art.35",
        "EU-AI-Act 27",
        "ISO-42001 6.1.4",
        "ISO-42001 A.5.2",
        "ISO-42001 A.5.3",
        "ISO-42001 A.5.4",
        "ISO-42001 A.5.5",
    ),
    packs=("governance",),
    remedy='governance: {assessments: [{type: FRIA, id: F-1, approved: "2026-03-01", next_review: "2027-03-01"}]}',
    failing=(
        Example(name="high risk without any", config=_config(risk_tier="high")),
        Example(name="personal data with another one", config=_config(_FRIA, personal_data=True)),
        Example(name="overdue", config=_config({**_FRIA, "next_review": "2026-11-27"}, risk_tier="high")),
        Example(name="approved tomorrow", config=_config({**_FRIA, "approved": "2026-11-29"}, risk_tier="high")),
    ),
    passing=(
        Example(name="both", config=_config(_DPIA, _FRIA, risk_tier="high", personal_data=True)),
        Example(name="due today", config=_config({**_FRIA, "next_review": "2026-11-28"}, risk_tier="high")),
    ),
)
