"""Writes JSON piece by piece, so that a long list costs neither a text of its length nor a slow encoder."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import cast

LONG = 100
"""A list with more entries has one on each line; so has whatever comes one by one."""

_LINE = json.JSONEncoder(ensure_ascii=False, default=str)
"""Without indentation the encoder is the standard library's fast one."""


def pieces(value: object, indent: str = "") -> Iterator[str]:
    """The text of a value, indented by two spaces a level."""
    if isinstance(value, Mapping) and value:
        yield from _mapping(cast("Mapping[object, object]", value), indent)
    elif isinstance(value, (list, tuple)) and value:
        entries = cast("Sequence[object]", value)
        yield from _lines(entries, indent) if len(entries) > LONG else _list(entries, indent)
    elif isinstance(value, Iterator):
        yield from _lines(cast("Iterator[object]", value), indent)
    else:
        yield _LINE.encode(value)


def _mapping(value: Mapping[object, object], indent: str) -> Iterator[str]:
    inner = f"{indent}  "
    for position, (key, one) in enumerate(value.items()):
        yield f"{',' if position else '{'}\n{inner}{_LINE.encode(str(key))}: "
        yield from pieces(one, inner)
    yield f"\n{indent}}}"


def _list(value: Sequence[object], indent: str) -> Iterator[str]:
    inner = f"{indent}  "
    for position, one in enumerate(value):
        yield f"{',' if position else '['}\n{inner}"
        yield from pieces(one, inner)
    yield f"\n{indent}]"


def _lines(value: Iterable[object], indent: str) -> Iterator[str]:
    start = "["
    for one in value:
        yield f"{start}\n{indent}  {_LINE.encode(one)}"
        start = ","
    yield "[]" if start == "[" else f"\n{indent}]"
