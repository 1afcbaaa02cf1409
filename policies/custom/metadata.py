"""What a rule says of itself, as JSON and back: all but its check, which stays in its own process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, cast

from ..outcome import Outcome
from ..rule import ConfigRule, Example, Option, Remediation, ResourceRule, Rule, Severity
from .encoding import as_action, as_settings

_TEXTS = ("id", "title", "remedy")
_LISTS = ("covers", "relates_to", "packs")


def encoded(rule: Rule) -> dict[str, object]:
    """A rule without its check."""
    found: dict[str, object] = {name: getattr(rule, name) for name in (*_TEXTS, "scope", "manual", "origin")}
    found |= {name: list(getattr(rule, name)) for name in _LISTS}
    found |= {"severity": str(rule.severity), "options": {name: asdict(one) for name, one in rule.options.items()}}
    found |= {"failing": [asdict(one) for one in rule.failing], "passing": [asdict(one) for one in rule.passing]}
    if isinstance(rule, ResourceRule):
        remediation = dict(rule.remediation.properties) if rule.remediation else None
        found |= {"types": list(rule.types), "remediation": remediation}
    return found


def decoded(value: Mapping[str, Any]) -> Rule:
    """The rule that ``encoded`` made this of; asked here it raises, which never is a pass."""
    common: dict[str, Any] = {
        **{name: value[name] for name in (*_TEXTS, "scope", "manual", "origin")},
        **{name: tuple(value[name]) for name in _LISTS},
        "severity": Severity(value["severity"]),
        "options": {name: _option(one) for name, one in value["options"].items()},
        "failing": tuple(_example(one) for one in value["failing"]),
        "passing": tuple(_example(one) for one in value["passing"]),
        "check": _elsewhere,
    }
    if "types" not in value:
        return ConfigRule(**common)
    properties = value["remediation"]
    remediation = Remediation(properties=properties) if properties else None
    return ResourceRule(**common, types=tuple(value["types"]), remediation=remediation)


def wrong_kinds(rule: Rule) -> list[str]:
    """Which fields of a rule hold something of another kind than they must."""
    fields = {**_FIELDS, **(_FIELDS_OF_RESOURCES if isinstance(rule, ResourceRule) else _FIELDS_OF_CONFIGS)}
    return [f"its {name} is no {what}" for name, (test, what) in fields.items() if not test(getattr(rule, name))]


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _are_texts(value: object) -> bool:
    return isinstance(value, (tuple, list)) and all(isinstance(one, str) for one in cast("Sequence[object]", value))


def _are_examples(value: object) -> bool:
    return isinstance(value, (tuple, list)) and all(isinstance(one, Example) for one in cast("Sequence[object]", value))


def _are_options(value: object) -> bool:
    return isinstance(value, Mapping) and all(map(_is_option, cast("Mapping[object, object]", value).values()))


def _is_option(value: object) -> bool:
    default: object = value.default if isinstance(value, Option) else None
    return _are_texts(default) if isinstance(default, tuple) else isinstance(default, (int, float, str))


_FIELDS: Mapping[str, tuple[Callable[[object], bool], str]] = {
    **dict.fromkeys(_TEXTS, (_is_text, "text")),
    **dict.fromkeys(_LISTS, (_are_texts, "tuple of texts")),
    "severity": (lambda value: isinstance(value, Severity), "Severity"),
    "check": (callable, "function"),
    "options": (_are_options, "mapping of Option"),
    "failing": (_are_examples, "tuple of Example"),
    "passing": (_are_examples, "tuple of Example"),
}
_FIELDS_OF_RESOURCES: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "types": (_are_texts, "tuple of texts"),
    "scope": (lambda value: value in ("resource", "graph"), "scope of a rule about resources"),
}
_FIELDS_OF_CONFIGS: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "scope": (lambda value: value in ("config", "evidence", "action"), "scope of a rule about configs"),
}


def _option(value: Mapping[str, Any]) -> Option:
    return Option(default=as_settings(value)["default"], help=str(value["help"]))


def _example(value: Mapping[str, Any]) -> Example:
    fields: dict[str, Any] = {**value, "action": as_action(value["action"])}
    fields["settings"] = as_settings(value["settings"])
    return Example(**fields)


def _elsewhere(*_: object) -> Outcome:
    raise RuntimeError("a custom rule is asked in its own process only")
