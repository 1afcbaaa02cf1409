"""Runs a rule on its examples, to prove it: those that must fail fail, those that must pass pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from . import checking
from .config import ProjectConfig
from .environments import tier_of
from .graph import Graph
from .inputs import plain
from .outcome import Outcome, Verdict, worst
from .resource import Resource
from .rule import Example, Facts, ResourceRule, Rule


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What a rule said of an example, and what it must say."""

    rule: str
    example: str
    expected: Verdict
    outcome: Outcome

    @property
    def holds(self) -> bool:
        """Whether it said what it must."""
        return self.outcome.verdict is self.expected


def proofs(rule: Rule, judge: checking.Judge = checking.ask) -> Iterator[Proof]:
    """A proof for each example of a rule."""
    for expected, examples in ((Verdict.FAIL, rule.failing), (Verdict.PASS, rule.passing)):
        for one in examples:
            yield Proof(rule=rule.id, example=one.name, expected=expected, outcome=outcome(rule, one, judge))


def outcome(rule: Rule, example: Example, judge: checking.Judge = checking.ask) -> Outcome:
    """What a rule says of an example."""
    graph = Graph(plain.resources(example.resources, environment=example.environment))
    config = _config(example)
    target = _target(rule, example, graph) if isinstance(rule, ResourceRule) else config
    if target is None:
        return checking.failed_to_run(f"the example {example.name!r} has nothing that the rule is about")
    facts = Facts(graph=graph, settings={**rule.defaults, **example.settings}, config=config, today=example.today)
    return worst(judge(rule, target, facts))


def _target(rule: ResourceRule, example: Example, graph: Graph) -> Resource | None:
    candidates = graph.of(*rule.types)
    return next((one for one in candidates if example.about in ("", one.name)), None)


def _config(example: Example) -> ProjectConfig | None:
    if example.config is None:
        return None
    return ProjectConfig(
        environment=example.environment,
        tier=tier_of(example.environment),
        values=example.config,
        places={
            path: "groundplan.yaml"
            for path in _paths(example.config)
            if not any(path == one or path.startswith(f"{one}.") for one in example.defaults)
        },
        environments=example.environments,
        files=example.files,
        evidence=example.evidence,
        action=example.action,
    )


def _paths(value: object, prefix: str = "") -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        for key, one in cast("Mapping[str, object]", value).items():
            yield from _paths(one, f"{prefix}.{key}" if prefix else key)
    elif prefix:
        yield prefix
