"""Every exemption says why, on whose word, and until when.

What: each entry of ``policies.exemptions`` names a rule, a resource that is not everything, a reason of at least
``reason_length`` characters, an owner, and a last day that is not past and not more than ``days`` ahead.

Why: an exception without an end is the rule.

Fix: remove exemptions that have ended, or give them a new reason and a new day.

Decided: what an exemption that has ended covered is a finding again by itself; that the exemption still stands there
is one of its own. One that covers nothing is a warning of every report, since only the findings tell.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from ..config import ProjectConfig
from ..outcome import Outcome, failed, not_applicable, passed
from ..project import entries
from ..rule import ConfigRule, Example, Facts, Option, Said, Severity

PATH = "policies.exemptions"


def _check(config: ProjectConfig, facts: Facts) -> Said:
    found = entries(config.get(PATH))
    judged = [one for index, entry in enumerate(found) for one in _of(f"{PATH}.{index}", entry, facts)]
    return judged or not_applicable("there is none")


def _of(path: str, entry: Mapping[str, object], facts: Facts) -> Iterator[Outcome]:
    wrong = [*_texts(path, entry, facts), *_days(f"{path}.expires", str(entry.get("expires", "")), facts)]
    yield from wrong or [passed(path, entry.get("rule"))]


def _texts(path: str, entry: Mapping[str, object], facts: Facts) -> Iterator[Outcome]:
    for key in ("rule", "owner"):
        if not str(entry.get(key) or "").strip():
            yield failed(f"{path}.{key}", "nothing", f"a {key}")
    selector = str(entry.get("resource") or "")
    if not any(letter.isalnum() for letter in selector):
        yield failed(f"{path}.resource", selector or "nothing", "a resource, and not everything")
    least = int(facts.number("reason_length"))
    reason = str(entry.get("reason") or "").strip()
    if len(reason) < least:
        yield failed(f"{path}.reason", reason or "nothing", f"at least {least} characters")


def _days(path: str, expires: str, facts: Facts) -> Iterator[Outcome]:
    try:
        last, today = date.fromisoformat(expires), date.fromisoformat(facts.today)
    except ValueError:
        yield failed(path, expires or "nothing", "a day such as 2027-01-31")
        return
    latest = today + timedelta(days=facts.number("days"))
    if last < today:
        yield failed(path, expires, "a day that has not passed")
    elif last > latest:
        yield failed(path, expires, f"{latest.isoformat()} at the latest")


_GOOD = {
    "rule": "STO-11",
    "resource": "storage-account",
    "reason": "The data must not leave the country.",
    "owner": "ml@example.com",
    "expires": "2027-01-31",
}


def _config(**more: object) -> Mapping[str, object]:
    return {"policies": {"exemptions": [{**_GOOD, **more}]}}


RULE = ConfigRule(
    id="MLG-074",
    title="Exemptions carry reason, owner and end",
    severity=Severity.HIGH,
    check=_check,
    relates_to=("SOC2 CC4.2", "ISO-27001 A.5.36", "NIST-AI-RMF GOVERN 1.4"),
    packs=("governance",),
    options={
        "days": Option(default=90, help="how far ahead an exemption may end"),
        "reason_length": Option(default=20, help="how many characters a reason has at least"),
    },
    failing=(
        Example(name="ended", config=_config(expires="2026-11-27")),
        Example(name="too far ahead", config=_config(expires="2027-02-27")),
        Example(name="no day", config=_config(expires="next year")),
        Example(name="a short reason", config=_config(reason="not needed")),
        Example(name="nobody's", config=_config(owner=" ")),
        Example(name="for everything", config=_config(resource="*")),
    ),
    passing=(
        Example(name="complete", config=_config()),
        Example(name="its last day is today", config=_config(expires="2026-11-28")),
        Example(name="its last day is the latest", config=_config(expires="2027-02-26")),
    ),
)
