"""What a project or a file says of the rules, checked against the rules that there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...core import clock
from ...core.errors import ConfigError, Problem
from ...policies import settings as rules_settings
from ...policies.custom.sources import of_packages
from ...policies.exemptions import Exemption
from ...policies.packs import ALL
from ...policies.rule import Rule, Setting
from ...policies.settings import Settings
from .rules import Named

if TYPE_CHECKING:
    from ...stacks.config.operations import Policies
    from ...stacks.config.policies_file import PoliciesFile
    from ...stacks.config.resolved import Resolved

Where = Callable[[str], str]
"""``file:line:column`` of a dotted path such as ``policies.packs.0``."""


@dataclass(frozen=True, kw_only=True)
class Files:
    """What the command line gives: ``policies`` in the place of the config's, ``exemptions`` besides them."""

    policies: PoliciesFile | None = None
    exemptions: PoliciesFile | None = None


def of_configs(
    configs: Mapping[str, Resolved], rules: Mapping[str, Rule], *, packs: Sequence[str] = (),
    files: Files | None = None, complete: bool = True,
) -> Mapping[str, Settings]:  # fmt: skip
    """The settings of each environment, and under "" those of everything else; ``packs`` stand in for the config's.

    Without a config every rule is on. Raises ConfigError with every id, setting and exemption that cannot be, each
    once, with its line. Where ``rules`` are not ``complete``, ids that are not among them may be right.
    """
    given = files or Files()
    if not configs and given == Files():
        return _everything(rules, packs)
    settings: dict[str, Settings] = {}
    problems: dict[tuple[str, str], Problem] = {}
    for name, (policies, where) in _said(configs, given.policies).items():
        own = _settings(policies, where, packs)
        more = _exemptions(given.exemptions, policies)
        settings[name] = Settings(
            packs=own.packs, levels=own.levels, values=own.values, exemptions=[*own.exemptions, *more]
        )
        found = [(where, one) for one in rules_settings.problems(own, rules, complete=complete)]
        if given.exemptions is not None:
            beside = Settings(packs=(), exemptions=more)
            found += [(given.exemptions.place, one) for one in rules_settings.problems(beside, rules)]
        for place, (path, problem) in found:
            line = place(f"policies.{path.replace('[', '.').replace(']', '')}")
            problems[line, problem.message] = Problem(message=problem.message, where=line, hint=problem.hint)
    if problems:
        raise ConfigError.of(list(problems.values()))
    return {**settings, "": next(iter(settings.values()))}


def _everything(rules: Mapping[str, Rule], packs: Sequence[str]) -> Mapping[str, Settings]:
    found = Settings(packs=tuple(packs) or (ALL,))
    problems = [problem for _path, problem in rules_settings.problems(found, rules)]
    if problems:
        raise ConfigError.of(problems)
    return {"": found}


def of_ours(config: Resolved, rules: Mapping[str, Rule]) -> Mapping[str, Settings]:
    """The settings of an environment for who asks our rules alone; custom ones are a matter of ``check``."""
    custom = bool(config.config.policies.rules) or any(of_packages())
    return of_configs({config.environment: config}, rules, complete=not custom)


def named_folders(configs: Iterable[Resolved], file: PoliciesFile | None = None) -> list[Named]:
    """The folders of rules that configs or a file in their place name, each once."""
    configs = list(configs)
    if not configs and file is None:
        return []
    from ...stacks.causes import Places

    if file is not None:
        found = [(file.path.parent, file.policies, file.place)]
    else:
        found = [(one.root, one.config.policies, Places(one).of) for one in configs if one.config.policies.rules]
    return list({tuple(policies.rules): _named(root, policies, where) for root, policies, where in found}.values())


def _named(root: Path, policies: Policies, where: Where) -> Named:
    return Named(folders=[root / one for one in policies.rules], where=where("policies.rules"))


def _said(configs: Mapping[str, Resolved], file: PoliciesFile | None) -> dict[str, tuple[Policies, Where]]:
    from ...stacks.causes import Places
    from ...stacks.config.operations import Policies

    if file is not None:
        return {"": (file.policies, file.place)}
    if configs:
        return {name: (one.config.policies, Places(one).of) for name, one in configs.items()}
    return {"": (Policies(packs=[ALL]), lambda _path: "")}


def _exemptions(file: PoliciesFile | None, policies: Policies) -> list[Exemption]:
    if file is None:
        return []
    return _exempted(file.policies, file.place, days_ahead=policies.max_exemption_days)


def _settings(policies: Policies, where: Where, packs: Sequence[str]) -> Settings:
    return Settings(
        packs=tuple(packs or policies.packs),
        levels=dict(policies.levels),
        values={id: {name: _setting(one) for name, one in values.items()} for id, values in policies.settings.items()},
        exemptions=_exempted(policies, where, days_ahead=policies.max_exemption_days),
    )


def _exempted(policies: Policies, where: Where, *, days_ahead: int) -> list[Exemption]:
    today = clock.today()
    return [
        Exemption(
            rule=one.rule,
            resource=one.resource,
            reason=one.reason,
            owner=one.owner,
            expires=one.expires,
            where=where(f"policies.exemptions.{index}"),
            days_ahead=days_ahead,
            today=today,
        )
        for index, one in enumerate(policies.exemptions)
    ]


def _setting(value: bool | float | str | list[str]) -> Setting:
    return tuple(value) if isinstance(value, list) else value
