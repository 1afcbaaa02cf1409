"""Google's discovery documents: which methods a service has, and whether a request or an answer is one of them."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from googleapiclient import discovery_cache  # pyright: ignore[reportMissingTypeStubs] it has none

_Schema = Mapping[str, Any]
_GLOBAL = frozenset({"$alt", "projection"})
"""What Google's clients send beside the parameters that are described: the form of enums; of a job all that it has."""


@dataclass(frozen=True, kw_only=True)
class Method:
    """One method of the service: its id, the form of its path, the schemas of what it takes and answers."""

    id: str
    http: str
    pattern: re.Pattern[str]
    queries: frozenset[str]
    takes: str
    answers: str


class Described:
    """A service as its document describes it."""

    def __init__(self, service: str, version: str) -> None:
        text = cast("Any", discovery_cache).get_static_doc(service, version)
        assert text is not None, f"no discovery document of {service} {version}"
        document = json.loads(text)
        self._schemas: Mapping[str, _Schema] = document["schemas"]
        self._global = frozenset(document["parameters"]) | _GLOBAL
        self._methods = [*_methods(document, document["servicePath"])]

    def method(self, http: str, path: str) -> Method | None:
        """The method of a request."""
        return next((one for one in self._methods if one.http == http and one.pattern.fullmatch(path)), None)

    def faults(self, method: Method, query: Mapping[str, str], body: Any) -> list[str]:
        """What the description does not know of a request."""
        strange = sorted(set(query) - method.queries - self._global)
        found = [f"Invalid query parameter: {name}" for name in strange]
        if method.takes:
            found += self._check({"$ref": method.takes}, {} if body is None else body, "body")
        elif body is not None:
            found.append("the method takes no body")
        return found

    def answer_faults(self, method: Method, body: Any) -> list[str]:
        """What the description does not know of an answer."""
        return [*self._check({"$ref": method.answers}, body, "answer")]

    def _check(self, schema: _Schema, value: Any, path: str) -> Iterator[str]:
        if "$ref" in schema:
            yield from self._check(self._schemas[schema["$ref"]], value, path)
        elif schema.get("type") == "object":
            yield from self._object(schema, value, path)
        elif schema.get("type") == "array":
            if not isinstance(value, list):
                yield f"{path} is not a list"
                return
            for position, item in enumerate(cast("list[Any]", value)):
                yield from self._check(schema["items"], item, f"{path}[{position}]")
        elif not _fits(schema, value):
            yield f"{path}: {value!r} is not of {schema.get('format') or schema.get('type')}"

    def _object(self, schema: _Schema, value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, Mapping):
            yield f"{path} is not an object"
            return
        known: Mapping[str, _Schema] = schema.get("properties", {})
        rest: _Schema | None = schema.get("additionalProperties")
        for name, item in cast("Mapping[str, Any]", value).items():
            inner = known.get(name) or rest
            if inner is None:
                yield f'Unknown name "{name}" at {path}'
            else:
                yield from self._check(inner, item, f"{path}.{name}")


def _fits(schema: _Schema, value: Any) -> bool:
    """Numbers of 64 bits travel as text, and those that are none; enums also as numbers, as the clients ask for it."""
    kind = schema.get("type", "any")
    number = isinstance(value, int) and not isinstance(value, bool)
    if kind == "string":
        in_enum = "enum" not in schema or value in schema["enum"]
        return (isinstance(value, str) and in_enum) or ("enum" in schema and number)
    fits = {
        "integer": number,
        "number": number or isinstance(value, float) or value == "NaN",
        "boolean": isinstance(value, bool),
    }
    return fits.get(kind, True)


def _methods(part: Mapping[str, Any], service: str) -> Iterator[Method]:
    for one in part.get("methods", {}).values():
        parameters: Mapping[str, Any] = one.get("parameters", {})
        yield Method(
            id=one["id"],
            http=one["httpMethod"],
            pattern=re.compile(f"/{service}" + re.sub(r"\{[^}]+\}", "[^/:]+", one.get("flatPath") or one["path"])),
            queries=frozenset(name for name, details in parameters.items() if details["location"] == "query"),
            takes=one.get("request", {}).get("$ref", ""),
            answers=one.get("response", {}).get("$ref", ""),
        )
    for inner in part.get("resources", {}).values():
        yield from _methods(inner, service)


@functools.cache
def described(service: str, version: str) -> Described:
    """The description of a service, read once."""
    return Described(service, version)


def found(documents: Sequence[tuple[str, str]], http: str, path: str) -> tuple[Described | None, Method | None]:
    """The method of a request, of the first of these services that has it."""
    for one in documents:
        # To read a document takes a while: only of the version that the path names.
        if f"/{one[1]}/" in path:
            method = described(*one).method(http, path)
            if method is not None:
                return described(*one), method
    return None, None
