"""Puts a check together: the rules, what they judge, and what the project says of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ...core import clock, collecting
from ...core.errors import NotFoundError
from ...core.suggestions import did_you_mean
from ...modules.contract.context import SHARED
from ...policies import baseline, catalogue, checking
from ...policies.checking import REPORTED, Check
from ...policies.config import ProjectConfig
from ...policies.finding import Report
from ...policies.graph import Graph
from ...policies.inputs.input import Input
from ...policies.outcome import Verdict
from ...policies.packs import ALL, Level
from ...policies.resource import Resource
from ...policies.rule import Rule, Severity
from ...policies.settings import Settings
from ...stacks.config.finding import find, name_of
from ..output import Output
from ..session import Session
from . import rules, settings
from .rules import Asked, Rules
from .source import CONFIG, Source, of_input

if TYPE_CHECKING:
    from ...stacks.config.resolved import Resolved


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
    rules: Asked = field(default_factory=Asked)
    policies: Path | None = None
    exemptions: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What the rules said, and of what."""

    report: Report
    source: Source


def checked(session: Session, wanted: Wanted, file: str | None) -> Checked:
    """Run the check of the project's plan, or of a file that somebody else wrote.

    What the config above the folder says of the rules holds for such a file too; without one every rule is on. Raises
    what reading, planning and custom rules raise.
    """
    with collecting.paused():
        read, found = _read(session, file)
        files = _files(session, wanted)
        with rules.opened(session, wanted.rules, settings.named_folders(read.values(), files.policies)) as known:
            if found is None:
                check = _of_project(read, wanted, files, known, session)
                source = _of_config(read)
            else:
                check = _of_resources(read, wanted, files, known, found)
                source = of_input(str(file), found)
            report = checking.run(check)
            # What was left out may be what an exemption covers.
            return Checked(report=replace(report, unused=()) if wanted.environments else report, source=source)


def _read(session: Session, file: str | None) -> tuple[Mapping[str, Resolved], Input | None]:
    if file is None:
        return _configs(session), None
    from ...policies.inputs import reading

    found = reading.read(file)
    try:
        find(session.folder)
    except NotFoundError:
        return {}, found
    return _configs(session), found


def _configs(session: Session) -> Mapping[str, Resolved]:
    """What every stack's config says; reading one costs half of the time in which a file is judged without any."""
    from ...stacks.config.reading import read_stacks

    return read_stacks(session.folder)


def _files(session: Session, wanted: Wanted) -> settings.Files:
    if wanted.policies is None and wanted.exemptions is None:
        return settings.Files()
    from ...stacks.config.policies_file import read_exemptions, read_policies

    return settings.Files(
        policies=read_policies(session.folder / wanted.policies) if wanted.policies else None,
        exemptions=read_exemptions(session.folder / wanted.exemptions) if wanted.exemptions else None,
    )


def _of_config(read: Mapping[str, Resolved]) -> Source:
    one = read[SHARED]
    return Source(file=name_of(one.path), format=CONFIG, project=one.config.project, stacks=tuple(read))


def _of_project(
    read: Mapping[str, Resolved], wanted: Wanted, files: settings.Files, known: Rules, session: Session
) -> Check:
    """The check of a project's own plan and config, and of what its registry knows."""
    from . import configs, evidence

    names = [name for name in read if name != SHARED]
    chosen = _chosen(wanted.environments, names)
    judged = Graph(_planned(read, chosen, session.output))
    models = evidence.known(session, {name: read[name] for name in chosen})
    project = {name: configs.of_config(read[name], evidence=models.get(name)) for name in chosen}
    return _check(read, wanted, files, known, judged, project)


def _of_resources(
    read: Mapping[str, Resolved], wanted: Wanted, files: settings.Files, known: Rules, found: Input
) -> Check:
    chosen = _chosen(wanted.environments, sorted({*found.stacks, *(one.environment for one in found.resources)}))
    kept = [one for one in found.resources if one.environment in chosen]
    return _check(read, wanted, files, known, Graph(kept), {})


def _check(
    read: Mapping[str, Resolved], wanted: Wanted, files: settings.Files, known: Rules, graph: Graph,
    project: Mapping[str, ProjectConfig],
) -> Check:  # fmt: skip
    by_environment = settings.of_configs(read, known.every, packs=wanted.packs, files=files)
    selected = _selected(known.every, wanted)
    return Check(
        rules=selected,
        graph=graph,
        configs=project,
        settings={name: _enforced(one, selected, known.chosen, wanted) for name, one in by_environment.items()},
        today=clock.today(),
        baseline=baseline.read(wanted.baseline) if wanted.baseline else frozenset(),
        reported=frozenset(Verdict) if wanted.everything else REPORTED,
        judge=known.judge,
    )


def _planned(read: Mapping[str, Resolved], chosen: Collection[str], output: Output) -> list[Resource]:
    if read[SHARED].config.platform == "local":
        return []
    from ...stacks.planning import planning
    from ..progress import working
    from . import resources

    stacks = [SHARED, *chosen]
    with working(output, f"planning {', '.join(stacks)}"):
        return resources.of_plans(planning.plans(read, stacks))


def _chosen(asked: Sequence[str], names: Sequence[str]) -> list[str]:
    for name in asked:
        if name not in names:
            raise NotFoundError(f"there is no environment {name!r}", hint=did_you_mean(name, filter(None, names)))
    return [name for name in names if not asked or name in asked]


def _selected(rules: Mapping[str, Rule], wanted: Wanted) -> Mapping[str, Rule]:
    """The rules that ``--only`` and ``--skip`` leave; each takes a rule's id or that of a published one."""
    only = {id for name in wanted.only for id in _ids(name, rules)}
    skip = {id for name in wanted.skip for id in _ids(name, rules)}
    return {id: rule for id, rule in rules.items() if (not only or id in only) and id not in skip}


def _ids(name: str, rules: Mapping[str, Rule]) -> list[str]:
    answering = [rule.id for rule in catalogue.answering(name, rules)]
    return answering or [catalogue.get(name, rules).id]


def _enforced(one: Settings, rules: Mapping[str, Rule], chosen: Collection[str], wanted: Wanted) -> Settings:
    """The settings with what the command line says: what it names is on, ``--fail-on`` sets what blocks."""
    named = replace(one, packs=(*one.packs, ALL))
    asked = {id: (named if wanted.only or id in chosen else one).level(rule) for id, rule in rules.items()}
    levels = {
        id: _level(level, rules[id].severity, wanted.fail_on) for id, level in asked.items() if level is not Level.OFF
    }
    return replace(one, levels={**one.levels, **levels})


def _level(level: Level, severity: Severity, fail_on: str) -> Level:
    if fail_on == "enforced":
        return level
    if fail_on == "never":
        return Level.ADVISE
    gravest_first = list(Severity)
    reached = gravest_first.index(severity) <= gravest_first.index(Severity(fail_on))
    return Level.ENFORCE if reached else Level.ADVISE
