"""Writes answers as data: one literal per file type, whatever characters an answer holds."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import cast

from ...core.markdown import escaped
from ...core.quoting import quoted

Value = str | int | float | bool | None

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_/-]*(\.[A-Za-z0-9_/-]+)*")
_WORDS_WITH_MEANING = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n", "inf", "nan"})


def yaml(value: object) -> str:
    """A value as a YAML scalar, or a sequence of them on one line."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(yaml(item) for item in cast('list[object]', value))}]"
    if isinstance(value, str):
        plain = _PLAIN.fullmatch(value) and value.lower() not in _WORDS_WITH_MEANING
        return value if plain else quoted(value)
    return json.dumps(value)


def python(value: object) -> str:
    """A value as a Python literal."""
    return quoted(value) if isinstance(value, str) else repr(value)


def markdown(value: object) -> str:
    """A value as one line of Markdown text in which no character has a meaning of its own."""
    return escaped(str(value))


def toml(value: object) -> str:
    """A value as a TOML literal."""
    return quoted(value) if isinstance(value, str) else json.dumps(value)


def as_json(value: object) -> str:
    """A value as JSON."""
    return json.dumps(value, ensure_ascii=True)


def comment(value: object) -> str:
    """A value as the rest of a comment: one line, nothing invisible."""
    return quoted(value)[1:-1].replace('\\"', '"') if isinstance(value, str) else str(value)


FILTERS: dict[str, Callable[[object], str]] = {
    "comment": comment,
    "json": as_json,
    "markdown": markdown,
    "python": python,
    "toml": toml,
    "yaml": yaml,
}
"""The filters of templates, by file type."""
