"""The policy rules around the engine: asked of the plan first, which is cheap, then in the engine, which knows more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...core import files
from ...core.errors import PolicyError, Problem
from ...policies import catalogue, checking
from ...policies.checking import Check
from ...policies.finding import Finding, Key, Report
from ...policies.outcome import Verdict
from ...policies.pack import messages
from ...policies.packs import Level
from ...stacks.engine.steps import Outcome, Violation, name_of
from ...stacks.planning.plan import Plan
from ..checking import pack
from ..reports.findings.finding import fix, message
from .cloud import Cloud

if TYPE_CHECKING:
    from ...stacks.engine.pack import PolicyPack

UNASKED = "the policy rules were not asked (--no-policies)"


@dataclass(frozen=True, kw_only=True)
class Policies:
    """What the rules say of these stacks. ``check`` is None where nobody may ask them."""

    cloud: Cloud
    check: Check | None = None
    report: Report | None = None

    def pack(self, stack: str) -> PolicyPack | None:
        """The rules as a pack for one stack, its settings written where the engine works; None where none is on."""
        from ...stacks.engine.pack import PolicyPack

        if self.check is None or not pack.is_on(self.check, stack):
            return None
        path = self.cloud.driver.project.layout.engine / f"policies-{stack}.json"
        with files.explained(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        files.write_json(path, pack.content(self.check, stack))
        return PolicyPack(folder=pack.FOLDER, settings=path)

    def heard(self, outcome: Outcome) -> Outcome:
        """An outcome with what the pack said as findings: what blocks as its error, what is new as messages."""
        if self.check is None or not outcome.violations:
            return outcome
        blocking = [_problem(self.check, one) for one in outcome.violations if one.mandatory]
        new = [_problem(self.check, one) for one in outcome.violations if self._is_news(one)]
        error = outcome.error
        if isinstance(error, PolicyError) and blocking:
            error = refusal(blocking)
        told = tuple(f"{one.message} ({one.where})" for one in new)
        return replace(outcome, error=error, messages=(*outcome.messages, *told))

    def _is_news(self, one: Violation) -> bool:
        """Whether an advice was not told of the plan already."""
        said = messages.read(one.message)
        if one.mandatory or self.report is None or said is None:
            return not one.mandatory
        known = {(found.rule.id, found.urn, found.path, found.verdict) for found in self.report.findings}
        return not said.exempted and (one.policy, one.urn, said.outcome.path, said.outcome.verdict) not in known


def ask(cloud: Cloud, plans: Mapping[str, Plan], *, off: bool) -> Policies:
    """Ask the rules about these plans. Raises PolicyError with every finding that blocks, before any engine starts."""
    if off:
        cloud.tell(UNASKED, "warn")
        cloud.driver.notices.append(UNASKED)
        return Policies(cloud=cloud)
    check = pack.of_plans(cloud.configs, plans.values(), plans)
    report = checking.run(check)
    if report.blocking:
        raise refusal([_problem_of(one) for one in report.blocking])
    advised = sum(one.status == "open" and one.verdict is not Verdict.UNKNOWN for one in report.findings)
    if advised:
        cloud.driver.notices.append(f"the policy rules advise on {advised} things: groundplan check lists them")
    return Policies(cloud=cloud, check=check, report=report)


def refusal(problems: list[Problem]) -> PolicyError:
    """The error of findings that block."""
    return PolicyError(problems[0].message, where=problems[0].where, hint=problems[0].hint, problems=problems)


def _problem_of(one: Finding) -> Problem:
    name = f"{one.name}: " if one.urn else ""
    remedy = one.rule.remedy or fix(one.rule)
    return Problem(
        message=f"{one.rule.id} ({one.severity}) {name}{message(one)}",
        where=one.where or one.urn or one.environment,
        hint=f"{remedy} Or exempt it in policies.exemptions; groundplan policies show {one.rule.id}",
    )


def _problem(check: Check, one: Violation) -> Problem:
    """What a policy of the pack said, as a finding of a check is told; in its own words if it is another pack's."""
    said, rule = messages.read(one.message), catalogue.ours().get(one.policy)
    if said is None or rule is None:
        return Problem(message=f"{one.policy}: {' '.join(one.message.split())}", where=one.urn)
    return _problem_of(
        Finding(
            rule=rule,
            outcome=said.outcome,
            level=Level.ENFORCE if one.mandatory else Level.ADVISE,
            about=check.graph.by_urn.get(one.urn) or Key(urn=one.urn, name=name_of(one.urn), environment=""),
        )
    )
