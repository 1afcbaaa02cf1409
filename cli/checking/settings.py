"""What a project says of the rules, checked against the rules that there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...core import clock
from ...core.errors import ConfigError, Problem
from ...policies import settings as rules_settings
from ...policies.exemptions import Exemption
from ...policies.packs import ALL
from ...policies.rule import Rule, Setting
from ...policies.settings import Settings
from ...stacks.causes import Places
from ...stacks.config.operations import Policies
from ...stacks.config.resolved import Resolved


def of_configs(
    configs: Mapping[str, Resolved], rules: Mapping[str, Rule], *, packs: Sequence[str] = ()
) -> Mapping[str, Settings]:
    """The settings of each environment, and under "" those of everything else; ``packs`` stand in for the config's.

    Without a config every rule is on. Raises ConfigError with every id, setting and exemption that cannot be, each
    once, with its line.
    """
    if not configs:
        found = Settings(packs=tuple(packs) or (ALL,))
        _raise([problem for _path, problem in rules_settings.problems(found, rules)])
        return {"": found}
    settings: dict[str, Settings] = {}
    problems: dict[tuple[str, str], Problem] = {}
    for name, config in configs.items():
        places = Places(config)
        settings[name] = _settings(config.config.policies, places, packs)
        for path, problem in rules_settings.problems(settings[name], rules):
            where = places.of(f"policies.{path.replace('[', '.').replace(']', '')}")
            problems[where, problem.message] = Problem(message=problem.message, where=where, hint=problem.hint)
    _raise(list(problems.values()))
    return {**settings, "": next(iter(settings.values()))}


def _raise(problems: Sequence[Problem]) -> None:
    if problems:
        raise ConfigError.of(problems)


def _settings(policies: Policies, places: Places, packs: Sequence[str]) -> Settings:
    today = clock.today()
    return Settings(
        packs=tuple(packs or policies.packs),
        levels=dict(policies.levels),
        values={id: {name: _setting(one) for name, one in values.items()} for id, values in policies.settings.items()},
        exemptions=[
            Exemption(
                rule=one.rule,
                resource=one.resource,
                reason=one.reason,
                owner=one.owner,
                expires=one.expires,
                where=places.of(f"policies.exemptions.{index}"),
                days_ahead=policies.max_exemption_days,
                today=today,
            )
            for index, one in enumerate(policies.exemptions)
        ],
    )


def _setting(value: bool | float | str | list[str]) -> Setting:
    return tuple(value) if isinstance(value, list) else value
