"""Holds inputs against the shape of their type: what the SDK's classes leave unchecked, the cloud would refuse."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from .shapes import Listing, Record, Scalar, Shape, Table, Variants

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What the engine sends in a preview for a value that is known only after ``up``."""

SIGNATURE = "4dabf18193072939515e22adb298388d"
"""The key that marks an asset, an archive, a secret or a reference among plain values."""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why the cloud would not take a property."""

    path: str
    reason: str


def check(inputs: Mapping[str, Any], record: Record, outputs: Mapping[str, Shape]) -> Iterator[Refusal]:
    """Every reason to refuse these inputs of a resource; ``outputs`` tell a read-only property from an unknown one."""
    yield from _record(inputs, record, path="", read_only=frozenset(outputs))


def _value(value: Any, shape: Shape, path: str) -> Iterator[Refusal]:
    if value is None or value == UNKNOWN or (isinstance(value, Mapping) and SIGNATURE in value):
        return
    match shape:
        case Scalar():
            yield from _scalar(value, shape, path)
        case Listing():
            yield from _listing(value, shape, path)
        case Table():
            yield from _table(value, shape, path)
        case Record():
            yield from _object(value, shape, path)
        case Variants():
            yield from _variants(value, shape, path)


def _scalar(value: Any, shape: Scalar, path: str) -> Iterator[Refusal]:
    if not _fits(value, shape):
        yield Refusal(path=path, reason=f"expected a value of type {shape.kind}, got {value!r}")
    elif shape.choices and str(_whole(value)) not in shape.choices:
        yield Refusal(path=path, reason=f"{value!r} is not one of {', '.join(shape.choices)}")


def _fits(value: Any, shape: Scalar) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return {
        "string": isinstance(value, str),
        "boolean": isinstance(value, bool),
        "number": number,
        "integer": number and float(value).is_integer(),
        "any": True,
    }[shape.kind]


def _whole(value: Any) -> Any:
    """Numbers arrive as floats."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _listing(value: Any, shape: Listing, path: str) -> Iterator[Refusal]:
    if not isinstance(value, list):
        yield Refusal(path=path, reason=f"expected a list, got {value!r}")
        return
    for position, item in enumerate(cast("list[Any]", value)):
        yield from _value(item, shape.of, f"{path}[{position}]")


def _table(value: Any, shape: Table, path: str) -> Iterator[Refusal]:
    if not isinstance(value, Mapping):
        yield Refusal(path=path, reason=f"expected a map, got {value!r}")
        return
    for key, item in cast("Mapping[str, Any]", value).items():
        yield from _value(item, shape.of, f"{path}.{key}")


def _object(value: Any, record: Record, path: str) -> Iterator[Refusal]:
    if not isinstance(value, Mapping):
        yield Refusal(path=path, reason=f"expected an object, got {value!r}")
        return
    yield from _record(cast("Mapping[str, Any]", value), record, path=path)


def _record(
    value: Mapping[str, Any], record: Record, *, path: str, read_only: frozenset[str] = frozenset()
) -> Iterator[Refusal]:
    given = {name for name, item in value.items() if item is not None and name != "__defaults"}
    for name in sorted(record.required - given):
        yield Refusal(path=_join(path, name), reason="missing required property")
    for name in sorted(given):
        if name in record.fields:
            yield from _value(value[name], record.fields[name], _join(path, name))
        elif name in read_only:
            yield Refusal(path=_join(path, name), reason="read-only property")
        else:
            near = difflib.get_close_matches(name, record.fields, n=1)
            yield Refusal(path=_join(path, name), reason="unknown property" + (f"; nearest: {near[0]}" if near else ""))
    for name, expected in record.constants.items():
        if value.get(name, expected) not in (expected, UNKNOWN):
            yield Refusal(path=_join(path, name), reason=f"{value[name]!r} is not {expected!r}")


def _variants(value: Any, shape: Variants, path: str) -> Iterator[Refusal]:
    """The variant that the value's constants name; for plain values any that takes it."""
    records = [one for one in shape.of if isinstance(one, Record)]
    if isinstance(value, Mapping) and records:
        named = [one for one in records if _is_variant(cast("Mapping[str, Any]", value), one)]
        if not named:
            known = sorted({f"{key}={one}" for record in records for key, one in record.constants.items()})
            yield Refusal(path=path, reason=f"none of the known kinds: {', '.join(known)}")
            return
        yield from min(([*_object(value, one, path)] for one in named), key=len)
        return
    yield from min(([*_value(value, one, path)] for one in shape.of), key=len)


def _is_variant(value: Mapping[str, Any], record: Record) -> bool:
    return all(value.get(name) in (expected, UNKNOWN) for name, expected in record.constants.items())


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
