"""Runs rules over resources and configs. The same whoever asks: a check, the engine, an action."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from .conditions import outcomes_of
from .config import ProjectConfig
from .exemptions import Exemption
from .finding import Count, Finding, Report
from .graph import Graph
from .outcome import Outcome, Verdict, worst
from .packs import Level
from .resource import Resource
from .rule import ConfigRule, Facts, ResourceRule, Rule
from .settings import Settings

REPORTED = frozenset({Verdict.FAIL, Verdict.UNKNOWN, Verdict.ERROR})
"""The verdicts that are findings, unless others are asked for."""

_EXEMPTABLE = (Verdict.FAIL, Verdict.UNKNOWN)

_SEVERITIES = ("critical", "high", "medium", "low")
_VERDICTS = ("error", "fail", "unknown", "not applicable", "pass")

Judge = Callable[[Rule, Resource | ProjectConfig, Facts], Sequence[Outcome]]
"""How a rule is asked; whatever goes wrong in it is an outcome too."""


def ask(rule: Rule, target: Resource | ProjectConfig, facts: Facts) -> Sequence[Outcome]:
    """Ask a rule in this process; a rule that raises has failed to run, which is never a pass."""
    try:
        if isinstance(rule, ResourceRule) and isinstance(target, Resource):
            return outcomes_of(rule.check(target, facts))
        if isinstance(rule, ConfigRule) and isinstance(target, ProjectConfig):
            return outcomes_of(rule.check(target, facts))
    except Exception as error:  # noqa: BLE001 a rule of anybody's may raise anything
        return [failed_to_run(f"{type(error).__name__}: {error}")]
    return []


def failed_to_run(why: str) -> Outcome:
    """The outcome of a rule that said nothing."""
    return Outcome(verdict=Verdict.ERROR, found=" ".join(why.split())[:300], expected="the rule to run")


@dataclass(frozen=True, kw_only=True)
class Check:
    """What is to be checked, and how.

    ``configs`` and ``settings`` are keyed by environment; ``settings[""]`` holds for every other one. ``baseline`` are
    fingerprints of findings that are known. ``reported`` are the verdicts that become findings.
    """

    rules: Mapping[str, Rule]
    graph: Graph = field(default_factory=lambda: Graph(()))
    configs: Mapping[str, ProjectConfig] = field(default_factory=dict[str, ProjectConfig])
    settings: Mapping[str, Settings] = field(default_factory=lambda: {"": Settings()})
    today: str = ""
    baseline: Collection[str] = frozenset()
    reported: Collection[Verdict] = REPORTED
    judge: Judge = ask

    def settings_for(self, environment: str) -> Settings:
        """What holds in an environment."""
        return self.settings.get(environment) or self.settings.get("") or next(iter(self.settings.values()))


def run(check: Check) -> Report:
    """Ask every rule that is on about everything that it is for."""
    findings: list[Finding] = []
    counts: dict[str, Count] = {}
    for rule in check.rules.values():
        count: Counter[Verdict] = Counter()
        on = False
        for target, facts, level in _targets(rule, check):
            on = True
            outcomes = check.judge(rule, target, facts)
            count[worst(outcomes).verdict] += 1
            findings += [
                _finding(rule, target, outcome, level) for outcome in outcomes if outcome.verdict in check.reported
            ]
        if on or _is_on(rule, check):
            counts[rule.id] = _counted(count)
    covered, unused = _exempted(findings, check)
    return Report(
        findings=_ordered(_known(covered, check.baseline)),
        counts=counts,
        rules={id: rule for id, rule in check.rules.items() if id in counts},
        resources=len(check.graph.resources),
        unjudged=_unjudged(check),
        unused=unused,
    )


def _targets(rule: Rule, check: Check) -> Iterator[tuple[Resource | ProjectConfig, Facts, Level]]:
    """Everything that a rule is asked about, where it is on."""
    cached: dict[str, tuple[Facts, Level]] = {}
    for target, environment in _all_targets(rule, check):
        if environment not in cached:
            cached[environment] = _facts(rule, environment, check)
        facts, level = cached[environment]
        if level is not Level.OFF:
            yield target, facts, level


def _all_targets(rule: Rule, check: Check) -> Iterator[tuple[Resource | ProjectConfig, str]]:
    if isinstance(rule, ResourceRule):
        for resource in check.graph.of(*rule.types):
            yield resource, resource.environment
    for environment, config in check.configs.items() if isinstance(rule, ConfigRule) else ():
        if rule.scope != "action" or config.action is not None:
            yield config, environment


def _facts(rule: Rule, environment: str, check: Check) -> tuple[Facts, Level]:
    settings = check.settings_for(environment)
    facts = Facts(
        graph=check.graph,
        settings=settings.of(rule),
        config=check.configs.get(environment),
        today=check.today,
    )
    return facts, settings.level(rule)


def _is_on(rule: Rule, check: Check) -> bool:
    return any(one.level(rule) is not Level.OFF for one in check.settings.values())


def _finding(rule: Rule, target: Resource | ProjectConfig, outcome: Outcome, level: Level) -> Finding:
    if isinstance(target, Resource):
        urn, type, name, where = target.urn, target.type, target.name, target.where
    else:
        urn, type, name, where = "", "", outcome.path or "groundplan.yaml", target.where(outcome.path)
    return Finding(
        rule=rule, verdict=outcome.verdict, level=level, urn=urn, type=type, name=name, where=where,
        environment=target.environment, path=outcome.path, found=outcome.found, expected=outcome.expected,
    )  # fmt: skip


def _exempted(findings: list[Finding], check: Check) -> tuple[list[Finding], list[Exemption]]:
    """The findings with the exemptions that cover them, and the exemptions that cover nothing."""
    every = dict.fromkeys(one for settings in check.settings.values() for one in settings.exemptions)
    if not every:
        return findings, []
    causes = {one.urn: one.cause for one in check.graph.resources if one.cause}
    used: set[Exemption] = set()
    covered: list[Finding] = []
    for finding in findings:
        if finding.verdict not in _EXEMPTABLE:
            covered.append(finding)
            continue
        meant = [
            one
            for one in check.settings_for(finding.environment).exemptions
            if one.rule.upper() == finding.rule.id
            and one.selects(finding.urn, finding.name, causes.get(finding.urn, ""))
        ]
        used.update(meant)
        covered.append(_covered(finding, meant))
    return covered, [one for one in every if one not in used and one.rule.upper() in check.rules]


def _covered(finding: Finding, meant: Sequence[Exemption]) -> Finding:
    active = next((one for one in meant if not one.expired), None)
    if active is not None:
        return replace(finding, status="exempted", exemption=active)
    return replace(finding, expired=meant[0]) if meant else finding


def _known(findings: list[Finding], baseline: Collection[str]) -> list[Finding]:
    if not baseline:
        return findings
    return [
        replace(one, status="known") if one.status == "open" and one.fingerprint in baseline else one
        for one in findings
    ]


def _counted(count: Mapping[Verdict, int]) -> Count:
    return Count(
        passed=count.get(Verdict.PASS, 0),
        failed=count.get(Verdict.FAIL, 0),
        unknown=count.get(Verdict.UNKNOWN, 0),
        not_applicable=count.get(Verdict.NOT_APPLICABLE, 0),
        errors=count.get(Verdict.ERROR, 0),
    )


def _unjudged(check: Check) -> Mapping[str, int]:
    """How many resources there are of each type that no rule is about."""
    judged = {
        one.type
        for rule in check.rules.values()
        if isinstance(rule, ResourceRule)
        for one in check.graph.of(*(type for type in rule.types if type != "*"))
    }
    return {type: len(found) for type, found in sorted(check.graph.by_type.items()) if type not in judged}


def _ordered(findings: Iterable[Finding]) -> list[Finding]:
    """What is open before what is not, the gravest first, by rule, environment and resource."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for one in findings:
        gravity = one.status != "open", _SEVERITIES.index(one.severity), _VERDICTS.index(one.verdict)
        groups.setdefault((*gravity, one.rule.id), []).append(one)
    return [one for key in sorted(groups) for one in sorted(groups[key], key=_place)]


def _place(finding: Finding) -> tuple[str, ...]:
    return finding.environment, finding.urn, finding.name, finding.path
