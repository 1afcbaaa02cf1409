"""Reads a file of resources: what it is is told by its content."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import cast

from ...core.errors import DataError
from . import foreign, yaml_text
from .events import Events
from .input import Input, Source
from .json_text import JsonText
from .opening import STANDARD_INPUT, opened
from .plain import PlainList
from .preview import Preview
from .saved_plan import SavedPlan
from .state import State

_SOURCES: Mapping[str, Callable[[], Source]] = {
    "checkpoint": State,
    "data.stacks": SavedPlan,
    "deployment": State,
    "diagnosticEvent": Events,
    "preludeEvent": Events,
    "resourcePreEvent": Events,
    "resources": PlainList,
    "stacks": SavedPlan,
    "steps": Preview,
    "summaryEvent": Events,
}
"""By a path that is in no other kind of file."""

_OPENED = frozenset({"", "checkpoint", "checkpoint.latest", "data", "deployment"})
_LISTED = frozenset(
    {"", "checkpoint.latest.resources", "data.stacks", "deployment.resources", "resources", "stacks", "steps"}
)


def read(path: str) -> Input:
    """The resources of a file, or of standard input for ``-``.

    Raises NotFoundError, UsageError for what is no file, and DataError for what holds nothing to check.
    """
    name = "standard input" if path == STANDARD_INPUT else path
    with opened(path) as stream:
        text = JsonText(stream, name)
        first = text.peek()
        if not first:
            raise DataError("the file is empty", where=name, hint=foreign.KNOWN)
        parts = _documents(text, name) if first in "{[" else _yaml(text, name)
        try:
            return _gathered(parts, name)
        except DataError as error:
            raise _placed(error, name) from error.__cause__


def _gathered(parts: Iterator[tuple[str, object]], name: str) -> Input:
    source: Source | None = None
    early: list[tuple[str, object]] = []
    for path, value in parts:
        if source is None and path in _SOURCES:
            source = _SOURCES[path]()
            for part in early:
                source.take(*part)
        if source is None:
            early.append((path, value))
        else:
            source.take(path, value)
    if source is None:
        raise foreign.unknown((path for path, _ in early if path), name)
    return source.made()


def _documents(text: JsonText, name: str) -> Iterator[tuple[str, object]]:
    """The parts of every JSON document of a text: a stream of events has one a line."""
    while text.peek():
        yield from _parts(text, "", name)


def _parts(text: JsonText, path: str, name: str) -> Iterator[tuple[str, object]]:
    """Paths and values; a list of resources or the like in its elements, each under its path and ``[]``."""
    first = text.peek()
    if first == "{" and path in _OPENED:
        yield path, None
        for key in text.keys():  # noqa: SIM118 no mapping
            if not path:
                foreign.refuse_key(key, name)
            yield from _parts(text, f"{path}.{key}" if path else key, name)
    elif first == "[" and path in _LISTED:
        yield from _listed(path or "resources", text.elements())
    else:
        yield path, text.value()


def _yaml(text: JsonText, name: str) -> Iterator[tuple[str, object]]:
    written = text.rest(yaml_text.LARGEST)
    found = yaml_text.parsed(written, name)
    if isinstance(found, list):
        yield from _listed("resources", cast("list[object]", found))
        return
    if not isinstance(found, Mapping):
        foreign.refuse_text(written, name)
        raise foreign.foreign("it is neither JSON nor a YAML list", name)
    for key, value in cast("Mapping[str, object]", found).items():
        foreign.refuse_key(key, name)
        if key in _LISTED and isinstance(value, list):
            yield from _listed(key, cast("list[object]", value))
        else:
            yield key, value


def _listed(path: str, elements: Iterable[object]) -> Iterator[tuple[str, object]]:
    yield path, None
    for element in elements:
        yield f"{path}[]", element


def _placed(error: DataError, name: str) -> DataError:
    """The error with the file in its place, beside the resource that it may name already."""
    if error.where.startswith(name):
        return error
    where = f"{name}: {error.where}" if error.where else name
    return DataError(error.message, where=where, hint=error.hint)
