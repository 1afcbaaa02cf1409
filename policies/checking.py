"""Runs rules over resources and configs. The same whoever asks: a check, the engine, an action."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from operator import attrgetter

from .conditions import outcomes_of
from .config import ProjectConfig
from .exemptions import Exemption
from .finding import Count, Finding, Key, Report
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
_RANK = attrgetter("environment", "type", "urn", "name")

Target = Resource | ProjectConfig
"""What a rule is asked about."""

Judge = Callable[[Rule, Target, Facts], Sequence[Outcome]]
"""How a rule is asked; whatever goes wrong in it is an outcome too."""


def ask(rule: Rule, target: Target, facts: Facts) -> Sequence[Outcome]:
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
    asked = {id: _Asked(rule, check) for id, rule in check.rules.items()}
    for targets, rules in _batches(asked.values(), check):
        for one in rules:
            one.ask(targets)
    counts = {id: _counted(one.verdicts) for id, one in asked.items() if one.verdicts or _is_on(one.rule, check)}
    covered, unused = _exempted([finding for one in asked.values() for finding in one.findings], check)
    return Report(
        findings=_ordered(_known(covered, check.baseline)),
        counts=counts,
        rules={id: rule for id, rule in check.rules.items() if id in counts},
        resources=len(check.graph.resources),
        unjudged=_unjudged(check),
        unused=unused,
    )


class _Asked:
    """A rule in a check, and what it has said so far."""

    def __init__(self, rule: Rule, check: Check) -> None:
        self.rule = rule
        self.findings: list[Finding] = []
        self.verdicts: Counter[Verdict] = Counter()
        self._check = check
        self._places: dict[str, tuple[Facts, Level]] = {}
        self._facts: dict[tuple[int, int], Facts] = {}

    def ask(self, targets: Iterable[Target]) -> None:
        """Ask it about these, where it is on."""
        judge, reported = self._check.judge, self._check.reported
        for target in targets:
            facts, level = self._places.get(target.environment) or self._place(target.environment)
            if level is Level.OFF:
                continue
            outcomes = judge(self.rule, target, facts)
            self.verdicts[worst(outcomes).verdict] += 1
            for outcome in outcomes:
                if outcome.verdict in reported:
                    self.findings.append(_finding(self.rule, target, outcome, level))

    def _place(self, environment: str) -> tuple[Facts, Level]:
        """What holds in an environment; where the same holds in several, they share what is found out once."""
        settings, config = self._check.settings_for(environment), self._check.configs.get(environment)
        facts = self._facts.setdefault((id(settings), id(config)), Facts(
            graph=self._check.graph, settings=settings.of(self.rule), config=config, today=self._check.today
        ))  # fmt: skip
        self._places[environment] = facts, settings.level(self.rule)
        return self._places[environment]


_BATCH = 100
"""So many resources meet every rule before the next ones do: the processor's cache holds them meanwhile."""


def _batches(asked: Iterable[_Asked], check: Check) -> Iterator[tuple[Sequence[Target], Sequence[_Asked]]]:
    """All that is to be judged, each with the rules that are about it; resources in the order that reports show."""
    about: dict[str, list[_Asked]] = {}
    for one in asked:
        if isinstance(one.rule, ResourceRule):
            for type in check.graph.types(*one.rule.types):
                about.setdefault(type, []).append(one)
        else:
            yield _configs(one.rule, check), [one]
    judged = sorted((one for one in check.graph.resources if one.type in about), key=_RANK)
    for type, group in groupby(judged, key=attrgetter("type")):
        found = list(group)
        for start in range(0, len(found), _BATCH):
            yield found[start : start + _BATCH], about[type]


def _configs(rule: Rule, check: Check) -> list[Target]:
    found = [one for one in check.configs.values() if rule.scope != "action" or one.action is not None]
    return sorted(found, key=attrgetter("environment"))


def _is_on(rule: Rule, check: Check) -> bool:
    return any(one.level(rule) is not Level.OFF for one in check.settings.values())


def _finding(rule: Rule, target: Target, outcome: Outcome, level: Level) -> Finding:
    if isinstance(target, Resource):
        return Finding(rule=rule, outcome=outcome, level=level, about=target)
    name, where = outcome.path or "groundplan.yaml", target.where(outcome.path)
    key = Key(name=name, environment=target.environment, where=where)
    return Finding(rule=rule, outcome=outcome, level=level, about=key)


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
    rules = [rule for rule in check.rules.values() if isinstance(rule, ResourceRule)]
    judged = set(check.graph.types(*(type for rule in rules for type in rule.types if type != "*")))
    return {type: len(found) for type, found in sorted(check.graph.by_type.items()) if type not in judged}


def _ordered(findings: Iterable[Finding]) -> list[Finding]:
    """What is open before what is not, the gravest first, by rule, in the order in which the rule was asked."""
    groups: dict[tuple[bool, Verdict, str], list[Finding]] = defaultdict(list)
    for one in findings:
        groups[one.status == "open", one.outcome.verdict, one.rule.id].append(one)
    return [one for found in sorted(groups.values(), key=_gravity) for one in found]


def _gravity(found: Sequence[Finding]) -> tuple[object, ...]:
    first = found[0]
    return first.status != "open", _SEVERITIES.index(first.severity), _VERDICTS.index(first.verdict), first.rule.id
