"""The corpus of rule cases packed into few stacks, so that a handful of engine runs can see all of them.

A case joins a stack only where its own verdict stays what it is alone: rules that look at several resources must not
see those of another case.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from groundplan.core import clock
from groundplan.policies import checking, examples
from groundplan.policies.graph import Graph
from groundplan.policies.inputs import plain
from groundplan.policies.inputs.environment import environment_of
from groundplan.policies.outcome import Verdict, worst
from groundplan.policies.rule import Facts, ResourceRule, Setting

from rule_cases import Case, all_cases

PROJECT = "corpus"
_NAME = re.compile(r"\$\{([^.}\s]+)")


@dataclass(frozen=True, kw_only=True)
class Member:
    """A case of a rule about resources, its resources under names of its own; ``target`` is the one it is about."""

    case: Case
    rule: ResourceRule
    entries: Sequence[Mapping[str, Any]]
    target: str
    verdict: Verdict
    stack: str


@dataclass(kw_only=True)
class Stack:
    """Cases that are looked at together. ``settings`` hold for each rule that has a case here."""

    name: str
    members: list[Member] = field(default_factory=list[Member])
    settings: dict[str, Mapping[str, Setting]] = field(default_factory=dict[str, Mapping[str, Setting]])

    @property
    def entries(self) -> list[Mapping[str, Any]]:
        """All resources, as a plain list."""
        return [entry for member in self.members for entry in member.entries]


def members() -> Iterator[Member]:
    """Every case that has resources and asks for no config, in the order of the rules."""
    for number, case in enumerate(all_cases()):
        if case.example.resources and case.example.config is None and isinstance(case.rule, ResourceRule):
            yield _member(number, case, case.rule)


def packed(found: Sequence[Member]) -> list[Stack]:
    """The cases in few stacks: those of rules about one resource first, since nothing disturbs them."""
    stacks: list[Stack] = []
    for member in sorted(found, key=lambda one: one.rule.scope, reverse=True):
        home = next((one for one in stacks if _fits(member, one)), None)
        if home is None:
            home = Stack(name=member.stack)
            stacks.append(home)
        home.members.append(member)
        home.settings[member.rule.id] = member.case.example.settings
    return _merged(stacks)


def urn(entry: Mapping[str, Any], stack: str) -> str:
    """The URN that the engine gives a resource."""
    return f"urn:pulumi:{stack}::{PROJECT}::{entry['type']}::{entry['name']}"


def _member(number: int, case: Case, rule: ResourceRule) -> Member:
    entries = [_renamed(one, position, number) for position, one in enumerate(case.example.resources)]
    targets = Graph(plain.resources(entries)).of(*rule.types)
    about = f"c{number}-{case.example.about}" if case.example.about else targets[0].name
    today = replace(case.example, today=clock.today())
    properties = cast("Mapping[str, object]", case.example.resources[0].get("properties", {}))
    return Member(
        case=case, rule=rule, entries=entries, target=about, verdict=examples.outcome(rule, today).verdict,
        stack=environment_of(properties, case.example.environment),
    )  # fmt: skip


def _renamed(entry: Mapping[str, object], position: int, number: int) -> Mapping[str, Any]:
    name = entry.get("name") or str(position)
    return {**entry, "name": f"c{number}-{name}", "properties": _referring(entry.get("properties", {}), number)}


def _referring(value: object, number: int) -> object:
    if isinstance(value, Mapping):
        return {key: _referring(one, number) for key, one in cast("Mapping[str, object]", value).items()}
    if isinstance(value, (list, tuple)):
        return [_referring(one, number) for one in cast("Sequence[object]", value)]
    return _NAME.sub(rf"${{c{number}-\1", value) if isinstance(value, str) else value


def _merged(stacks: Sequence[Stack]) -> list[Stack]:
    """Fewer stacks: each joins a larger one where the settings agree and every verdict stays."""
    kept: list[Stack] = []
    for stack in sorted(stacks, key=lambda one: len(one.members), reverse=True):
        home = next((one for one in kept if _agree(one, stack)), None)
        if home is None:
            kept.append(stack)
        else:
            home.members += stack.members
            home.settings |= stack.settings
    return kept


def _agree(one: Stack, other: Stack) -> bool:
    both = one.settings.keys() & other.settings.keys()
    if one.name != other.name or any(one.settings[id] != other.settings[id] for id in both):
        return False
    together = Stack(name=one.name, members=[*one.members, *other.members])
    graph = Graph(plain.resources(together.entries, environment=one.name))
    return all(said(member, graph) is member.verdict for member in together.members if member.rule.scope == "graph")


def _fits(member: Member, stack: Stack) -> bool:
    """Whether a case can join: same environment, its rule's settings hold there, every verdict stays."""
    example = member.case.example
    if member.stack != stack.name or stack.settings.get(member.rule.id, example.settings) != example.settings:
        return False
    mixed = [one for one in (member, *stack.members) if one.rule.scope == "graph"]
    if member.rule.scope == "resource" and not mixed:
        return True
    if member.rule.scope == "graph" and any(one.rule.scope == "resource" for one in stack.members):
        return False
    graph = Graph(plain.resources([*stack.entries, *member.entries], environment=stack.name))
    return all(said(one, graph) is one.verdict for one in mixed)


def said(member: Member, graph: Graph) -> Verdict:
    """What a case's rule says of its resource among others."""
    target = next(one for one in graph.of(*member.rule.types) if one.name == member.target)
    settings = {**member.rule.defaults, **member.case.example.settings}
    facts = Facts(graph=graph, settings=settings, today=clock.today())
    return worst(checking.ask(member.rule, target, facts)).verdict
