"""Plans as JSON and back: what ``plan --format json`` prints, ``--out`` saves and ``--against`` reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, cast

from ...modules.contract.context import AfterUp
from ...modules.contract.planned import Grant, PlannedResource, QuotaNeed, Secret, Unknown
from .plan import Plan

UNKNOWN, PROPERTY, SECRET = "$unknown", "$property", "$secret"


def encoded(plan: Plan) -> dict[str, object]:
    """A plan as plain values; keys that do not apply to a resource are left out of it."""
    return {
        "stack": plan.stack,
        "resources": [_resource(one) for one in plan.resources],
        "outputs": value_encoded(plan.outputs),
        "steps": [asdict(step) for step in plan.steps],
        "grants": [asdict(grant) for grant in plan.grants],
        "quota": [{**asdict(need), "reasons": list(need.reasons)} for need in plan.quota],
        "unsupported": dict(plan.unsupported),
    }


def decoded(value: Mapping[str, Any], *, project: str, platform: str) -> Plan:
    """The plan that ``encoded`` made this of. Raises KeyError, TypeError or ValueError for anything else."""
    return Plan(
        project=project,
        stack=_text(value["stack"]),
        platform=platform,
        resources=tuple(_planned(one) for one in value["resources"]),
        outputs=cast("dict[str, object]", value_decoded(value["outputs"])),
        steps=tuple(AfterUp(**one) for one in value["steps"]),
        grants=tuple(Grant(**one) for one in value["grants"]),
        quota=tuple(_need(one) for one in value["quota"]),
        unsupported={_text(name): _text(reason) for name, reason in value["unsupported"].items()},
    )


def value_encoded(value: object) -> object:
    """A property: what is unknown or secret becomes an object whose one key begins with a dollar sign."""
    if isinstance(value, Unknown):
        return {UNKNOWN: list(value.of), **({PROPERTY: value.property} if value.property else {})}
    if isinstance(value, Secret):
        return {SECRET: value.digest}
    if isinstance(value, Mapping):
        entries = cast("Mapping[str, object]", value)
        return {f"${name}" if name.startswith("$") else name: value_encoded(entry) for name, entry in entries.items()}
    if isinstance(value, list | tuple):
        return [value_encoded(entry) for entry in cast("Sequence[object]", value)]
    return value


def value_decoded(value: object) -> object:
    """What ``value_encoded`` made this of."""
    if isinstance(value, Mapping):
        entries = cast("Mapping[str, Any]", value)
        if UNKNOWN in entries:
            of = tuple(_text(urn) for urn in entries[UNKNOWN])
            return Unknown(of=of, property=_text(entries.get(PROPERTY, "")))
        if SECRET in entries:
            return Secret(digest=_text(entries[SECRET]))
        return {name.removeprefix("$"): value_decoded(one) for name, one in entries.items()}
    if isinstance(value, list):
        return [value_decoded(entry) for entry in cast("list[object]", value)]
    return value


_FLAGS = ("component", "protect", "delete_before_replace", "retain_on_delete")
_TEXTS = ("parent", "provider", "cause", "where")
_LISTS = ("dependencies", "ignore_changes", "replace_on_changes")


def _resource(one: PlannedResource) -> dict[str, object]:
    found: dict[str, object] = {"urn": one.urn, "type": one.type, "name": one.name}
    found |= {key: getattr(one, key) for key in (*_TEXTS, *_FLAGS) if getattr(one, key)}
    if one.properties:
        found["properties"] = value_encoded(one.properties)
    found |= {key: list(getattr(one, key)) for key in _LISTS if getattr(one, key)}
    if one.property_dependencies:
        found["property_dependencies"] = {name: list(urns) for name, urns in one.property_dependencies.items()}
    return found


def _planned(value: Mapping[str, Any]) -> PlannedResource:
    flags = {key: bool(value.get(key, False)) for key in _FLAGS}
    texts = {key: _text(value.get(key, "")) for key in _TEXTS}
    lists = {key: tuple(_text(one) for one in value.get(key, ())) for key in _LISTS}
    by_property = cast("Mapping[str, Sequence[object]]", value.get("property_dependencies", {}))
    options: dict[str, Any] = {**flags, **texts, **lists}
    return PlannedResource(
        urn=_text(value["urn"]),
        type=_text(value["type"]),
        name=_text(value["name"]),
        properties=cast("dict[str, object]", value_decoded(value.get("properties", {}))),
        property_dependencies={name: tuple(map(_text, urns)) for name, urns in by_property.items()},
        **options,
    )


def _need(value: Mapping[str, Any]) -> QuotaNeed:
    options: dict[str, Any] = {**value, "reasons": tuple(value["reasons"])}
    return QuotaNeed(**options)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"text expected, not {type(value).__name__}")
    return value
