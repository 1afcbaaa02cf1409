"""Custom rules: loaded and asked in their own process, which is started again when one of them breaks it."""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ...core.errors import Problem, UsageError
from .. import catalogue
from ..checking import ask, failed_to_run
from ..config import ProjectConfig
from ..graph import Graph
from ..outcome import Outcome
from ..resource import Resource
from ..rule import Facts, ResourceRule, Rule
from . import encoding, metadata
from .process import EndedError, LateError, Limits, Process
from .sources import Source, all_of

Target = Resource | ProjectConfig


@contextmanager
def opened(folders: Sequence[Path], *, packages: bool = False, limits: Limits | None = None) -> Generator[CustomRules]:
    """The rules of these folders, and with ``packages`` of installed packages, for as long as the block runs.

    This runs code of others: whoever calls it has their user's explicit yes to each folder and to the packages. Raises
    UsageError that holds every file that is no rule and every id that is taken.
    """
    sources, problems = all_of(folders, packages=packages)
    custom = CustomRules(limits or Limits())
    try:
        for source in sources:
            custom.add(source)
        problems += custom.problems
        if problems:
            raise _unusable(problems)
        yield custom
    finally:
        custom.close()


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """What a rule said of each target of one environment, by the target's ``id()``; ``why`` it says nothing of others.

    ``targets`` keeps them alive, so that no other object takes over an id.
    """

    facts: Facts
    targets: Sequence[Target]
    said: Mapping[int, Sequence[Outcome]]
    why: str


@dataclass
class _Sent:
    """What the process that runs now was told."""

    loaded: set[str] = field(default_factory=set[str])
    graph: Graph | None = None
    places: dict[int, int] = field(default_factory=dict[int, int])
    configs: list[ProjectConfig] = field(default_factory=list[ProjectConfig])


class CustomRules:
    """``rules`` by id; ``judge`` asks these rules in their process and any other one in this."""

    def __init__(self, limits: Limits) -> None:
        self.rules: dict[str, Rule] = {}
        self.problems: list[Problem] = []
        self._limits = limits
        self._process: Process | None = None
        self._sent = _Sent()
        self._sources: dict[str, Source] = {}
        self._asked: dict[tuple[str, str], _Asked] = {}
        self._left: dict[str, float] = {}
        self._broken: dict[str, str] = {}

    def add(self, source: Source) -> None:
        """Load a file; what is wrong with it is one of ``problems``."""
        try:
            rule = self._load(source)
        except _RefusedError as error:
            self.problems.append(error.problem)
            return
        known = {**catalogue.ours(), **self.rules}.get(rule.id)
        if known is not None:
            other = self._sources[rule.id].place if rule.id in self._sources else known.origin
            message = f"the id {rule.id} is taken by a rule of {other}"
            self.problems.append(Problem(message=message, where=source.place, hint="Give it another id."))
            return
        self.rules[rule.id] = rule
        self._sources[rule.id] = source

    def judge(self, rule: Rule, target: Target, facts: Facts) -> Sequence[Outcome]:
        """What a rule says. One that breaks, hangs or ends its process has failed to run, which is never a pass."""
        if rule.id not in self._sources:
            return ask(rule, target, facts)
        asked = self._asked.get((rule.id, target.environment))
        if asked is None or asked.facts is not facts:
            asked = self._ask_all(rule, target, facts)
            self._asked[rule.id, target.environment] = asked
        return asked.said[id(target)] if id(target) in asked.said else [failed_to_run(asked.why)]

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.end()
        self._process, self._sent = None, _Sent()

    def _ask_all(self, rule: Rule, target: Target, facts: Facts) -> _Asked:
        """Ask a rule at once about everything in an environment that it is for."""
        said: dict[int, Sequence[Outcome]] = {}
        targets = _targets(rule, target, facts)
        if rule.id not in self._broken:
            try:
                self._prepare(rule, targets, facts)
                self._ask(rule, targets, facts, said)
            except (EndedError, _RefusedError, ValueError) as error:
                self._broken[rule.id] = str(error)
                self.close()
        return _Asked(facts=facts, targets=targets, said=said, why=self._broken.get(rule.id, "it said nothing"))

    def _ask(self, rule: Rule, targets: Sequence[Target], facts: Facts, said: dict[int, Sequence[Outcome]]) -> None:
        """Put the question; ``said`` holds the answers that came, whatever happens then."""
        left = self._left.get(rule.id, self._limits.seconds)
        start = time.monotonic()
        question = {
            "do": "judge",
            "rule": rule.id,
            "targets": [self._place(one) for one in targets],
            "settings": facts.settings,
            "config": None if facts.config is None else self._place(facts.config),
            "today": facts.today,
        }
        try:
            for answer, target in zip(self._running().ask(question, left), targets, strict=True):
                said[id(target)] = encoding.as_outcomes(answer["outcomes"])
        except LateError as error:
            raise EndedError(f"it ran longer than {self._limits.seconds:g} s") from error
        self._left[rule.id] = max(0.0, left - (time.monotonic() - start))

    def _place(self, target: Target) -> int:
        """How the process knows it: a resource by its place in the graph, a config by a negative number."""
        if isinstance(target, Resource):
            return self._sent.places[id(target)]
        return -1 - next(place for place, one in enumerate(self._sent.configs) if one is target)

    def _prepare(self, rule: Rule, targets: Sequence[Target], facts: Facts) -> None:
        """See to it that the process knows all that a question names."""
        if rule.id not in self._sent.loaded:
            self._load(self._sources[rule.id])
        process = self._running()
        if self._sent.graph is not facts.graph:
            process.send({"do": "graph", "count": len(facts.graph.resources)})
            for one in facts.graph.resources:
                process.send(encoding.resource(one))
            self._sent.graph = facts.graph
            self._sent.places = {id(one): place for place, one in enumerate(facts.graph.resources)}
        for config in (facts.config, *targets):
            if isinstance(config, ProjectConfig) and not any(one is config for one in self._sent.configs):
                process.send({"do": "config", "config": encoding.config(config)})
                self._sent.configs.append(config)

    def _running(self) -> Process:
        if self._process is None:
            self._process, self._sent = Process(self._limits), _Sent()
        return self._process

    def _load(self, source: Source) -> Rule:
        try:
            answers: list[dict[str, Any]] = list(
                self._running().ask({"do": "load", **asdict(source)}, self._limits.seconds)
            )
        except EndedError as error:
            self.close()
            hint = "Loading a rule must do nothing but define it."
            problem = Problem(message=f"the rule cannot be loaded: {error}", where=source.place, hint=hint)
            raise _RefusedError(problem) from error
        if "problem" in answers[0]:
            raise _RefusedError(Problem(**answers[0]["problem"]))
        rule = metadata.decoded(answers[0]["rule"])
        self._sent.loaded.add(rule.id)
        return rule


def _targets(rule: Rule, target: Target, facts: Facts) -> list[Target]:
    """What a rule is asked about together: the resources of an environment, or one config."""
    if isinstance(target, ProjectConfig) or not isinstance(rule, ResourceRule):
        return [target]
    together = (one for one in facts.graph.of(*rule.types) if one.environment == target.environment)
    return list({id(one): one for one in (*together, target)}.values())


class _RefusedError(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def _unusable(problems: Sequence[Problem]) -> UsageError:
    first = problems[0]
    message = first.message if len(problems) == 1 else f"{len(problems)} custom rules cannot be used"
    return UsageError(message, where=first.where, hint=first.hint, problems=problems)
