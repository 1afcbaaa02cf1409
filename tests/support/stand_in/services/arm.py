"""Azure's published types held against the body of a request, strictly: nothing unknown, nothing read-only missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from ..azure_description import described_body, of
from .http import Answer, RefusedError

_REQUIRED, _READ_ONLY = 1, 2
_FRACTIONS = frozenset({"samplingRate", "value"})
"""Numbers that the types call integers, as they have no word for others."""
_ANY_CASE = frozenset({"dataCollectionMode", "metric"})
"""Choices that Azure's own SDK writes in other letters: it is no matter to Azure whether they are large or small."""
_Type = dict[str, Any]


def faults(kind: str, body: Mapping[str, Any]) -> list[str]:
    """What the description of an ARM type does not take of a body; nothing where it is not at hand."""
    found = described_body(kind)
    if found is None:
        return []
    types, described = found
    return [*_object(types, described, body, "")]


def _object(types: list[_Type], described: _Type, value: Mapping[str, Any], path: str) -> Iterator[str]:
    known: dict[str, _Type] = {**described.get("properties", {}), **described.get("baseProperties", {})}
    if described["$type"] == "DiscriminatedObjectType":
        chosen = described["elements"].get(str(value.get(described["discriminator"])))
        if chosen is None:
            yield f"{path}.{described['discriminator']} names none of {', '.join(described['elements'])}"
            return
        known |= of(types, chosen)["properties"]
    for name, item in value.items():
        where = f"{path}.{name}".removeprefix(".")
        if name in known:
            yield from _value(types, of(types, known[name]["type"]), item, where)
        elif "additionalProperties" in described:
            yield from _value(types, of(types, described["additionalProperties"]), item, where)
        else:
            yield f"unknown property {where}"
    for name, one in known.items():
        # The name of a resource stands in its address.
        needed = one["flags"] & _REQUIRED and not one["flags"] & _READ_ONLY and name not in ("name", *value)
        if needed:
            yield f"property {f'{path}.{name}'.removeprefix('.')} is missing"


def _value(types: list[_Type], described: _Type, value: Any, path: str) -> Iterator[str]:
    if value is None:
        return
    kind = described["$type"]
    if kind in ("ObjectType", "DiscriminatedObjectType"):
        if isinstance(value, Mapping):
            yield from _object(types, described, cast("Mapping[str, Any]", value), path)
        else:
            yield f"{path} is not an object"
    elif kind == "ArrayType":
        for position, item in enumerate(cast("list[Any]", value)):
            yield from _value(types, of(types, described["itemType"]), item, f"{path}[{position}]")
    elif kind == "UnionType":
        members = [of(types, one) for one in described["elements"]]
        literals = [str(one["value"]) for one in members if one["$type"] == "StringLiteralType"]
        any_case = _last(path) in _ANY_CASE and str(value).lower() in [one.lower() for one in literals]
        if literals and value not in literals and not any_case:
            yield f"{path}: {value!r} is not one of {', '.join(literals)}"
    elif not (_fits(kind, value) or (_last(path) in _FRACTIONS and isinstance(value, float))):
        yield f"{path}: {value!r} is not of {kind}"


def _last(path: str) -> str:
    return path.rpartition(".")[2]


def _fits(kind: str, value: Any) -> bool:
    expected: dict[str, type] = {"StringType": str, "IntegerType": int, "BooleanType": bool}
    return isinstance(value, expected.get(kind, object)) and not (kind == "IntegerType" and isinstance(value, bool))


def refused(status: int, code: str, message: str) -> RefusedError:
    """The answer with which ARM refuses."""
    return RefusedError(Answer(status=status, body={"error": {"code": code, "message": message}}))
