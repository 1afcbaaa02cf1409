"""Azure's published types, where the folder that holds them is present: lengths, patterns and ranges of properties."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from .checking import UNKNOWN, Refusal

SPECS = Path(__file__).parents[4] / "shared" / "specs"
_FILE = SPECS / "azure_types_slim.json"
_Type = dict[str, Any]
_RENAMED = {
    "networkRuleSet": "networkAcls",
    "enableHttpsTrafficOnly": "supportsHttpsTrafficOnly",
    "applicationType": "Application_Type",
}


@functools.cache
def _described() -> Mapping[str, tuple[list[_Type], _Type]]:
    """ARM type in small letters → the types of its file, its body."""
    if not _FILE.exists():
        return {}
    files = cast("dict[str, list[_Type]]", json.loads(_FILE.read_text(encoding="utf-8")))
    return {
        one["name"].partition("@")[0].lower(): (types, of(types, one["body"]))
        for types in files.values()
        for one in types
        if one["$type"] == "ResourceType"
    }


def kinds() -> frozenset[str]:
    """The ARM types that are described, in small letters."""
    return frozenset(_described())


def described_body(kind: str) -> tuple[list[_Type], _Type] | None:
    """The types of an ARM type's file and its body; None where nothing describes it."""
    return _described().get(kind.lower())


def of(types: list[_Type], reference: Mapping[str, str]) -> _Type:
    """The type that a reference names."""
    return types[int(reference["$ref"].rpartition("/")[2])]


def refuse(inputs: Mapping[str, Any], *, kind: str, own: str) -> list[Refusal]:
    """What the description of an ARM type says against these inputs; ``own`` is the input that holds its name."""
    found = _described().get(kind.lower())
    if found is None:
        return []
    types, body = found
    named = {"name": inputs[own]} if own in inputs else {}
    return [*_properties(types, body, {**inputs, **named}, "", flattened=True)]


def _properties(
    types: list[_Type], body: _Type, value: Mapping[str, Any], path: str, *, flattened: bool
) -> Iterator[Refusal]:
    known = _known(types, body, value)
    envelope = of(types, known["properties"]["type"]) if flattened and "properties" in known else None
    inner = _known(types, envelope, value) if envelope is not None else {}
    for name, item in value.items():
        described = known.get(_RENAMED.get(name, name)) or inner.get(_RENAMED.get(name, name))
        if described is not None and item != UNKNOWN:
            yield from _value(types, of(types, described["type"]), item, f"{path}.{name}" if path else name)


def _known(types: list[_Type], body: _Type, value: Mapping[str, Any]) -> dict[str, Any]:
    """The properties of an object, those of the variant that the value names too."""
    properties: dict[str, Any] = {**body.get("properties", {}), **body.get("baseProperties", {})}
    variants: dict[str, dict[str, str]] = body["elements"] if body["$type"] == "DiscriminatedObjectType" else {}
    chosen = variants.get(str(value.get(body.get("discriminator", ""))))
    return {**properties, **(of(types, chosen).get("properties", {}) if chosen else {})}


def _value(types: list[_Type], described: _Type, value: Any, path: str) -> Iterator[Refusal]:
    match described["$type"]:
        case "StringType" if isinstance(value, str):
            yield from _string(described, value, path)
        case "UnionType" if isinstance(value, str):
            members = [of(types, one) for one in described["elements"]]
            literals = [str(one["value"]) for one in members if one["$type"] == "StringLiteralType"]
            if literals and value not in literals:
                yield Refusal(path=path, reason=f"{value!r} is not one of {', '.join(literals)}")
        case "IntegerType" if isinstance(value, int | float):
            low, high = described.get("minValue", float("-inf")), described.get("maxValue", float("inf"))
            if not low <= value <= high:
                yield Refusal(path=path, reason=f"{value} is not between {low} and {high}")
        case "ArrayType" if isinstance(value, list):
            items = cast("list[Any]", value)
            for position, item in enumerate(items):
                yield from _value(types, of(types, described["itemType"]), item, f"{path}[{position}]")
        case "ObjectType" | "DiscriminatedObjectType" if isinstance(value, Mapping):
            yield from _properties(types, described, cast("Mapping[str, Any]", value), path, flattened=True)
        case _:
            return


def _string(described: _Type, value: str, path: str) -> Iterator[Refusal]:
    low, high = described.get("minLength", 0), described.get("maxLength", float("inf"))
    if not low <= len(value) <= high:
        yield Refusal(path=path, reason=f"{value!r} has {len(value)} characters, allowed are {low} to {high}")
    pattern = described.get("pattern")
    if pattern and value != UNKNOWN and not re.search(pattern, value):
        yield Refusal(path=path, reason=f"{value!r} does not match {pattern}")
