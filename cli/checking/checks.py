"""Puts a check together: the rules, what they judge, and what the project says of them."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ...core import clock
from ...core.errors import NotFoundError
from ...core.suggestions import did_you_mean
from ...modules.contract.context import SHARED
from ...policies import baseline, catalogue, checking
from ...policies.checking import REPORTED, Check
from ...policies.config import ProjectConfig
from ...policies.finding import Report
from ...policies.graph import Graph
from ...policies.outcome import Verdict
from ...policies.packs import ALL, Level
from ...policies.resource import Resource
from ...policies.rule import Rule, Severity
from ...policies.settings import Settings
from ...stacks.config.resolved import Resolved
from ..output import Output
from ..session import Session
from . import configs, evidence, resources, settings


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a person asked for on the command line. ``environments`` without any means all."""

    environments: Sequence[str] = ()
    packs: Sequence[str] = ()
    only: Sequence[str] = ()
    skip: Sequence[str] = ()
    fail_on: str = "enforced"
    baseline: Path | None = None
    everything: bool = False


def of_project(read: Mapping[str, Resolved], wanted: Wanted, session: Session) -> Check:
    """The check of a project's own plan and config, and of what its registry knows.

    Raises what planning raises, NotFoundError, ConfigError.
    """
    names = [name for name in read if name != SHARED]
    chosen = _chosen(wanted.environments, names)
    judged = Graph(_planned(read, chosen, session.output))
    known = evidence.known(session, {name: read[name] for name in chosen})
    project = {name: configs.of_config(read[name], evidence=known.get(name)) for name in chosen}
    return _check(read, wanted, judged, project)


def of_resources(read: Mapping[str, Resolved], wanted: Wanted, found: Sequence[Resource]) -> Check:
    """The check of resources that somebody else planned; ``read`` is empty where no project belongs to them."""
    kept = [one for one in found if not wanted.environments or one.environment in wanted.environments]
    return _check(read, wanted, Graph(kept), {})


def report_of(session: Session, wanted: Wanted, source: str | None) -> Report:
    """Run the check of the project's plan, or of a file that somebody else wrote.

    What the config above the folder says of the rules holds for such a file too; without one every rule is on.
    """
    from ...stacks.config.reading import read_stacks

    if source is None:
        return checking.run(of_project(read_stacks(session.folder), wanted, session))
    from ...policies.inputs import reading

    found = reading.read(source)
    configs: Mapping[str, Resolved] = {}
    with contextlib.suppress(NotFoundError):
        configs = read_stacks(session.folder)
    return checking.run(of_resources(configs, wanted, found.resources))


def _check(read: Mapping[str, Resolved], wanted: Wanted, graph: Graph, project: Mapping[str, ProjectConfig]) -> Check:
    every = catalogue.ours()
    by_environment = settings.of_configs(read, every, packs=wanted.packs)
    rules = _selected(every, wanted)
    return Check(
        rules=rules,
        graph=graph,
        configs=project,
        settings={name: _enforced(one, rules, wanted) for name, one in by_environment.items()},
        today=clock.today(),
        baseline=baseline.read(wanted.baseline) if wanted.baseline else frozenset(),
        reported=frozenset(Verdict) if wanted.everything else REPORTED,
    )


def _planned(read: Mapping[str, Resolved], chosen: Collection[str], output: Output) -> list[Resource]:
    if read[SHARED].config.platform == "local":
        return []
    from ...stacks.planning import planning
    from ..progress import working

    stacks = [SHARED, *chosen]
    with working(output, f"planning {', '.join(stacks)}"):
        return resources.of_plans(planning.plans(read, stacks))


def _chosen(asked: Sequence[str], names: Sequence[str]) -> list[str]:
    for name in asked:
        if name not in names:
            raise NotFoundError(f"there is no environment {name!r}", hint=did_you_mean(name, names))
    return [name for name in names if not asked or name in asked]


def _selected(rules: Mapping[str, Rule], wanted: Wanted) -> Mapping[str, Rule]:
    """The rules that ``--only`` and ``--skip`` leave; each takes a rule's id or that of a published one."""
    only = {id for name in wanted.only for id in _ids(name, rules)}
    skip = {id for name in wanted.skip for id in _ids(name, rules)}
    return {id: rule for id, rule in rules.items() if (not only or id in only) and id not in skip}


def _ids(name: str, rules: Mapping[str, Rule]) -> list[str]:
    answering = [rule.id for rule in catalogue.answering(name, rules)]
    return answering or [catalogue.get(name, rules).id]


def _enforced(one: Settings, rules: Mapping[str, Rule], wanted: Wanted) -> Settings:
    """The settings with what the command line says: what ``--only`` names is on, ``--fail-on`` sets what blocks."""
    asked = replace(one, packs=(*one.packs, ALL)) if wanted.only else one
    on = {id: rule for id, rule in rules.items() if asked.level(rule) is not Level.OFF}
    levels = {id: _level(asked.level(rule), rule.severity, wanted.fail_on) for id, rule in on.items()}
    return replace(asked, levels={**asked.levels, **levels})


def _level(level: Level, severity: Severity, fail_on: str) -> Level:
    if fail_on == "enforced":
        return level
    if fail_on == "never":
        return Level.ADVISE
    gravest_first = list(Severity)
    reached = gravest_first.index(severity) <= gravest_first.index(Severity(fail_on))
    return Level.ENFORCE if reached else Level.ADVISE
