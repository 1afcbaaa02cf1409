"""People say yes before a model goes to production.

What: a production environment has ``approval``; enough people may give it (one; two for a system of high risk), and
for the version that is there, or on its way there, as many different people said yes, none of whom started its
training.

Why: whoever made a model is the last to see what is wrong with it, and somebody must be answerable.

Fix: write ``environments.<name>.approval`` with ``approvers`` or ``roles``, and promote with the yes of somebody else.
"""

from collections.abc import Iterator, Mapping

from ..config import ProjectConfig
from ..outcome import Outcome, failed, not_applicable, passed
from ..project import is_high_risk, mapping, texts
from ..rule import ConfigRule, Example, Facts, Option, Said, Severity
from ..versions import Version, not_at_hand, versions


def _check(config: ProjectConfig, facts: Facts) -> Said:
    if config.tier != "production":
        return not_applicable("it is asked of production")
    needed = int(facts.number("approvals_of_high_risk" if is_high_risk(config) else "approvals"))
    found = versions(config)
    if found is None:
        return [_of_environment(config, needed), not_at_hand(f"the yes of {needed}")]
    return [_of_environment(config, needed), *(one for version in found for one in _of_version(version, needed))]


def _of_environment(config: ProjectConfig, needed: int) -> Outcome:
    path = f"environments.{config.environment}.approval"
    approval = config.environments.get(config.environment, {}).get("approval")
    if not isinstance(approval, Mapping):
        return failed(path, "nobody's yes is needed", f"the yes of {needed}")
    named = set(_who(config, mapping(approval)))  # pyright: ignore[reportUnknownArgumentType]
    if named and len(named) < needed:
        return failed(path, f"{len(named)} may approve", f"at least {needed} who may approve")
    return passed(path, f"{len(named)} may approve" if named else "anybody who is named")


def _who(config: ProjectConfig, approval: Mapping[str, object]) -> Iterator[str]:
    yield from texts(approval.get("approvers"))
    for role in texts(approval.get("roles")):
        yield from texts(config.get(f"team.{role}"))


def _of_version(version: Version, needed: int) -> Iterator[Outcome]:
    path, who = f"models.{version.model}", set(version.texts("approvals"))
    author = version.text("author")
    if author and author in who:
        yield failed(path, f"{version.name} was approved by who trained it", "the yes of somebody else")
    if len(who) < needed:
        yield failed(path, f"{len(who)} said yes to {version.name}", f"the yes of {needed}")
    else:
        yield passed(path, version.name)


_ANYBODY: Mapping[str, object] = {"prod": {"tier": "production", "approval": {"approvers": [], "roles": []}}}
_ROLE: Mapping[str, object] = {"prod": {"tier": "production", "approval": {"approvers": [], "roles": ["ml-engineer"]}}}
_HIGH = {"governance": {"risk_tier": "high"}, "team": {"ml-engineer": ["ada@example.com"]}}
_LOW = {"governance": {"risk_tier": "limited"}}


def _approved(*people: str) -> dict[str, Mapping[str, object]]:
    return {"churn": {"version": "3", "author": "ada@example.com", "approvals": list(people)}}


RULE = ConfigRule(
    id="MLG-004",
    title="Human approval on the way to production",
    severity=Severity.HIGH,
    scope="evidence",
    check=_check,
    relates_to=(
        "EU-AI-Act 14",
        "EU-AI-Act 17(1)(a)",
        "NIST-AI-RMF GOVERN 3.2",
        "NIST-AI-RMF MANAGE 1.1",
        "ISO-42001 A.3.2",
        "ISO-42001 A.6.2.5",
        "SOC2 CC8.1",
    ),
    packs=("governance",),
    remedy="environments: {prod: {approval: {roles: [business-stakeholder]}}}",
    options={
        "approvals": Option(default=1, help="how many people must say yes"),
        "approvals_of_high_risk": Option(default=2, help="how many must for a system of high risk"),
    },
    failing=(
        Example(
            name="nobody is asked",
            config=_LOW,
            environments={"prod": {"tier": "production", "approval": None}},
            evidence=_approved("bob@example.com"),
        ),
        Example(
            name="one person alone for high risk",
            config=_HIGH,
            environments=_ROLE,
            evidence=_approved("bob@example.com", "eve@example.com"),
        ),
        Example(name="no yes", config=_LOW, environments=_ANYBODY, evidence=_approved()),
        Example(
            name="only the author's yes", config=_LOW, environments=_ANYBODY, evidence=_approved("ada@example.com")
        ),
    ),
    passing=(
        Example(name="somebody else's yes", config=_LOW, environments=_ANYBODY, evidence=_approved("bob@example.com")),
        Example(
            name="two for high risk",
            config={"governance": {"risk_tier": "high"}},
            environments=_ANYBODY,
            evidence=_approved("bob@example.com", "eve@example.com"),
        ),
    ),
)
