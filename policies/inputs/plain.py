"""Plain lists of ``{type, name, properties}``: for examples, tests, and whoever has no Pulumi project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from ...core.errors import DataError
from ..resource import Resource
from ..types import normalised
from .environment import environment_of
from .values import converted


def resources(entries: Sequence[Mapping[str, object]], *, environment: str = "") -> list[Resource]:
    """The resources of a plain list, in its order. ``environment`` is theirs where no tag of their own says one.

    Raises DataError for an entry without a type, with its number.
    """
    urns = {str(one.get("name", "")): _urn(one, position) for position, one in enumerate(entries)}
    return [_resource(one, position, urns, environment) for position, one in enumerate(entries)]


def _resource(entry: Mapping[str, object], position: int, urns: Mapping[str, str], environment: str) -> Resource:
    token = entry.get("type")
    given = entry.get("properties", entry.get("inputs", {}))
    if not isinstance(token, str) or not isinstance(given, Mapping):
        raise DataError(
            f"entry {position + 1} of the list is no resource",
            hint='Each is {"type": …, "name": …, "properties": {…}}.',
        )
    plain = converted(cast("Mapping[str, object]", given), urn_of=lambda name: urns.get(name, ""))
    properties = cast("Mapping[str, object]", plain)
    return Resource(
        urn=_urn(entry, position),
        type=normalised(token),
        token=token,
        name=str(entry.get("name", "")),
        properties=properties,
        id=str(entry.get("id", "")),
        stack=str(entry.get("stack", "")),
        environment=environment_of(properties, str(entry.get("environment", "")) or environment),
        protect=entry.get("protect") is True,
    )


def _urn(entry: Mapping[str, object], position: int) -> str:
    return str(entry.get("urn") or f"{entry.get('type', '')}::{entry.get('name', position)}")
