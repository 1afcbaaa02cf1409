"""What ``groundplan plan --out`` saves and ``groundplan plan --format json`` prints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import cast

from ...core.errors import DataError
from ..resource import Resource
from ..tokens import normalised
from ..values import SECRET, Unknown
from .input import Format, Input, mapping_of, not_too_deep, skipped_kind, text_of
from .values import DEEPEST, TooDeepError

NEWEST = 1
"""The newest form of a saved plan that is understood."""

_UNKNOWN, _SECRET = "$unknown", "$secret"


class SavedPlan:
    """The plans of one or several stacks; a stack's name is the environment of all that is in it."""

    def __init__(self) -> None:
        self._resources: list[Resource] = []
        self._skipped: Counter[str] = Counter()
        self._project = ""
        self._stacks: list[str] = []

    def take(self, path: str, value: object) -> None:
        """Take a stack, or what is said of all. Raises DataError for a newer form."""
        key = path.removeprefix("data.")
        if key == "format" and isinstance(value, int) and value > NEWEST:
            raise DataError(
                f"the plan was saved by a newer groundplan (format {value})",
                hint="Install that version or a newer one, or save the plan again with this one.",
            )
        if key == "project" and isinstance(value, str):
            self._project = value
        elif key == "stacks[]":
            self._add(value)

    def _add(self, stack: object) -> None:
        if not isinstance(stack, Mapping):
            raise _foreign()
        found = cast("Mapping[str, object]", stack)
        name, entries = text_of(found, "stack"), found.get("resources")
        if not name or not isinstance(entries, list):
            raise _foreign()
        self._stacks.append(name)
        for one in cast("list[object]", entries):
            self._add_resource(one, name)

    def _add_resource(self, entry: object, stack: str) -> None:
        if not isinstance(entry, Mapping):
            raise _foreign()
        found = cast("Mapping[str, object]", entry)
        urn, token = text_of(found, "urn"), text_of(found, "type")
        if not urn or not token:
            raise _foreign()
        kind = skipped_kind(token, custom=found.get("component") is not True, external=False)
        if kind:
            self._skipped[kind] += 1
            return
        properties = not_too_deep(lambda: _decoded_mapping(mapping_of(found, "properties"), DEEPEST), urn)
        self._resources.append(
            Resource(
                urn=urn,
                type=normalised(token),
                token=token,
                name=text_of(found, "name"),
                properties=properties,
                stack=stack,
                environment=stack,
                parent=text_of(found, "parent"),
                protect=found.get("protect") is True,
                cause=text_of(found, "cause"),
                where=text_of(found, "where"),
            )
        )

    def made(self) -> Input:
        """The resources of all stacks."""
        return Input(
            format=Format.PLAN,
            resources=tuple(self._resources),
            skipped=dict(sorted(self._skipped.items())),
            project=self._project,
            stacks=tuple(self._stacks),
        )


def _each(value: object) -> Iterable[object]:
    return cast("list[object]", value) if isinstance(value, list) else ()


def _decoded(value: object, levels: int) -> object:
    if not levels:
        raise TooDeepError
    if isinstance(value, Mapping):
        found = cast("Mapping[str, object]", value)
        if _UNKNOWN in found:
            return Unknown(of=tuple(str(urn) for urn in _each(found[_UNKNOWN])))
        return SECRET if _SECRET in found else _decoded_mapping(found, levels - 1)
    if isinstance(value, list):
        return [_decoded(one, levels - 1) for one in cast("list[object]", value)]
    return value


def _decoded_mapping(value: Mapping[str, object], levels: int) -> dict[str, object]:
    """A key that begins with a dollar sign has one more in the file."""
    return {key.removeprefix("$"): _decoded(one, levels) for key, one in value.items() if one is not None}


def _foreign() -> DataError:
    return DataError(
        "the plan is not what groundplan plan --out writes", hint="groundplan plan --out plan.json saves one."
    )
