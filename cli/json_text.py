"""Writes JSON piece by piece, so that a long list costs neither a text of its length nor a slow encoder."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

LONG = 100
"""A list with more entries has one on each line; so has whatever comes one by one."""

_LINE = json.JSONEncoder(ensure_ascii=False, default=str)
"""Without indentation the encoder is the standard library's fast one."""


@dataclass(frozen=True)
class Lines:
    """A list whose entries are JSON texts already."""

    texts: Iterable[str]


def encoded(value: object) -> str:
    """A value on one line."""
    return _LINE.encode(value)


def pieces(value: object, indent: str = "") -> Iterator[str]:
    """The text of a value, indented by two spaces a level."""
    if isinstance(value, Mapping) and value:
        yield from _mapping(cast("Mapping[object, object]", value), indent)
    elif isinstance(value, (list, tuple)) and value:
        entries = cast("Sequence[object]", value)
        yield from _lines(map(encoded, entries), indent) if len(entries) > LONG else _list(entries, indent)
    elif isinstance(value, Iterator):
        yield from _lines(map(encoded, cast("Iterator[object]", value)), indent)
    elif isinstance(value, Lines):
        yield from _lines(value.texts, indent)
    else:
        yield encoded(cast("object", value))


def _mapping(value: Mapping[object, object], indent: str) -> Iterator[str]:
    inner = f"{indent}  "
    for position, (key, one) in enumerate(value.items()):
        yield f"{',' if position else '{'}\n{inner}{encoded(str(key))}: "
        yield from pieces(one, inner)
    yield f"\n{indent}}}"


def _list(value: Sequence[object], indent: str) -> Iterator[str]:
    inner = f"{indent}  "
    for position, one in enumerate(value):
        yield f"{',' if position else '['}\n{inner}"
        yield from pieces(one, inner)
    yield f"\n{indent}]"


def _lines(texts: Iterable[str], indent: str) -> Iterator[str]:
    start = "["
    for one in texts:
        yield f"{start}\n{indent}  {one}"
        start = ","
    yield "[]" if start == "[" else f"\n{indent}]"
