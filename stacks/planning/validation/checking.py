"""Checks the drafts of one or several stacks: every problem at once, each with the line of the config to change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ....core.errors import ConfigError, Problem
from ....core.suggestions import closest
from ....modules.contract.planned import PlannedResource
from ....modules.contract.rules import TypeRules
from ... import overriding
from ...causes import Places
from ...config import secrets
from ...config.resolved import Resolved
from . import facts, shape
from .finding import Finding, dotted


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A stack before it is checked: its resources with the values of secrets, the classes they were made of."""

    config: Resolved
    stack: str
    resources: tuple[PlannedResource, ...]
    kinds: Mapping[str, type]

    @property
    def names(self) -> set[str]:
        """The logical names of what an override can change."""
        return {one.name for one in self.resources if not one.component}


def refused(drafts: Sequence[Draft], rules: Mapping[str, TypeRules]) -> list[Problem]:
    """Everything that the cloud would refuse."""
    found = [problem for draft in drafts for problem in _of_stack(draft, rules)]
    return [*found, *_taken_twice(drafts, rules)]


def unset_references(config: Resolved) -> list[Problem]:
    """Every secret that overrides name and that is not set."""
    problems: list[Problem] = []
    places = Places(config)
    for path, reference in overriding.references(config.config.overrides):
        try:
            secrets.value_of(reference, where=places.of(path))
        except ConfigError as error:
            problems.extend(error.problems)
    return problems


def unused_overrides(drafts: Sequence[Draft]) -> list[Problem]:
    """Overrides of resources that none of these stacks has, each once."""
    known = set[str]().union(*(draft.names for draft in drafts))
    problems = [
        Problem(
            message=f"overrides.{name}: no stack has a resource {name!r}",
            where=Places(draft.config).of(f"overrides.{name}"),
            hint=_nearest(name, known),
        )
        for draft in drafts
        for name in draft.config.config.overrides
        if name not in known
    ]
    return in_order(problems)


def _nearest(name: str, known: Iterable[str]) -> str:
    match = closest(name, known)
    return f"Did you mean {match!r}?" if match else "groundplan plan without overrides lists the resources' names."


def _of_stack(draft: Draft, rules: Mapping[str, TypeRules]) -> Iterator[Problem]:
    places = Places(draft.config)
    for one in draft.resources:
        # a provider's inputs travel as JSON texts, whatever their types are
        if one.component or one.type.startswith("pulumi:") or one.urn not in draft.kinds:
            continue
        rule = rules.get(one.type)
        for finding in shape.findings(draft.kinds[one.urn], one.properties, corrected=rule.choices if rule else ()):
            yield _problem(one, finding, draft, places)
        for finding in facts.findings(rule, one.properties) if rule else ():
            yield _problem(one, finding, draft, places)


def _taken_twice(drafts: Sequence[Draft], rules: Mapping[str, TypeRules]) -> Iterator[Problem]:
    by_urn = {one.urn: draft for draft in drafts for one in draft.resources}
    everything = [one for draft in drafts for one in draft.resources]
    for one, finding in facts.taken_twice(everything, rules):
        draft = by_urn[one.urn]
        yield _problem(one, finding, draft, Places(draft.config))


def _problem(one: PlannedResource, finding: Finding, draft: Draft, places: Places) -> Problem:
    own = draft.config.config.overrides.get(one.name, {})
    override = overriding.covering(own, dotted(finding.path))
    if override is not None:
        where = places.of(f"overrides.{one.name}.{override}")
    elif isinstance(finding.value, str | int | float):
        where = places.of_value(one.cause, finding.value)
    else:
        where = one.where
    return Problem(message=f"{one.name} ({one.type}): {finding.message}", where=where, hint=finding.hint)


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """By line, each once: what is wrong in the config of several environments is one problem."""
    once = {(problem.message, problem.where): problem for problem in problems}
    return sorted(once.values(), key=lambda problem: (*_line(problem.where), problem.message))


def _line(where: str) -> tuple[str, int, int]:
    words = where.rsplit(":", 2)
    if len(words) == 3 and words[1].isdigit() and words[2].isdigit():
        return words[0], int(words[1]), int(words[2])
    return where, 0, 0
