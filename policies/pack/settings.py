"""What a project says of the rules, in the engine's file for a policy pack, and read from it again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from ...core.errors import UsageError
from ...core.suggestions import did_you_mean
from ..config import ProjectConfig
from ..custom import encoding
from ..exemptions import DAYS_AHEAD, Exemption
from ..packs import ALL, Level
from ..resource import Resource
from ..rule import Rule, Setting
from ..settings import Settings, problems
from .policy import PROJECT, rules_of

WORDS: Mapping[Level, str] = {Level.OFF: "disabled", Level.ADVISE: "advisory", Level.ENFORCE: "mandatory"}
"""The engine's words for levels."""

_EXEMPTION = ("rule", "resource", "reason", "owner", "expires", "where")


@dataclass(frozen=True, kw_only=True)
class Configured:
    """What one policy of the pack is given: its level, and its settings by name."""

    level: Level
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, kw_only=True)
class PackSettings:
    """What holds for a run of the pack; ``causes`` are the config's path and place for resources, by URN."""

    settings: Settings = field(default_factory=Settings)
    config: ProjectConfig | None = None
    causes: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])


def written(
    settings: Settings,
    rules: Iterable[Rule],
    *,
    config: ProjectConfig | None = None,
    resources: Iterable[Resource] = (),
) -> dict[str, object]:
    """The content of the engine's file: one entry for each policy of the pack."""
    found = rules_of(rules)
    entries = {
        id: {"enforcementLevel": WORDS[settings.level(rule)], **_plain(settings.values.get(id, {}))}
        for id, rule in found.items()
    }
    return {**entries, PROJECT: _project(settings, found, config, resources)}


def _project(
    settings: Settings, rules: Mapping[str, Rule], config: ProjectConfig | None, resources: Iterable[Resource]
) -> dict[str, object]:
    meant = [one for one in settings.exemptions if one.rule in rules]
    days = next((one.days_ahead for one in meant), DAYS_AHEAD)
    entry: dict[str, object] = {
        "enforcementLevel": "advisory",
        "exemptions": [{name: getattr(one, name) for name in _EXEMPTION} for one in meant],
        "max_exemption_days": days,
        "causes": {one.urn: [one.cause, one.where] for one in resources if one.cause or one.where},
    }
    if config is not None:
        # Documents and evidence are for rules about the config, which the engine is not asked.
        entry["config"] = encoding.config(replace(config, files={}, evidence=None, action=None))
    return entry


def read(given: Mapping[str, Configured], rules: Mapping[str, Rule], today: str) -> PackSettings:
    """What the engine was given. Raises UsageError with all that cannot be."""
    own = given.get(PROJECT, Configured(level=Level.ADVISE)).values
    settings = Settings(
        packs=(ALL,),
        levels={id: str(one.level) for id, one in given.items() if id != PROJECT},
        values={id: encoding.as_settings(one.values) for id, one in given.items() if id != PROJECT and one.values},
        exemptions=_exemptions(own, today),
    )
    wrong = [problem for _path, problem in problems(settings, rules)]
    if wrong:
        raise UsageError(wrong[0].message, hint=wrong[0].hint, problems=wrong)
    return PackSettings(
        settings=settings,
        config=encoding.as_config(own["config"]) if own.get("config") else None,
        causes={urn: (cause, where) for urn, (cause, where) in own.get("causes", {}).items()},
    )


def _exemptions(own: Mapping[str, Any], today: str) -> list[Exemption]:
    found: list[Exemption] = []
    for entry in cast("list[Mapping[str, Any]]", own.get("exemptions", [])):
        unknown, missing = sorted(set(entry) - set(_EXEMPTION)), sorted(set(_EXEMPTION[:-1]) - set(entry))
        if unknown or missing:
            what = f"has no key {unknown[0]!r}" if unknown else f"lacks the key {missing[0]!r}"
            hint = did_you_mean(unknown[0], _EXEMPTION) if unknown else ""
            raise UsageError(f"an exemption {what}", hint=hint or f"Each has {', '.join(_EXEMPTION[:-1])}.")
        texts = {name: str(entry.get(name, "")) for name in _EXEMPTION}
        days = int(own.get("max_exemption_days", DAYS_AHEAD))
        found.append(Exemption(**texts, days_ahead=days, today=today))
    return found


def _plain(values: Mapping[str, Setting]) -> dict[str, object]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
