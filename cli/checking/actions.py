"""Asks the rules before something is done to a model: what they forbid is refused, what they advise is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ...core import clock
from ...core.errors import PolicyError, Problem
from ...policies import catalogue, checking
from ...policies.checking import Check
from ...policies.config import Action, ProjectConfig
from ...policies.finding import Finding
from ...policies.outcome import Verdict
from ...policies.rule import ConfigRule, Rule
from ...stacks.config.resolved import Resolved
from ..reports.findings.finding import fix, message
from ..session import Session
from . import configs, evidence, settings

if TYPE_CHECKING:
    from ...lifecycle.contract.platform import Platform


def require(session: Session, config: Resolved, platform: Platform, action: Action) -> None:
    """Ask every rule about the config, the evidence and the action. Raises PolicyError that names each that forbids it.

    What a rule advises is a message. Rules that the environment's config leaves off are not asked.
    """
    blocking = _told(session, config, platform, action, spare=True)
    if blocking:
        raise _refusal(action, blocking)


def tell(session: Session, config: Resolved, platform: Platform, action: Action) -> None:
    """Ask the rules as ``require`` does; what they forbid is a message like the rest."""
    _told(session, config, platform, action, spare=False)


def _told(session: Session, config: Resolved, platform: Platform, action: Action, *, spare: bool) -> list[Finding]:
    """The findings that forbid the action; every other one is told, and these too unless they are spared."""
    project = configs.of_config(config, evidence=evidence.of_environment(config, platform), action=action)
    findings = _findings(config, project)
    for one in findings:
        if one.status == "open" and not (spare and one.blocks):
            session.output.message(f"{one.rule.id}: {message(one)}", "warn")
    return [one for one in findings if one.blocks]


def _findings(config: Resolved, project: ProjectConfig) -> list[Finding]:
    every = catalogue.ours()
    rules: Mapping[str, Rule] = {id: rule for id, rule in every.items() if isinstance(rule, ConfigRule)}
    environment = config.environment
    check = Check(
        rules=rules,
        configs={environment: project},
        settings=settings.of_ours(config, every),
        today=clock.today(),
        reported=frozenset({Verdict.FAIL, Verdict.ERROR}),
    )
    return list(checking.run(check).findings)


def _refusal(action: Action, blocking: list[Finding]) -> PolicyError:
    problems = [
        Problem(
            message=f"{one.rule.id} forbids this {action.kind}: {message(one)}",
            where=one.where,
            hint=one.rule.remedy or fix(one.rule),
        )
        for one in blocking
    ]
    count = f"{len(problems)} rules forbid this {action.kind}" if len(problems) > 1 else problems[0].message
    return PolicyError(count, where=problems[0].where, hint=problems[0].hint, problems=problems)
