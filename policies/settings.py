"""What a project says of the rules: packs, levels, settings, exemptions; checked against the rules that there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..core.errors import Problem
from ..core.suggestions import did_you_mean
from . import catalogue, packs
from .exemptions import Exemption
from .rule import Rule, Setting


@dataclass(frozen=True, kw_only=True)
class Settings:
    """For one environment. ``values`` are settings by rule and name."""

    packs: Sequence[str] = (packs.ALL,)
    levels: Mapping[str, str] = field(default_factory=dict[str, str])
    values: Mapping[str, Mapping[str, Setting]] = field(default_factory=dict[str, Mapping[str, Setting]])
    exemptions: Sequence[Exemption] = ()

    def level(self, rule: Rule) -> packs.Level:
        """The level of a rule here."""
        return packs.level_of(rule, self.packs, self.levels)

    def of(self, rule: Rule) -> dict[str, Setting]:
        """A rule's settings here, with its defaults."""
        return {**rule.defaults, **self.values.get(rule.id, {})}


def problems(settings: Settings, rules: Mapping[str, Rule], *, complete: bool = True) -> list[tuple[str, Problem]]:
    """What is wrong with the settings, each with the dotted path below ``policies`` that says it.

    Where ``rules`` are not all that there are, a name that none of them has is not wrong.
    """
    named = [*_of_packs(settings, rules), *_of_levels(settings, rules)] if complete else []
    return [*named, *_of_values(settings, rules, complete), *_of_exemptions(settings, rules, complete)]


def _of_packs(settings: Settings, rules: Mapping[str, Rule]) -> list[tuple[str, Problem]]:
    known = packs.names(rules.values())
    return [
        (f"packs[{index}]", Problem(message=f"there is no pack {name!r}", hint=did_you_mean(name, known)))
        for index, name in enumerate(settings.packs)
        if name not in known
    ]


def _of_levels(settings: Settings, rules: Mapping[str, Rule]) -> list[tuple[str, Problem]]:
    return [(f"levels.{id}", _no_rule(id, rules)) for id in settings.levels if id not in rules]


def _of_values(settings: Settings, rules: Mapping[str, Rule], complete: bool) -> list[tuple[str, Problem]]:
    found: list[tuple[str, Problem]] = []
    for id, values in settings.values.items():
        if id not in rules:
            found += [(f"settings.{id}", _no_rule(id, rules))] if complete else []
            continue
        found += [(f"settings.{id}.{name}", one) for name, one in _wrong(rules[id], values).items()]
    return found


def _wrong(rule: Rule, values: Mapping[str, Setting]) -> dict[str, Problem]:
    found: dict[str, Problem] = {}
    for name, value in values.items():
        if name not in rule.options:
            hint = did_you_mean(name, rule.options) or f"groundplan policies show {rule.id} lists its settings."
            found[name] = Problem(message=f"{rule.id} has no setting {name!r}", hint=hint)
        elif not _same_kind(value, rule.options[name].default):
            example = _written(rule.options[name].default)
            found[name] = Problem(
                message=f"{rule.id} takes another kind of value for {name!r}", hint=f"Such as {example}."
            )
    return found


def _of_exemptions(settings: Settings, rules: Mapping[str, Rule], complete: bool) -> list[tuple[str, Problem]]:
    found: list[tuple[str, Problem]] = []
    for index, exemption in enumerate(settings.exemptions):
        if complete and exemption.rule not in rules:
            found.append((f"exemptions[{index}].rule", _no_rule(exemption.rule, rules)))
        problem = exemption.problem()
        if problem is not None:
            found.append((f"exemptions[{index}].{problem[0]}", problem[1]))
    return found


def _no_rule(id: str, rules: Mapping[str, Rule]) -> Problem:
    return Problem(message=f"there is no rule {id!r}", hint=catalogue.meant(id, rules))


def _same_kind(value: Setting, default: Setting) -> bool:
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(value, bool) and isinstance(default, bool)
    if isinstance(default, (int, float)):
        return isinstance(value, (int, float))
    return isinstance(value, type(default))


def _written(value: Setting) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(value)}]"
    return str(value).lower() if isinstance(value, bool) else str(value)
