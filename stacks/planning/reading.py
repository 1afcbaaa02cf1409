"""Reads what pulumi sends to its engine: plain values, what is unknown and by what it will be determined, secrets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from pulumi.runtime import rpc

from ...modules.contract.planned import Unknown
from .observing import Path

# Pulumi's wire format: an object with this key is no object but what the key's value says.
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 it marks one
RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e"
UNKNOWN: str = rpc.UNKNOWN

Determined = Callable[[Path], Unknown]
"""By the path of an input: what will determine it."""


@dataclass(frozen=True, kw_only=True)
class Hidden:
    """A secret with its value, as the planner alone has it; nothing that is shown or saved holds one."""

    value: object = field(repr=False)


def mapping(struct: Any, determined: Determined, path: Path = ()) -> dict[str, object]:
    """A protobuf Struct as a mapping with sorted keys; entries without a value are left out."""
    found: dict[str, object] = {}
    for name in sorted(struct.fields):
        value = _value(struct.fields[name], determined, (*path, name))
        if value is not None:
            found[name] = value
    return found


def _value(value: Any, determined: Determined, path: Path) -> object:
    kind: str | None = value.WhichOneof("kind")
    if kind == "string_value":
        text: str = value.string_value
        return determined(path) if UNKNOWN in text else text
    if kind == "number_value":
        number: float = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "bool_value":
        return bool(value.bool_value)
    if kind == "list_value":
        return [_value(one, determined, (*path, position)) for position, one in enumerate(value.list_value.values)]
    if kind == "struct_value":
        return _structure(value.struct_value, determined, path)
    return None


def _structure(struct: Any, determined: Determined, path: Path) -> object:
    signature: str = struct.fields[SIGNATURE].string_value if SIGNATURE in struct.fields else ""
    if signature == SECRET:
        value = _value(struct.fields["value"], determined, path)
        return Hidden(value=value) if not isinstance(value, Unknown) else value
    if signature == RESOURCE:
        return str(struct.fields["urn"].string_value)
    return mapping(struct, determined, path)


def hidden_texts(value: object) -> Iterator[str]:
    """Every text within a ``Hidden`` at or below this value."""
    if isinstance(value, Hidden):
        yield from texts(value.value)
    else:
        for entry in _entries(value):
            yield from hidden_texts(entry)


def texts(value: object) -> Iterator[str]:
    """Every text at or below this value."""
    if isinstance(value, str):
        yield value
    for entry in _entries(value.value if isinstance(value, Hidden) else value):
        yield from texts(entry)


def _entries(value: object) -> Iterable[object]:
    if isinstance(value, Mapping):
        return cast("Mapping[str, object]", value).values()
    return cast("list[object]", value) if isinstance(value, list) else ()
