"""Google's published provider schema, where its folder is present: enums, lengths, exclusive properties."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from .azure_description import SPECS
from .checking import UNKNOWN, Refusal

_Schema = Mapping[str, Mapping[str, Any]]
_INTEGER_NAMES = re.compile(r"_(.)")
_VALIDATED = {
    "verify.ValidateGCEName": r"^(?:[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?)$",
    "validateDatasetId": r"^[0-9A-Za-z_]{1,1024}$",
    "ValidateWorkloadIdentityPoolId": r"^(?!gcp-)[0-9a-z-]{4,32}$",
    "ValidateWorkloadIdentityPoolProviderId": r"^(?!gcp-)[0-9a-z-]{4,32}$",
    "verify.ValidateIAMCustomRoleID": r"^[a-zA-Z0-9_.]{3,64}$",
    "verify.ValidateRFC1035Name(6, 30)": r"^[a-z](?:[-a-z0-9]{4,28}[a-z0-9])$",
    "verify.OrEmpty(validateKmsCryptoKeyRotationPeriod)": r"^\d+(?:\.\d+)?s$",
    "validation.StringIsNotEmpty": r".",
}


@functools.cache
def _schemas() -> Mapping[str, _Schema]:
    """Pulumi's type token → the schema of the Terraform resource that it bridges."""
    if not (SPECS / "tf_google_schema.json").exists():
        return {}
    schemas = json.loads((SPECS / "tf_google_schema.json").read_text(encoding="utf-8"))
    tokens = json.loads((SPECS / "gcp_tf_to_pulumi_tokens.json").read_text(encoding="utf-8"))
    return {tokens[name]: _of_pulumi(schema) for name, schema in schemas.items() if name in tokens}


def _of_pulumi(schema: Mapping[str, Any]) -> _Schema:
    """The schema with Pulumi's property names; nested objects below ``elem``."""
    renamed: dict[str, Mapping[str, Any]] = {}
    for name, described in schema.items():
        if isinstance(described, Mapping):
            one = dict(cast("Mapping[str, Any]", described))
            if isinstance(one.get("elem"), Mapping):
                one["elem"] = _of_pulumi(one["elem"])
            renamed[_camel(name)] = one
    return renamed


def _camel(name: str) -> str:
    return _INTEGER_NAMES.sub(lambda found: found[1].upper(), name)


def _described(schema: _Schema, name: str) -> Mapping[str, Any] | None:
    """Pulumi calls a list by its plural."""
    singular = [name, name.removesuffix("s"), name.removesuffix("es"), re.sub(r"ies$", "y", name)]
    return next((schema[one] for one in singular if one in schema), None)


def forces(token: str) -> frozenset[str]:
    """The property paths whose change replaces the resource; lists of one object stand as the object."""
    return frozenset(_forcing(_schemas().get(token, {}), ""))


def _forcing(schema: _Schema, prefix: str) -> Iterator[str]:
    for name, described in schema.items():
        if described.get("forceNew"):
            yield prefix + name
        elif isinstance(described.get("elem"), Mapping) and described.get("maxItems") == 1:
            yield from _forcing(described["elem"], f"{prefix}{name}.")


def refuse(inputs: Mapping[str, Any], *, token: str) -> list[Refusal]:
    """What the provider's schema says against these inputs."""
    schema = _schemas().get(token)
    return [*_object(inputs, schema, "", top=True)] if schema else []


def _object(value: Mapping[str, Any], schema: _Schema, path: str, *, top: bool = False) -> Iterator[Refusal]:
    given = {name for name, item in value.items() if item is not None}
    for name in sorted(given):
        described = _described(schema, name)
        if described is None:
            continue
        where = f"{path}.{name}" if path else name
        if described.get("computed") and not described.get("optional"):
            yield Refusal(path=where, reason="read-only property")
        yield from _value(value[name], described, where)
        if top:
            yield from _exclusive(name, described, given)
    if top:
        yield from _one_of(schema, given)


def _exclusive(name: str, described: Mapping[str, Any], given: set[str]) -> Iterator[Refusal]:
    for other in cast("list[str]", described.get("conflictsWith", [])):
        if "." not in other and _camel(other) in given:
            yield Refusal(path=name, reason=f"conflicts with {_camel(other)}")


def _one_of(schema: _Schema, given: set[str]) -> Iterator[Refusal]:
    groups = {tuple(map(_camel, one["exactlyOneOf"])) for one in schema.values() if one.get("exactlyOneOf")}
    for group in sorted(groups):
        if not any("." in one for one in group) and len(given & set(group)) != 1:
            yield Refusal(path=group[0], reason=f"exactly one of {', '.join(group)} must be given")


def _value(value: Any, described: Mapping[str, Any], path: str) -> Iterator[Refusal]:
    if value == UNKNOWN:
        return
    elem = described.get("elem")
    if isinstance(value, list):
        items = cast("list[Any]", value)
        low, high = described.get("minItems", 0), described.get("maxItems", float("inf"))
        if not low <= len(items) <= high:
            yield Refusal(path=path, reason=f"{len(items)} entries, allowed are {low} to {high}")
        for position, item in enumerate(items):
            if isinstance(item, Mapping) and isinstance(elem, Mapping):
                yield from _object(cast("Mapping[str, Any]", item), cast("_Schema", elem), f"{path}[{position}]")
            elif described.get("elemEnum") and item not in described["elemEnum"]:
                yield Refusal(path=path, reason=f"{item!r} is not one of {', '.join(described['elemEnum'])}")
    elif isinstance(value, Mapping) and isinstance(elem, Mapping) and described.get("type") != "Map":
        yield from _object(cast("Mapping[str, Any]", value), cast("_Schema", elem), path)
    else:
        yield from _plain(value, described, path)


def _plain(value: Any, described: Mapping[str, Any], path: str) -> Iterator[Refusal]:
    enum = described.get("enum")
    if enum and value not in enum:
        yield Refusal(path=path, reason=f"{value!r} is not one of {', '.join(map(str, enum))}")
    if isinstance(value, str):
        low, high = described.get("minLength", 0), described.get("maxLength", float("inf"))
        if not low <= len(value) <= high:
            yield Refusal(path=path, reason=f"{value!r} has {len(value)} characters, allowed are {low} to {high}")
        yield from _validated(value, str(described.get("validate", "")), path)
    elif isinstance(value, int | float):
        low, high = described.get("min", float("-inf")), described.get("max", float("inf"))
        if not float(low) <= value <= float(high):
            yield Refusal(path=path, reason=f"{value} is not between {low} and {high}")


def _validated(value: str, rule: str, path: str) -> Iterator[Refusal]:
    if rule == "validation.StringIsJSON":
        try:
            json.loads(value)
        except ValueError:
            yield Refusal(path=path, reason="not JSON")
    pattern = _VALIDATED.get(rule)
    if pattern and not re.search(pattern, value):
        yield Refusal(path=path, reason=f"{value!r} does not match {pattern}")
