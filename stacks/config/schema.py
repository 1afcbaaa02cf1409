"""The JSON schema of groundplan.yaml, made from the types, with which editors complete and check it."""

from __future__ import annotations

from typing import Any, cast

from .config import SAME_EVERYWHERE, Config, EnvironmentSettings
from .section import NAME_PATTERN

FILE_NAME = ".groundplan.schema.json"
"""Where a project keeps its copy; the config then starts with ``# yaml-language-server: $schema=`` and this name."""

_SUFFIX = "Override"


def json_schema() -> dict[str, Any]:
    """The schema (draft 2020-12). Inside environments nothing is required: the rest comes from the top of the file."""
    top = _closed(Config.model_json_schema())
    own = _closed(EnvironmentSettings.model_json_schema())
    definitions: dict[str, Any] = {**top.pop("$defs"), **own.pop("$defs", {})}
    overrides = {f"{name}{_SUFFIX}": _override(one) for name, one in definitions.items()}
    properties = {name: _override(one) for name, one in top["properties"].items() if name not in SAME_EVERYWHERE}
    top["properties"]["environments"] = {
        "description": "The environments in the order in which a model passes them; each may override any other key.",
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": NAME_PATTERN, "maxLength": 40},
        "additionalProperties": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/Environment"}]},
    }
    environment = {
        "description": own.get("description", ""),
        "type": "object",
        "properties": {**properties, **_override(own["properties"])},
        "additionalProperties": False,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "groundplan.yaml",
        **{key: value for key, value in top.items() if key != "title"},
        "$defs": {**definitions, **overrides, "Environment": environment},
    }


def _closed(schema: Any) -> Any:
    """Mappings whose names have a pattern allow no other names."""
    if isinstance(schema, list):
        return [_closed(one) for one in cast("list[Any]", schema)]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in cast("dict[str, Any]", schema).items()}
    if "patternProperties" in closed:
        closed.setdefault("additionalProperties", False)
    return closed


def _override(schema: Any) -> Any:
    """The same without required keys, referring to definitions without them."""
    if isinstance(schema, list):
        return [_override(one) for one in cast("list[Any]", schema)]
    if not isinstance(schema, dict):
        return schema
    made: dict[str, Any] = {}
    for key, value in cast("dict[str, Any]", schema).items():
        if key == "$ref":
            made[key] = f"{value}{_SUFFIX}"
        elif key != "required" or not isinstance(value, list):
            made[key] = _override(value)
    return made
