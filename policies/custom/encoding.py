"""What the two processes tell each other, as JSON: resources, configs and outcomes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, cast

from ..config import Action, ProjectConfig
from ..outcome import Outcome, Verdict
from ..resource import Resource
from ..rule import Setting
from ..values import ABSENT, SECRET, Secret, Unknown

_MARK = "\0"
"""The key of an object that stands for a value which JSON has not; no property has that name."""

_LONGEST = 500
_RESOURCE = ("urn", "type", "token", "name", "id", "stack", "environment", "parent", "protect", "cause", "where")


def line(message: Mapping[str, object]) -> bytes:
    """A message as one line."""
    return json.dumps(message, default=_special).encode() + b"\n"


def message(line: bytes) -> dict[str, Any]:
    """The message of a line. Raises ValueError for what is none."""
    found: object = json.loads(line, object_hook=_restored)
    if not isinstance(found, dict):
        raise ValueError("no message")  # noqa: TRY004 a line that is no message
    return cast("dict[str, Any]", found)


def resource(one: Resource) -> dict[str, object]:
    """A resource."""
    return {**{name: getattr(one, name) for name in _RESOURCE}, "properties": one.properties}


def config(one: ProjectConfig) -> dict[str, object]:
    """A config."""
    fields = ("environment", "tier", "values", "places", "environments", "files", "evidence")
    return {**{name: getattr(one, name) for name in fields}, "action": asdict(one.action) if one.action else None}


def as_config(fields: Mapping[str, Any]) -> ProjectConfig:
    """The config that ``config`` made this of."""
    given: dict[str, Any] = {**fields, "action": as_action(fields["action"])}
    return ProjectConfig(**given)


def as_action(fields: Mapping[str, Any] | None) -> Action | None:
    """An action."""
    if fields is None:
        return None
    given: dict[str, Any] = {**fields, "approvals": tuple(fields["approvals"])}
    return Action(**given)


def as_settings(values: Mapping[str, Any]) -> dict[str, Setting]:
    """Settings: a list is a tuple of texts."""
    return {
        name: tuple(cast("list[str]", value)) if isinstance(value, list) else value for name, value in values.items()
    }


def outcome(one: Outcome) -> list[str]:
    """An outcome, its texts cut to what a report may show."""
    return [str(one.verdict), *(str(text)[:_LONGEST] for text in (one.path, one.found, one.expected))]


def as_outcomes(found: Sequence[Sequence[str]]) -> list[Outcome]:
    """Outcomes. Raises ValueError for a verdict that there is not."""
    return [
        Outcome(verdict=Verdict(verdict), path=path, found=shown, expected=expected)
        for verdict, path, shown, expected in found
    ]


def _special(value: object) -> object:
    if isinstance(value, Unknown):
        return {_MARK: "unknown", "of": value.of}
    if isinstance(value, Secret):
        return {_MARK: "secret"}
    if value is ABSENT:
        return {_MARK: "absent"}
    if isinstance(value, Mapping):
        return dict(cast("Mapping[str, object]", value))
    if isinstance(value, (Sequence, set, frozenset)):
        return list(cast("Sequence[object]", value))
    return str(value)


def _restored(value: dict[str, Any]) -> object:
    kind = value.get(_MARK)
    if kind is None:
        return value
    if kind == "unknown":
        return Unknown(of=tuple(value["of"]))
    return SECRET if kind == "secret" else ABSENT
