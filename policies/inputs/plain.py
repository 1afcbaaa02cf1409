"""Plain lists of ``{type, name, properties}``: for examples, tests, and whoever has no Pulumi project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from ...core.errors import DataError
from ..resource import Resource
from ..tokens import normalised
from . import foreign
from .environment import environment_of
from .input import Format, Input, not_too_deep, urn_parts
from .values import converted


class PlainList:
    """A list, alone or under ``resources`` beside ``project``, ``stack`` and ``environment``."""

    def __init__(self) -> None:
        self._entries: list[Mapping[str, object]] = []
        self._said: dict[str, str] = {}

    def take(self, path: str, value: object) -> None:
        """Take an entry, or what is said of all. Raises DataError for an entry that is no mapping."""
        if path == "resources[]":
            if not isinstance(value, Mapping):
                raise _no_resource(len(self._entries))
            self._entries.append(cast("Mapping[str, object]", value))
        elif path == "resources" and value is not None:
            raise foreign.foreign("it holds no list under resources", "")
        elif isinstance(value, str):
            self._said[path] = value

    def made(self) -> Input:
        """The resources of the list."""
        stack, project = self._said.get("stack", ""), self._said.get("project", "")
        found = resources(self._entries, environment=self._said.get("environment", "") or stack)
        judged = tuple(one for one in found if not one.type.startswith("pulumi:"))
        skipped = {"references": len(found) - len(judged)} if len(found) > len(judged) else {}
        stacks = (stack,) if stack else ()
        return Input(format=Format.LIST, resources=judged, skipped=skipped, project=project, stacks=stacks)


def resources(entries: Sequence[Mapping[str, object]], *, environment: str = "") -> list[Resource]:
    """The resources of a plain list, in its order. ``environment`` is theirs where no tag of their own says one.

    Raises DataError for an entry without a type and for two that cannot be told apart, with their numbers.
    """
    urns = [_urn(one, position) for position, one in enumerate(entries)]
    _refuse_twins(urns)
    by_name = {_name(one, urn): urn for one, urn in zip(entries, urns, strict=True)}
    return [
        _resource(one, position, urn, by_name, environment)
        for position, (one, urn) in enumerate(zip(entries, urns, strict=True))
    ]


def _resource(
    entry: Mapping[str, object], position: int, urn: str, urns: Mapping[str, str], environment: str
) -> Resource:
    token = entry.get("type")
    given: object = entry.get("properties", entry.get("inputs"))
    if given is None:
        given = cast("object", {})
    if not isinstance(token, str) or not token or not isinstance(given, Mapping):
        raise _no_resource(position)

    def convert() -> dict[str, object]:
        plain = converted(cast("Mapping[str, object]", given), urn_of=lambda name: urns.get(name, ""))
        return cast("dict[str, object]", plain) if isinstance(plain, dict) else {}

    properties = not_too_deep(convert, urn)
    return Resource(
        urn=urn,
        type=normalised(token),
        token=token,
        name=_name(entry, urn),
        properties=properties,
        id=_text(entry, "id"),
        stack=_text(entry, "stack"),
        environment=environment_of(properties, _text(entry, "environment") or environment),
        protect=entry.get("protect") is True,
        cause=str(entry.get("cause", "")),
        where=str(entry.get("where", "")),
    )


def _refuse_twins(urns: Sequence[str]) -> None:
    first: dict[str, int] = {}
    for position, urn in enumerate(urns):
        if urn in first:
            raise DataError(
                f"entries {first[urn] + 1} and {position + 1} of the list have the same type and name",
                where=urn,
                hint="Give each a name of its own, or a urn.",
            )
        first[urn] = position


def _no_resource(position: int) -> DataError:
    return DataError(
        f"entry {position + 1} of the list is no resource",
        hint='Each is {"type": …, "name": …, "properties": {…}}.',
    )


def _name(entry: Mapping[str, object], urn: str) -> str:
    return _text(entry, "name") or urn_parts(urn)[4]


def _text(entry: Mapping[str, object], key: str) -> str:
    found = entry.get(key)
    return "" if found is None else str(found)


def _urn(entry: Mapping[str, object], position: int) -> str:
    return _text(entry, "urn") or f"{_text(entry, 'type')}::{_text(entry, 'name') or position}"
