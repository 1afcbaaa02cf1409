"""Asks the rules for the engine: about each resource as it comes, and about all of them at the end."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from .. import checking
from ..checking import Check
from ..exemptions import Exemption
from ..finding import Finding, Report
from ..graph import Graph
from ..inputs.environment import environment_of
from ..inputs.input import urn_parts
from ..outcome import Verdict
from ..packs import Level
from ..resource import Resource
from ..rule import ResourceRule
from ..tokens import normalised
from .settings import PackSettings

_EVERY = frozenset(Verdict)
_WAITING = "it is decided when all resources are known"


@dataclass(frozen=True, kw_only=True)
class Judged:
    """``findings`` are what did not pass. ``silent`` are rules that say nothing of this, each with the reason.

    ``waiting`` are rules that can decide when all resources are known, ``unused`` exemptions that cover nothing.
    """

    findings: Sequence[Finding] = ()
    silent: Mapping[str, str] = field(default_factory=dict[str, str])
    waiting: Collection[str] = frozenset()
    unused: Sequence[Exemption] = ()


@dataclass(frozen=True, kw_only=True)
class Pack:
    """The rules about resources, by id, with what holds in this run."""

    rules: Mapping[str, ResourceRule]
    today: str
    settings: PackSettings = field(default_factory=PackSettings)

    def resource(self, resource: Resource) -> Judged:
        """What the rules about one resource say of it as it comes.

        What is unknown waits for the stack: only then it is told what determines the value, which can decide.
        """
        rules = self._of_scope("resource")
        judged = self._judged(rules, self._report(rules, [resource]))
        waiting = {one.rule.id: _WAITING for one in judged.findings if one.verdict is Verdict.UNKNOWN}
        found = [one for one in judged.findings if one.rule.id not in waiting]
        return replace(judged, findings=found, silent={**judged.silent, **waiting}, waiting=frozenset(waiting))

    def stack(self, resources: Iterable[Resource], waiting: Collection[tuple[str, str]] = ()) -> Judged:
        """What the rules that look at several resources say of them all, and the exemptions that cover nothing.

        ``waiting`` are rules about one resource that did not decide yet, with the resource's URN.
        """
        found = list(resources)
        report = self._report(self.rules, found)
        unused = self._report(self.rules, found, reported=checking.REPORTED).unused
        graph = self._judged(self._of_scope("graph"), report)
        meant = [one for one in graph.findings if one.rule.scope == "graph" or (one.rule.id, one.urn) in waiting]
        return replace(graph, findings=meant, unused=unused)

    def changes(self, rule: ResourceRule, resource: Resource) -> Mapping[str, object]:
        """The properties to set so that a resource meets a rule that it fails; empty where it is not certain."""
        if rule.remediation is None or rule.scope != "resource":
            return {}
        failed = [one for one in self._report({rule.id: rule}, [resource]).findings if one.status == "open"]
        return rule.remediation.properties if any(one.verdict is Verdict.FAIL for one in failed) else {}

    def _of_scope(self, scope: str) -> dict[str, ResourceRule]:
        return {id: rule for id, rule in self.rules.items() if rule.scope == scope}

    def _report(
        self, rules: Mapping[str, ResourceRule], resources: Iterable[Resource], reported: Collection[Verdict] = _EVERY
    ) -> Report:
        config = self.settings.config
        return checking.run(
            Check(
                rules=rules,
                graph=Graph(resources),
                configs={config.environment: config} if config is not None else {},
                settings={"": self.settings.settings},
                today=self.today,
                reported=reported,
            )
        )

    def _judged(self, rules: Mapping[str, ResourceRule], report: Report) -> Judged:
        said = {one.rule.id for one in report.findings if one.verdict is not Verdict.NOT_APPLICABLE}
        reasons = {one.rule.id: one.found for one in report.findings if one.verdict is Verdict.NOT_APPLICABLE}
        on = (id for id, rule in rules.items() if self.settings.settings.level(rule) is not Level.OFF)
        return Judged(
            findings=[one for one in report.findings if one.verdict in checking.REPORTED],
            silent={id: reasons.get(id) or "it is about other resources" for id in on if id not in said},
        )


def resource_of(
    *, urn: str, type: str, name: str, properties: Mapping[str, object], settings: PackSettings, id: str = "",
    parent: str = "", protect: bool = False,
) -> Resource:  # fmt: skip
    """A resource of the engine; its environment is what its tags say, else its stack."""
    stack = urn_parts(urn)[1]
    cause, where = settings.causes.get(urn, ("", ""))
    return Resource(
        urn=urn, type=normalised(type), token=type, name=name, properties=properties, id=id, stack=stack,
        environment=environment_of(properties, stack), parent=parent, protect=protect, cause=cause, where=where,
    )  # fmt: skip
